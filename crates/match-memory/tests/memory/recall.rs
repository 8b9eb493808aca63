//! What is told of whom.

use facebook_conversions::{ExternalId, HashedValue, OneOrMany, UserData};
use match_memory::{Field, Fields, NotLearned, Options, PersonIds};

use crate::fixture::{
    DAY, Fixture, NOW, anonymous, both, fields, options, user, with_em, with_fbc, with_fbp,
};

const FBP: &str = "fb.1.1763000000000.77";

#[test]
fn a_webhook_gets_what_identify_and_a_page_view_said() {
    let fixture = Fixture::new();
    let week_ago = NOW - 7 * DAY;
    let derived = format!("fb.1.{week_ago}.AbC");
    fixture.learn(anonymous("a1"), week_ago, &with_fbc(&derived));
    fixture.learn(anonymous("a1"), week_ago, &with_fbp(FBP));
    fixture.learn(both("u1", "a1"), week_ago + 1, &with_em("jane"));
    let (purchase, recalled) = fixture.complete(user("u1"), NOW, UserData::default());
    assert_eq!(purchase.em, with_em("jane").em);
    assert_eq!(purchase.fbp.as_deref(), Some(FBP));
    assert_eq!(purchase.fbc.as_deref(), Some(&*derived));
    assert_eq!(
        recalled.remembered,
        fields(&[Field::Em, Field::Fbp, Field::Fbc])
    );
    let of_another = fixture.recall(user("u2"), NOW);
    assert!(of_another.em.is_empty() && of_another.fbp.is_none());
}

#[test]
fn fields_of_the_event_are_not_overwritten() {
    let fixture = Fixture::new();
    fixture.learn(user("u1"), NOW - DAY, &with_em("old"));
    let (purchase, recalled) = fixture.complete(user("u1"), NOW, with_em("new"));
    assert_eq!(purchase.em, with_em("new").em);
    assert_eq!(recalled.remembered, Fields::NONE);
}

#[test]
fn the_anonymous_events_of_a_device_with_one_user_are_that_users() {
    let fixture = Fixture::new();
    fixture.learn(both("u1", "a1"), NOW - DAY, &UserData::default());
    fixture.learn(user("u1"), NOW - DAY, &with_em("jane"));
    assert_eq!(fixture.recall(anonymous("a1"), NOW).em, with_em("jane").em);
}

#[test]
fn data_of_an_anonymous_id_is_found_by_the_user_it_is_linked_to_later() {
    let fixture = Fixture::new();
    fixture.learn(anonymous("a1"), NOW - DAY, &with_em("newsletter"));
    fixture.learn(both("u1", "a1"), NOW - 5, &UserData::default());
    assert_eq!(fixture.recall(user("u1"), NOW).em, with_em("newsletter").em);
}

#[test]
fn two_users_of_one_device_share_its_browser_and_nothing_else() {
    let fixture = Fixture::with(Options {
        remember: Fields::DEFAULT.union(Fields::CLIENT),
        ..options()
    });
    let device = UserData {
        client_ip_address: Some("203.0.113.7".into()),
        client_user_agent: Some("Browser".into()),
        ..with_fbp(FBP)
    };
    fixture.learn(
        anonymous("tablet"),
        NOW - 9 * DAY,
        &with_em("of the device"),
    );
    fixture.learn(anonymous("tablet"), NOW - 9 * DAY, &device);
    fixture.learn(
        anonymous("tablet"),
        NOW - 9 * DAY,
        &with_fbc("fb.1.1763111111111.Click"),
    );
    fixture.learn(both("anna", "tablet"), NOW - 3 * DAY, &with_em("anna"));
    fixture.learn(both("ben", "tablet"), NOW - 2 * DAY, &with_em("ben"));
    for (ids, em) in [
        (user("anna"), with_em("anna").em),
        (both("anna", "tablet"), with_em("anna").em),
        (user("ben"), with_em("ben").em),
        (both("ben", "tablet"), with_em("ben").em),
        (anonymous("tablet"), UserData::default().em),
        (both("carl", "tablet"), UserData::default().em),
    ] {
        let told = fixture.recall(ids, NOW);
        assert_eq!(told.em, em);
        assert_eq!(told.fbp.as_deref(), Some(FBP));
        assert_eq!(told.fbc.as_deref(), Some("fb.1.1763111111111.Click"));
        assert!(told.client_ip_address.is_none() && told.client_user_agent.is_none());
    }
}

