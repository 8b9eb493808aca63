use super::*;
use crate::hand::tests::{NOW, arrival, lease, take};
use crate::hand::{Arrival, Taken};
use conversions_delivery::{EventKey, KeyRange};

fn leader(name: &str) -> Leadership {
    Leadership {
        leader: name.to_owned(),
        since: String::new(),
    }
}

fn id(source: Source, sequence: u64) -> MessageId {
    MessageId { source, sequence }
}

fn look(hand: &mut Hand, name: &str) -> usize {
    let look = hand.covered().begin_look();
    hand.end_look(look, leader(name))
}

fn one_event(source: Source, sequence: u64) -> Arrival {
    arrival(source, sequence, sequence * 10, &[0])
}

/// A hand that knows who leads, with this many messages of one event, all of which are settled.
fn settled(messages: u64) -> Hand {
    let (mut hand, at) = (Hand::default(), Instant::now());
    look(&mut hand, "n1");
    for sequence in 1..=messages {
        take(&mut hand, one_event(Source::Events, sequence), at);
    }
    for key in lease(&mut hand, 100, NOW, at) {
        hand.settle(&[KeyRange::one(EventKey(key))]);
    }
    hand
}

fn sequences(messages: &[Settled]) -> Vec<u64> {
    messages.iter().map(|one| one.id.sequence).collect()
}

/// Acknowledges all messages as a group that is confirmed.
fn cover_all(hand: &mut Hand) {
    let begun = hand.begin_acknowledging();
    let leadership = begun.leadership.expect("known");
    let (last, others) = begun.grouped.split_last().expect("some");
    hand.end_acknowledging(last.id, true);
    hand.cover(others, &leadership, Instant::now());
}

#[test]
fn messages_are_acknowledged_alone_until_it_is_known_who_leads() {
    let mut hand = settled(2);
    hand.settled.covered = Covered::default();
    let begun = hand.begin_acknowledging();
    assert_eq!(sequences(&begun.alone), [1, 2]);
    assert!(begun.grouped.is_empty());
}

#[test]
fn deferred_events_are_acknowledged_alone() {
    let mut hand = settled(2);
    let at = Instant::now();
    take(&mut hand, one_event(Source::Later, 3), at);
    for key in lease(&mut hand, 9, NOW, at) {
        hand.settle(&[KeyRange::one(EventKey(key))]);
    }
    let begun = hand.begin_acknowledging();
    assert_eq!(sequences(&begun.alone), [3]);
    assert_eq!(sequences(&begun.grouped), [1, 2]);
}

#[test]
fn covered_messages_are_no_longer_to_be_acknowledged_but_known() {
    let mut hand = settled(3);
    assert_eq!(hand.settled_events(), 3);
    cover_all(&mut hand);
    assert_eq!(hand.settled_events(), 0);
    assert_eq!(hand.begin_acknowledging().iter().count(), 0);
    assert!(hand.has(id(Source::Events, 1)), "it is covered");
    assert!(!hand.has(id(Source::Events, 3)), "it is confirmed");
    assert_eq!(look(&mut hand, "n1"), 0);
    assert!(!hand.has(id(Source::Events, 1)), "it is done");
}

#[test]
fn covered_messages_are_acknowledged_alone_when_another_leader_leads() {
    let mut hand = settled(3);
    cover_all(&mut hand);
    assert_eq!(look(&mut hand, "n2"), 2);
    let begun = hand.begin_acknowledging();
    assert_eq!(sequences(&begun.alone), [1, 2]);
    assert!(begun.grouped.is_empty());
    assert_eq!(hand.settled_events(), 2, "the broker may still have them");
}

#[test]
fn a_covered_message_that_comes_again_is_acknowledged_alone_and_not_leased() {
    let mut hand = settled(3);
    cover_all(&mut hand);
    let mut again = one_event(Source::Events, 1);
    again.reply = "reply.again".into();
    assert_eq!(hand.take(again), Taken::Settled);
    assert_eq!(lease(&mut hand, 9, NOW, Instant::now()), [0; 0]);
    let begun = hand.begin_acknowledging();
    assert_eq!(sequences(&begun.alone), [1]);
    assert_eq!(begun.alone[0].reply, "reply.again".into());
    hand.end_acknowledging(id(Source::Events, 1), true);
    assert_eq!(look(&mut hand, "n2"), 1, "the other one of the group");
}

#[test]
fn a_message_that_comes_again_while_its_group_is_on_its_way_is_not_covered() {
    let mut hand = settled(3);
    let begun = hand.begin_acknowledging();
    assert_eq!(hand.take(one_event(Source::Events, 1)), Taken::Settled);
    let leadership = begun.leadership.expect("known");
    hand.end_acknowledging(id(Source::Events, 3), true);
    hand.cover(&begun.grouped[..2], &leadership, Instant::now());
    assert_eq!(look(&mut hand, "n1"), 0);
    assert_eq!(sequences(&hand.begin_acknowledging().alone), [1]);
}

#[test]
fn messages_of_a_group_without_a_confirmation_are_acknowledged_alone() {
    let mut hand = settled(3);
    let begun = hand.begin_acknowledging();
    for message in &begun.grouped {
        hand.end_unknown(message.id);
    }
    let begun = hand.begin_acknowledging();
    assert_eq!(sequences(&begun.alone), [1, 2, 3]);
}

#[test]
fn without_an_answer_everything_that_is_covered_is_acknowledged_again_in_the_end() {
    let mut hand = settled(3);
    cover_all(&mut hand);
    assert_eq!(hand.uncover_all(), 2);
    assert_eq!(sequences(&hand.begin_acknowledging().alone), [1, 2]);
    assert_eq!(hand.uncover_all(), 0);
}
