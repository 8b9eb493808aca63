use std::time::Duration;

use super::*;
use crate::hand::Source;

fn leader(name: &str, since: &str) -> Leadership {
    Leadership {
        leader: name.to_owned(),
        since: since.to_owned(),
    }
}

fn message(sequence: u64) -> Settled {
    Settled {
        id: MessageId {
            source: Source::Events,
            sequence,
        },
        reply: format!("reply.{sequence}").into(),
        events: 1,
    }
}

/// A list that knows who leads.
fn led_by(leader: Leadership) -> Covered {
    let mut covered = Covered::default();
    let look = covered.begin_look();
    assert!(covered.end_look(look, leader).is_empty());
    covered
}

fn cover(covered: &mut Covered, sequences: std::ops::Range<u64>) {
    let leadership = covered.leadership().expect("known");
    for sequence in sequences {
        covered.insert(message(sequence), &leadership, Instant::now());
    }
}

fn sequences(messages: &[Settled]) -> Vec<u64> {
    messages.iter().map(|one| one.id.sequence).collect()
}

fn left(covered: &Covered) -> Vec<u64> {
    covered.messages.keys().map(|id| id.sequence).collect()
}

#[test]
fn nothing_is_covered_before_it_is_known_who_leads() {
    let mut covered = Covered::default();
    assert_eq!(covered.leadership(), None);
    assert!(covered.wants_look());
    let look = covered.begin_look();
    covered.end_look(look, leader("n1", "1"));
    assert_eq!(
        covered.leadership().as_deref(),
        Some(&leader("n1", "1")),
        "the broker has said it"
    );
    assert!(!covered.wants_look(), "there is nothing to decide");
}

#[test]
fn messages_are_done_when_the_same_leader_leads() {
    let mut covered = led_by(leader("n1", "1"));
    cover(&mut covered, 1..4);
    assert!(covered.wants_look());
    let look = covered.begin_look();
    assert!(covered.end_look(look, leader("n1", "1")).is_empty());
    assert_eq!(left(&covered), [0; 0]);
}

#[test]
fn messages_are_acknowledged_again_when_another_leader_leads() {
    let mut covered = led_by(leader("n1", "1"));
    cover(&mut covered, 1..4);
    let look = covered.begin_look();
    let again = covered.end_look(look, leader("n2", "2"));
    assert_eq!(sequences(&again), [1, 2, 3]);
    assert_eq!(left(&covered), [0; 0]);
    cover(&mut covered, 4..5);
    let look = covered.begin_look();
    let again = covered.end_look(look, leader("n2", "2"));
    assert!(again.is_empty(), "the new leader has taken this one");
}

#[test]
fn a_leader_that_leads_again_is_another_one() {
    let mut covered = led_by(leader("n1", "1"));
    cover(&mut covered, 1..2);
    let look = covered.begin_look();
    let again = covered.end_look(look, leader("n1", "3"));
    assert_eq!(sequences(&again), [1], "n2 may have led in between");
}

#[test]
fn a_look_decides_about_what_was_covered_before_it() {
    let mut covered = led_by(leader("n1", "1"));
    cover(&mut covered, 1..3);
    let look = covered.begin_look();
    cover(&mut covered, 3..5);
    assert!(covered.end_look(look, leader("n1", "1")).is_empty());
    assert_eq!(left(&covered), [3, 4], "the answer may be older than these");
    let look = covered.begin_look();
    let again = covered.end_look(look, leader("n2", "2"));
    assert_eq!(sequences(&again), [3, 4]);
}

#[test]
fn a_group_counts_as_of_the_leader_that_was_known_when_it_began() {
    let mut covered = led_by(leader("n1", "1"));
    let before = covered.leadership().expect("known");
    let look = covered.begin_look();
    covered.end_look(look, leader("n2", "2"));
    covered.insert(message(1), &before, Instant::now());
    let look = covered.begin_look();
    let again = covered.end_look(look, leader("n2", "2"));
    assert_eq!(sequences(&again), [1]);
}

#[test]
fn looks_that_end_in_another_order_decide_about_the_same_messages() {
    let mut covered = led_by(leader("n1", "1"));
    cover(&mut covered, 1..2);
    let first = covered.begin_look();
    cover(&mut covered, 2..3);
    let second = covered.begin_look();
    assert!(covered.end_look(second, leader("n1", "1")).is_empty());
    assert_eq!(left(&covered), [0; 0]);
    assert!(covered.end_look(first, leader("n1", "1")).is_empty());
}

#[test]
fn without_an_answer_messages_stay_until_they_are_old() {
    let mut covered = led_by(leader("n1", "1"));
    let leadership = covered.leadership().expect("known");
    let at = Instant::now();
    let later = at + Duration::from_secs(1);
    covered.insert(message(1), &leadership, at);
    covered.insert(message(2), &leadership, later);
    covered.begin_look();
    assert!(covered.take_before(at).is_empty());
    assert_eq!(sequences(&covered.take_before(later)), [1]);
    assert_eq!(sequences(&covered.take_all()), [2]);
    assert_eq!(left(&covered), [0; 0]);
}

#[test]
fn a_full_list_takes_no_more_groups_until_a_look_has_ended() {
    let mut covered = led_by(leader("n1", "1"));
    cover(&mut covered, 0..8_191);
    assert!(!covered.has_many());
    cover(&mut covered, 8_191..16_384);
    assert!(covered.has_many(), "the broker is to be asked at once");
    assert_eq!(covered.leadership(), None);
    let look = covered.begin_look();
    covered.end_look(look, leader("n1", "1"));
    assert!(covered.leadership().is_some() && !covered.has_many());
}

#[test]
fn a_message_that_comes_again_leaves_the_list() {
    let mut covered = led_by(leader("n1", "1"));
    cover(&mut covered, 1..3);
    let one = message(1);
    assert!(covered.contains(one.id));
    assert!(covered.remove(one.id).is_some());
    assert!(covered.remove(one.id).is_none());
    assert_eq!(left(&covered), [2]);
}
