//! Forgetting: by the process that has the memory, and by another.

use std::fs;

use facebook_conversions::UserData;
use match_memory::{ForgetError, ForgetTarget, forget};

use crate::fixture::{DAY, Fixture, NOW, anonymous, both, options, user, with_em, with_fbp};

fn filled() -> Fixture {
    let fixture = Fixture::new();
    fixture.learn(both("anna", "phone"), NOW - DAY, &with_em("anna"));
    fixture.learn(
        both("anna", "tablet"),
        NOW - DAY,
        &with_fbp("fb.1.1763000000000.1"),
    );
    fixture.learn(both("ben", "tablet"), NOW - DAY, &with_em("ben"));
    fixture.learn(
        anonymous("phone"),
        NOW - DAY,
        &with_fbp("fb.1.1763000000000.2"),
    );
    fixture
}

#[test]
fn a_user_goes_with_the_devices_that_are_the_users_alone() {
    let fixture = filled();
    assert_eq!(
        fixture
            .memory
            .forget(&ForgetTarget::User("anna"))
            .expect("forgotten"),
        2
    );
    let told = fixture.recall(user("anna"), NOW);
    assert!(told.em.is_empty() && told.fbp.is_none());
    assert!(fixture.recall(anonymous("phone"), NOW).fbp.is_none());
    assert!(!fixture.recall(user("ben"), NOW).em.is_empty());
    assert!(
        fixture.recall(anonymous("tablet"), NOW).fbp.is_some(),
        "it is another's, too"
    );
    assert_eq!(
        fixture
            .memory
            .forget(&ForgetTarget::User("anna"))
            .expect("forgotten"),
        0
    );
    let count = fixture.memory.forget(&ForgetTarget::Anonymous("tablet"));
    assert_eq!(count.expect("forgotten"), 1);
    assert!(fixture.recall(anonymous("tablet"), NOW).fbp.is_none());
}

#[test]
fn a_forgotten_person_is_learned_anew_from_later_messages() {
    let fixture = filled();
    fixture.memory.flush();
    fixture
        .memory
        .forget(&ForgetTarget::User("anna"))
        .expect("forgotten");
    fixture.learn(user("anna"), NOW - 5 * DAY, &with_em("again"));
    fixture.memory.compact();
    assert_eq!(fixture.recall(user("anna"), NOW).em, with_em("again").em);
}

#[test]
fn another_process_is_heard() {
    let fixture = filled();
    // The lock belongs to the open file: within one process it works as between two.
    let count = forget(fixture.dir.path(), &ForgetTarget::User("anna"));
    assert_eq!(count.expect("forgotten"), 2);
    assert!(fixture.recall(user("anna"), NOW).em.is_empty());
    let count = forget(fixture.dir.path(), &ForgetTarget::All);
    assert_eq!(count.expect("forgotten"), 2, "ben and the tablet");
    assert!(fixture.recall(user("ben"), NOW).em.is_empty());
    // The request goes after the answer is there.
    let has_leftovers = || {
        let files = fs::read_dir(fixture.dir.path().join("memory")).expect("a folder");
        let names = files.map(|file| file.expect("an entry").file_name());
        names
            .filter_map(|name| name.into_string().ok())
            .any(|name| name.contains("forg"))
    };
    let asked_at = std::time::Instant::now();
    while has_leftovers() {
        assert!(asked_at.elapsed().as_secs() < 60, "the request stays");
        std::thread::yield_now();
    }
}

#[test]
fn without_a_process_it_is_forgotten_on_disk() {
    let Fixture { dir, memory, shop } = filled();
    drop((memory, shop));
    let count = forget(dir.path(), &ForgetTarget::User("anna"));
    assert_eq!(count.expect("forgotten"), 2);
    let fixture = Fixture::over(dir, options());
    assert!(fixture.recall(user("anna"), NOW).em.is_empty());
    assert!(!fixture.recall(user("ben"), NOW).em.is_empty());
    let mut event = UserData::default();
    let ids = user("ben");
    let ben = fixture.shop.person(&ids);
    assert!(!ben.recall(NOW, &mut event).remembered.is_empty());
}

#[test]
fn where_nothing_was_remembered_nothing_is_made() {
    let dir = tempfile::tempdir().expect("a folder");
    let error = forget(dir.path(), &ForgetTarget::All).expect_err("no memory");
    assert!(matches!(error, ForgetError::NoMemory { .. }));
    assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 0);
}
