//! What is remembered depends on what was said and when, not on the order in which it was read.

use std::thread;

use facebook_conversions::{ServerEvent, UserData};
use match_memory::PersonIds;
use proptest::prelude::*;

use crate::fixture::{DAY, Fixture, NOW, anonymous, both, user, with_em, with_fbc, with_fbp};

#[derive(Clone, Debug)]
struct Said {
    user: Option<u8>,
    anonymous: Option<u8>,
    previous: Option<u8>,
    time: u64,
    email: Option<u8>,
    fbp: Option<u8>,
    click: Option<(u8, bool)>,
}

fn said() -> impl Strategy<Value = Said> {
    let id = || prop::option::of(0..4_u8);
    (
        (id(), id(), prop::option::weighted(0.1, 0..4_u8)),
        0..12_u64,
        (id(), id(), prop::option::of((0..3_u8, any::<bool>()))),
    )
        .prop_map(
            |((user, anonymous, previous), hour, (email, fbp, click))| Said {
                user,
                anonymous,
                previous,
                // Hours apart, and some at the same time.
                time: NOW - 10 * DAY + hour * 3_600_000,
                email,
                fbp,
                click,
            },
        )
}

impl Said {
    fn tell(&self, fixture: &Fixture) {
        self.by(|ids, user_data| fixture.learn(ids, self.time, &user_data));
    }

    fn by<T>(&self, tell: impl FnOnce(PersonIds<'_>, UserData<'_>) -> T) -> T {
        let name = |prefix: &str, id: Option<u8>| id.map(|id| format!("{prefix}{id}"));
        let user = name("u", self.user);
        let anonymous = name("a", self.anonymous);
        let previous = name("u", self.previous);
        let ids = PersonIds {
            user: user.as_deref(),
            anonymous: anonymous.as_deref(),
            previous: previous.as_deref(),
            anonymous_external_id: None,
        };
        let fbc = self.click.map(|(id, derived)| {
            let time = if derived {
                self.time
            } else {
                NOW - 20 * DAY + u64::from(id)
            };
            format!("fb.1.{time}.Click{id}")
        });
        let user_data = UserData {
            em: self
                .email
                .map(|id| with_em(&id.to_string()).em)
                .unwrap_or_default(),
            fbp: self.fbp.map(|id| format!("fb.1.1763000000000.{id}").into()),
            fbc: fbc.map(Into::into),
            ..UserData::default()
        };
        tell(ids, user_data)
    }
}

fn json(user_data: UserData<'_>) -> String {
    let event = ServerEvent {
        user_data,
        ..ServerEvent::default()
    };
    event.to_json()
}

/// What every id, and every pair of ids, is told at three times.
fn everything(fixture: &Fixture) -> Vec<String> {
    let mut told = Vec::new();
    for time in [NOW, NOW - 10 * DAY + 6 * 3_600_000, NOW - 10 * DAY] {
        for first in 0..4 {
            let (u, a) = (format!("u{first}"), format!("a{first}"));
            let mut ask = |ids: PersonIds<'_>| told.push(json(fixture.recall(ids, time)));
            ask(user(&u));
            ask(anonymous(&a));
            for second in 0..4 {
                ask(both(&u, &format!("a{second}")));
            }
        }
    }
    told
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn an_event_that_is_learned_from_and_completed_at_once_gets_the_same(
        messages in prop::collection::vec(said(), 1..25),
        flush_every in 1..9_usize,
    ) {
        let (in_turn, at_once) = Fixture::twins();
        for (number, said) in messages.iter().enumerate() {
            said.tell(&in_turn);
            let (expected, recalled) =
                said.by(|ids, user_data| {
                    let (completed, recalled) = in_turn.complete(ids, said.time, user_data);
                    (json(completed), recalled)
                });
            said.by(|ids, mut user_data| {
                let person = at_once.shop.person(&ids);
                prop_assert_eq!(person.learn_and_recall(said.time, &mut user_data), recalled);
                prop_assert_eq!(json(user_data), expected);
                Ok(())
            })?;
            if number % flush_every == 0 {
                at_once.memory.flush();
            }
        }
        prop_assert_eq!(everything(&in_turn), everything(&at_once));
    }

    #[test]
    fn any_order_and_reading_twice_give_the_same_memory(
        messages in prop::collection::vec(said(), 1..25),
        seed: u64,
        flush_every in 1..9_usize,
    ) {
        let (fixture, other) = Fixture::twins();
        for said in &messages {
            said.tell(&fixture);
        }
        let mut random = fastrand::Rng::with_seed(seed);
        let mut shuffled = messages.clone();
        random.shuffle(&mut shuffled);
        let again = shuffled.iter().take(messages.len() / 2);
        for (number, said) in shuffled.iter().chain(again).enumerate() {
            said.tell(&other);
            if number % flush_every == 0 {
                other.memory.flush();
            }
        }
        prop_assert_eq!(everything(&fixture), everything(&other));
    }
}

#[test]
fn sixty_four_connections_at_once_teach_what_one_after_the_other_would() {
    let (at_once, in_turn) = (Fixture::new(), Fixture::new());
    let tell = |fixture: &Fixture, number: u64| {
        let time = NOW - DAY + number * 7919 % 4096;
        fixture.learn(both("u1", "a1"), time, &with_em(&number.to_string()));
        fixture.learn(
            both("u1", "a1"),
            time,
            &with_fbp(&format!("fb.1.1763000000000.{number}")),
        );
        let click = format!("fb.1.{time}.Click{}", number % 5);
        fixture.learn(anonymous("a1"), time, &with_fbc(&click));
    };
    thread::scope(|scope| {
        for connection in 0..64 {
            let at_once = &at_once;
            scope.spawn(move || (0..20).for_each(|n| tell(at_once, connection * 20 + n)));
        }
    });
    (0..64 * 20).for_each(|number| tell(&in_turn, number));
    for ids in [user("u1"), anonymous("a1"), both("u1", "a1")] {
        let told = json(at_once.recall(ids, NOW));
        assert_eq!(told, json(in_turn.recall(ids, NOW)));
        assert!(told.contains("\"em\""));
    }
}