#[test]
fn an_id_that_a_million_users_share_says_nothing() {
    let fixture = Fixture::new();
    for number in 0..50 {
        let user = format!("u{number}");
        fixture.learn(both(&user, "bot"), NOW - DAY, &with_fbp(FBP));
    }
    fixture.learn(anonymous("bot"), NOW, &with_em("bot"));
    let told = fixture.recall(anonymous("bot"), NOW);
    assert!(told.em.is_empty() && told.fbp.is_none());
    assert!(fixture.recall(both("another", "bot"), NOW).fbp.is_none());
    let own = fixture.recall(user("u7"), NOW);
    assert_eq!(
        own.fbp.as_deref(),
        Some(FBP),
        "it was in the user's own message"
    );
}

#[test]
fn placeholder_ids_are_ignored() {
    let fixture = Fixture::new();
    for id in [
        "undefined",
        "null",
        "00000000-0000-0000-0000-000000000000",
        "",
    ] {
        fixture.learn(both(id, id), NOW, &with_em("x"));
        assert!(fixture.recall(both(id, id), NOW).em.is_empty(), "{id:?}");
    }
    assert_eq!(fixture.memory.stats().ignored_ids, 8);
    assert_eq!(fixture.memory.stats().people, 0);
}

#[test]
fn an_alias_call_joins_an_earlier_id() {
    let alias = PersonIds {
        user: Some("u2"),
        anonymous: None,
        previous: Some("u1"),
        anonymous_external_id: None,
    };
    for earlier in [user("u1"), anonymous("u1")] {
        let fixture = Fixture::new();
        fixture.learn(earlier, NOW - DAY, &with_em("jane"));
        fixture.learn(alias, NOW - 5, &UserData::default());
        assert_eq!(fixture.recall(user("u2"), NOW).em, with_em("jane").em);
    }
    let fixture = Fixture::new();
    fixture.learn(alias, NOW - 5, &with_em("jane"));
    assert_eq!(fixture.recall(user("u1"), NOW).em, with_em("jane").em);
}

#[test]
fn the_latest_click_counts_that_is_not_after_the_event() {
    let fixture = Fixture::new();
    for (days, id) in [(100, "TooOld"), (40, "First"), (10, "Second"), (1, "Third")] {
        let time = NOW - days * DAY;
        let fbc = format!("fb.1.{time}.{id}");
        // The cookie comes with an event of today, and tells when the click was.
        let event_time = time.max(NOW - 89 * DAY) + 1000;
        fixture.learn(user("u1"), event_time, &with_fbc(&fbc));
    }
    let click_at = |days: u64| {
        let fbc = fixture.recall(user("u1"), NOW - days * DAY).fbc;
        fbc.map(|fbc| fbc.rsplit('.').next().unwrap_or_default().to_owned())
    };
    assert_eq!(click_at(0).as_deref(), Some("Third"));
    assert_eq!(click_at(5).as_deref(), Some("Second"));
    assert_eq!(click_at(20).as_deref(), Some("First"));
    assert_eq!(click_at(60).as_deref(), Some("TooOld"), "it was not, then");
    let later = fixture.recall(user("u1"), NOW + 120 * DAY).fbc;
    assert!(later.is_none(), "all are older than the time to live");
}

#[test]
fn a_derived_click_id_gets_the_time_at_which_it_was_first_seen() {
    let fixture = Fixture::new();
    let first = NOW - 3 * DAY;
    fixture.learn(
        anonymous("a1"),
        first,
        &with_fbc(&format!("fb.1.{first}.AbC")),
    );
    let derived = format!("fb.1.{NOW}.AbC");
    fixture.learn(anonymous("a1"), NOW, &with_fbc(&derived));
    let (event, recalled) = fixture.complete(anonymous("a1"), NOW, with_fbc(&derived));
    assert_eq!(event.fbc.as_deref(), Some(&*format!("fb.1.{first}.AbC")));
    assert!(recalled.is_fbc_dated && recalled.remembered.is_empty());
    let explicit = format!("fb.1.{}.AbC", first - 5000);
    let (event, recalled) = fixture.complete(anonymous("a1"), NOW, with_fbc(&explicit));
    assert_eq!(
        event.fbc.as_deref(),
        Some(&*explicit),
        "it is never altered"
    );
    assert!(!recalled.is_fbc_dated);
}

