//! Merging obeys the laws of a join: order, grouping and repetition do not matter.

use proptest::prelude::*;

use super::{MAX_CLICKS, MAX_DEVICES, MAX_USERS, merge};
use crate::record::tests::record;
use crate::record::{entries, is_reset, tag, update_in_place};

fn merged(newer: &[u8], older: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    merge(newer, older, &mut out);
    out
}

/// What one message says of an id: at most one value of each kind.
fn observation(clicks: u8) -> impl Strategy<Value = Vec<u8>> {
    let field = (2..5_u8, 0..6_u64, prop::sample::select(vec!["a", "b"]));
    let click = (0..clicks, any::<bool>(), 0..9_u64);
    let link = (0..6_u8, 0..9_u64);
    (
        0..9_u64,
        prop::option::of(field),
        prop::option::of(click),
        prop::option::of(link.clone()),
        prop::option::of(link),
    )
        .prop_map(|(seen, field, click, device, user)| {
            let click = click.map(|(id, explicit, time)| {
                let text = if explicit {
                    format!("\0fb.1.{}.c{id}", 1000 + u16::from(id))
                } else {
                    format!("\u{1}c{id}")
                };
                (text, time)
            });
            let mut list: Vec<(u8, u64, Vec<u8>)> = vec![(tag::SEEN, seen, Vec::new())];
            list.extend(field.map(|(tag, time, value)| (tag, time, value.as_bytes().to_vec())));
            list.extend(click.map(|(value, time)| (tag::CLICK, time, value.into_bytes())));
            list.extend(device.map(|(id, time)| (tag::DEVICE, time, vec![id; 16])));
            list.extend(user.map(|(id, time)| (tag::USER, time, vec![id; 16])));
            let list: Vec<_> = list
                .iter()
                .map(|(tag, time, value)| (*tag, *time, value.as_slice()))
                .collect();
            record(&list)
        })
}

fn all_of<'a>(observations: impl IntoIterator<Item = &'a Vec<u8>>) -> Vec<u8> {
    observations
        .into_iter()
        .fold(Vec::new(), |all, next| merged(next, &all))
}

proptest! {
    #[test]
    fn any_order_any_grouping_and_repetition_give_the_same_record(
        observations in prop::collection::vec(observation(8), 1..14),
        shuffled in any::<prop::sample::Index>(),
        seed in any::<u64>(),
    ) {
        let expected = all_of(&observations);
        let mut order = observations.clone();
        fastrand::Rng::with_seed(seed).shuffle(&mut order);
        prop_assert_eq!(&all_of(&order), &expected, "another order");
        prop_assert_eq!(&all_of(order.iter().chain(&observations)), &expected, "read twice");
        let (left, right) = order.split_at(shuffled.index(order.len()));
        prop_assert_eq!(&merged(&all_of(left), &all_of(right)), &expected, "in groups");
    }

    #[test]
    fn an_update_in_place_gives_what_a_merge_gives(
        before in prop::collection::vec(observation(8), 1..14),
        addition in observation(8),
    ) {
        let known = all_of(&before);
        let mut updated = known.clone();
        if update_in_place(&mut updated, &addition) {
            prop_assert_eq!(updated, merged(&addition, &known));
        } else {
            prop_assert_eq!(merged(&addition, &updated), merged(&addition, &known), "after half an update");
        }
        let mut again = merged(&addition, &known);
        let expected = again.clone();
        if update_in_place(&mut again, &addition) {
            prop_assert_eq!(again, expected, "seen twice");
        }
    }

    #[test]
    fn a_record_stays_within_its_bounds(
        observations in prop::collection::vec(observation(40), 0..60),
    ) {
        let record = all_of(&observations);
        let count = |tag| entries(&record).filter(|entry| entry.tag == tag).count();
        prop_assert!(count(tag::CLICK) <= MAX_CLICKS);
        prop_assert!(count(tag::DEVICE) <= MAX_DEVICES);
        prop_assert!(count(tag::USER) <= MAX_USERS);
        let tags: Vec<u8> = entries(&record).map(|entry| entry.tag).collect();
        prop_assert!(tags.is_sorted());
    }

    #[test]
    fn a_reset_hides_all_older_entries(
        before in prop::collection::vec(observation(4), 0..6),
        after in prop::collection::vec(observation(4), 0..6),
    ) {
        let forgotten = merged(&crate::record::reset(), &all_of(&before));
        let record = after.iter().fold(forgotten, |all, next| merged(next, &all));
        prop_assert!(is_reset(&record));
        let rest: Vec<_> = entries(&record).skip(1).collect();
        let expected = all_of(&after);
        prop_assert!(rest.iter().copied().eq(entries(&expected)));
        prop_assert_eq!(merged(&record, &all_of(&before)), record);
    }
}

#[test]
fn a_fourth_user_leaves_nothing_but_that_there_are_too_many() {
    let with_user = |user: u8| {
        record(&[
            (tag::SEEN, 5, b""),
            (2, 5, b"a"),
            (tag::USER, 5, &[user; 16]),
        ])
    };
    let users: Vec<_> = (0..4).map(with_user).collect();
    let crowded = record(&[(tag::SEEN, 5, b""), (tag::CROWDED, 0, b"")]);
    assert_eq!(all_of(&users), crowded);
    assert_eq!(merged(&users[0], &crowded), crowded);
    assert_ne!(all_of(&users[..3]), crowded);
}

#[test]
fn a_click_keeps_the_time_at_which_it_was_first_seen() {
    let at = |time, value: &[u8]| record(&[(tag::SEEN, time, b""), (tag::CLICK, time, value)]);
    let both = merged(&at(50, b"\x01abc"), &at(20, b"\x01abc"));
    assert_eq!(
        both,
        record(&[(tag::SEEN, 50, b""), (tag::CLICK, 20, b"\x01abc")])
    );
    let explicit = merged(&both, &at(30, b"\0fb.1.30.abc"));
    assert_eq!(
        explicit,
        record(&[(tag::SEEN, 50, b""), (tag::CLICK, 20, b"\0fb.1.30.abc")])
    );
}

#[test]
fn a_returning_visitor_is_updated_in_place() {
    let visit = |time| {
        record(&[
            (tag::SEEN, time, b""),
            (13, time, b"fb.1.1.2"),
            (tag::CLICK, time, b"\x01abc"),
            (tag::DEVICE, time, &[7; 16]),
        ])
    };
    let mut known = merged(&visit(5), &record(&[(tag::SEEN, 1, b""), (2, 1, b"hash")]));
    let expected = merged(&visit(9), &known);
    assert!(update_in_place(&mut known, &visit(9)));
    assert_eq!(known, expected);
}