#[test]
fn messages_too_old_or_ahead_of_the_clock_teach_nothing() {
    let fixture = Fixture::new();
    let learn = |time| fixture.shop.person(&user("u1")).learn(time, &with_em("x"));
    assert_eq!(learn(NOW - 91 * DAY), Err(NotLearned::TooOld));
    assert_eq!(learn(0), Err(NotLearned::TooOld));
    assert_eq!(learn(NOW + DAY), Err(NotLearned::Ahead));
    assert_eq!(learn(u64::MAX), Err(NotLearned::Ahead));
    assert_eq!(learn(NOW + 3_000_000), Ok(()));
    assert_eq!(fixture.memory.stats().not_learned, 4);
}

#[test]
fn only_what_is_to_be_remembered_is() {
    let remember = fields(&[Field::Fbp]);
    let fixture = Fixture::with(Options {
        remember,
        ..options()
    });
    let all = UserData {
        fbp: Some(FBP.into()),
        fbc: Some("fb.1.1763111111111.Click".into()),
        client_ip_address: Some("203.0.113.7".into()),
        ..with_em("jane")
    };
    fixture.learn(user("u1"), NOW, &all);
    let (_, recalled) = fixture.complete(user("u1"), NOW, UserData::default());
    assert_eq!(recalled.remembered, remember);
}

#[test]
fn the_id_of_the_browser_joins_that_of_the_user() {
    let fixture = Fixture::new();
    let hash = |id: &str| HashedValue::hash(id).expect("a hash");
    let browser = ExternalId::Hashed(hash("a1"));
    let with_browser = |user| PersonIds {
        anonymous_external_id: Some(&browser),
        ..both(user, "a1")
    };
    let of_user = || UserData {
        external_id: OneOrMany::One(ExternalId::Hashed(hash("u1"))),
        ..UserData::default()
    };
    fixture.learn(with_browser("u1"), NOW - DAY, &of_user());
    let (purchase, recalled) = fixture.complete(user("u1"), NOW, of_user());
    let both_ids = [ExternalId::Hashed(hash("u1")), browser.clone()];
    assert!(purchase.external_id.as_slice() == both_ids);
    assert_eq!(recalled.remembered, fields(&[Field::ExternalId]));
    let (again, recalled) = fixture.complete(user("u1"), NOW, purchase);
    assert!(again.external_id.as_slice() == both_ids && recalled.remembered.is_empty());
    fixture.learn(with_browser("u2"), NOW, &UserData::default());
    let (purchase, _) = fixture.complete(user("u1"), NOW, of_user());
    assert!(purchase.external_id.as_slice() == [ExternalId::Hashed(hash("u1"))]);
}

#[test]
fn an_id_of_the_browser_in_clear_joins_the_ids_of_its_own_event_only() {
    let fixture = Fixture::new();
    let plain = |id: &'static str| ExternalId::Plain(id.into());
    let browser = plain("a1");
    let with_browser = |user| PersonIds {
        anonymous_external_id: Some(&browser),
        ..both(user, "a1")
    };
    let of = |user| UserData {
        external_id: OneOrMany::One(plain(user)),
        ..UserData::default()
    };
    fixture.learn(with_browser("u1"), NOW - DAY, &of("u1"));
    let (event, recalled) = fixture.complete(with_browser("u1"), NOW, of("u1"));
    assert!(event.external_id.as_slice() == [plain("u1"), plain("a1")]);
    assert_eq!(recalled.remembered, fields(&[Field::ExternalId]));
    let (webhook, _) = fixture.complete(user("u1"), NOW, of("u1"));
    assert!(
        webhook.external_id.as_slice() == [plain("u1")],
        "no id is kept in clear"
    );
    fixture.learn(with_browser("u2"), NOW, &of("u2"));
    let (shared, _) = fixture.complete(with_browser("u1"), NOW, of("u1"));
    assert!(
        shared.external_id.as_slice() == [plain("u1")],
        "the browser is another's too"
    );
}

#[test]
fn scopes_know_nothing_of_each_other() {
    let fixture = Fixture::new();
    let ids = user("u1");
    let shop = fixture.shop.person(&ids);
    shop.learn(NOW, &with_em("jane")).expect("learned");
    let mut event = UserData::default();
    let other = fixture.memory.scope("other");
    let other = other.person(&ids);
    assert!(other.recall(NOW, &mut event).remembered.is_empty());
    assert!(!shop.recall(NOW, &mut event).remembered.is_empty());
}
