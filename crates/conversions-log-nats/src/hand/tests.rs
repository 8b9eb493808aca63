use conversions_transport::{FrameBuilder, NewEvent};

use super::*;

pub(super) const NOW: UnixMillis = UnixMillis(1_767_225_600_000);
const FRESH_FOR: Duration = Duration::from_secs(28);
const ACK_WAIT: Duration = Duration::from_mins(1);

pub(super) fn arrival(source: Source, sequence: u64, first_key: u64, times: &[i64]) -> Arrival {
    let mut builder = FrameBuilder::new("shop".into());
    for ahead in times {
        builder.add_new_event(&NewEvent::new("shop", "{\"x\":1}", NOW.seconds() + ahead));
    }
    Arrival {
        id: MessageId { source, sequence },
        reply: format!("reply.{sequence}").into(),
        pieces: vec![LeasedFrame {
            first_key: EventKey(first_key),
            accepted_at: NOW,
            frame: builder.finish().remove(0),
        }],
        events: u64::try_from(times.len()).expect("few"),
        deliveries: 1,
        due: None,
        given_out_after: Instant::now(),
    }
}

/// Takes a message that the broker gave out at this time.
pub(super) fn take(hand: &mut Hand, mut arrival: Arrival, at: Instant) -> Taken {
    arrival.given_out_after = at;
    hand.take(arrival)
}

pub(super) fn lease(hand: &mut Hand, events: usize, now: UnixMillis, at: Instant) -> Vec<u64> {
    let wanted = Wanted {
        destination: "shop",
        events,
        bytes: 1_000_000,
    };
    let lease = hand.lease(wanted, now, at, FRESH_FOR);
    lease.events().map(|event| event.key.0).collect()
}

fn settle(hand: &mut Hand, keys: &[u64]) -> Vec<u64> {
    let keys = KeyRange::of_keys(keys.iter().map(|key| EventKey(*key)));
    hand.settle(&keys);
    let begun = hand.begin_acknowledging();
    begun.iter().map(|settled| settled.id.sequence).collect()
}

#[test]
fn a_message_is_acknowledged_when_its_last_event_is_settled() {
    let (mut hand, at) = (Hand::default(), Instant::now());
    assert_eq!(
        take(&mut hand, arrival(Source::Events, 1, 10, &[0; 4]), at),
        Taken::New
    );
    assert_eq!(
        take(&mut hand, arrival(Source::Events, 2, 20, &[0; 2]), at),
        Taken::New
    );
    assert_eq!(lease(&mut hand, 5, NOW, at), [10, 11, 12, 13, 20]);
    assert_eq!(settle(&mut hand, &[11, 20]), [0; 0]);
    assert_eq!(hand.settled_events(), 2);
    hand.release(&[KeyRange::new(EventKey(12), 2)], None);
    assert_eq!(
        settle(&mut hand, &[10, 12, 13]),
        [0; 0],
        "what is not leased is not settled"
    );
    assert_eq!(lease(&mut hand, 9, NOW, at), [12, 13, 21]);
    assert_eq!(settle(&mut hand, &[12, 13]), [1]);
    assert_eq!(
        hand.settled_events(),
        5,
        "until the broker has confirmed it"
    );
    let id = MessageId {
        source: Source::Events,
        sequence: 1,
    };
    hand.end_acknowledging(id, false);
    assert_eq!(
        settle(&mut hand, &[21]),
        [1, 2],
        "what was not confirmed is tried again"
    );
    hand.end_acknowledging(id, true);
    assert_eq!(hand.settled_events(), 2);
    assert_eq!(hand.bytes(), 0);
}

#[test]
fn a_message_that_comes_again_is_not_leased_twice() {
    let (mut hand, at) = (Hand::default(), Instant::now());
    let again = || arrival(Source::Events, 1, 10, &[0; 3]);
    take(&mut hand, again(), at);
    assert_eq!(lease(&mut hand, 2, NOW, at), [10, 11]);
    assert_eq!(take(&mut hand, again(), at), Taken::Repeated);
    assert_eq!(lease(&mut hand, 9, NOW, at), [12]);
    assert_eq!(settle(&mut hand, &[10, 11, 12]), [1]);
    assert_eq!(
        take(&mut hand, again(), at),
        Taken::Settled,
        "its acknowledgement is on its way"
    );
}

#[test]
fn what_the_broker_has_not_heard_of_for_long_is_not_leased() {
    let (mut hand, at) = (Hand::default(), Instant::now());
    take(&mut hand, arrival(Source::Events, 1, 10, &[0; 4]), at);
    take(&mut hand, arrival(Source::Events, 2, 20, &[0; 1]), at);
    assert_eq!(lease(&mut hand, 2, NOW, at), [10, 11]);
    let late = at + FRESH_FOR + Duration::from_secs(1);
    hand.confirm(
        MessageId {
            source: Source::Events,
            sequence: 2,
        },
        late,
        late,
        ACK_WAIT,
    );
    assert_eq!(
        lease(&mut hand, 9, NOW, late),
        [20],
        "another node may have the first message"
    );
    assert_eq!(settle(&mut hand, &[10]), [0; 0]);
    // It comes to this node again, which has sent one of its events and is sending another.
    take(&mut hand, arrival(Source::Events, 1, 10, &[0; 4]), late);
    assert_eq!(
        lease(&mut hand, 9, NOW, late),
        [10, 12, 13],
        "but not what is on its way"
    );
    assert_eq!(settle(&mut hand, &[11, 12, 13]), [0; 0]);
    assert_eq!(settle(&mut hand, &[10]), [1]);
}

#[test]
fn an_event_waits_until_it_is_due_and_leaves_its_message_when_that_is_far() {
    let (mut hand, at) = (Hand::default(), Instant::now());
    take(&mut hand, arrival(Source::Events, 1, 10, &[0, 7200, 0]), at);
    assert_eq!(lease(&mut hand, 9, NOW, at), [10, 12]);
    assert_eq!(hand.later_events(), 1);
    let far = hand.due_after(NOW.plus(Duration::from_mins(1)));
    assert_eq!(far.len(), 1);
    assert_eq!(far[0].due, Some(NOW.plus(Duration::from_hours(2))));
    hand.settle_moved(far[0].keys());
    assert_eq!(
        settle(&mut hand, &[10, 12]),
        [1],
        "the message does not wait for it"
    );
    // The broker gives it out when it is due.
    let mut due = arrival(Source::Later, 1, 11, &[7200]);
    due.due = far[0].due;
    take(&mut hand, due, at);
    assert_eq!(
        lease(&mut hand, 9, NOW, at),
        [0; 0],
        "the broker's clock is ahead"
    );
    assert!(hand.due_after(NOW).is_empty(), "it is not deferred again");
    assert_eq!(
        lease(&mut hand, 9, NOW.plus(Duration::from_hours(2)), at),
        [11]
    );
}

#[test]
fn everything_is_given_back_in_the_end_but_nothing_that_is_settled() {
    let (mut hand, at) = (Hand::default(), Instant::now());
    for sequence in 1..4 {
        take(
            &mut hand,
            arrival(Source::Events, sequence, sequence * 10, &[0, 7200, 0, 0]),
            at,
        );
    }
    assert_eq!(lease(&mut hand, 4, NOW, at), [10, 12, 13, 20]);
    settle(&mut hand, &[10, 20]);
    let given_back = hand.give_up(2);
    assert_eq!(given_back.len(), 1, "the third message goes back as it is");
    let left = hand.all_remainders();
    let mut keys: Vec<u64> = left.iter().flat_map(|one| one.keys().range()).collect();
    keys.sort_unstable();
    assert_eq!(keys, [11, 12, 13, 21, 22, 23]);
    for one in &left {
        assert_eq!(one.due.is_some(), [11, 21].contains(&one.keys().first.0));
        hand.settle_moved(one.keys());
    }
    assert_eq!(settle(&mut hand, &[]), [1, 2]);
    assert_eq!(hand.bytes(), 0);
}

#[test]
fn old_messages_of_which_little_is_left_give_it_away_unless_it_is_on_its_way() {
    let (mut hand, at) = (Hand::default(), Instant::now());
    take(&mut hand, arrival(Source::Events, 1, 10, &[0; 3]), at);
    take(&mut hand, arrival(Source::Events, 2, 20, &[0; 3]), at);
    assert_eq!(lease(&mut hand, 5, NOW, at).len(), 5);
    settle(&mut hand, &[10, 11, 20]);
    hand.release(&[KeyRange::one(EventKey(12))], None);
    let later = at + Duration::from_secs(1);
    let left = hand.remainders(later);
    let keys: Vec<_> = left.iter().map(Remainder::keys).collect();
    assert_eq!(keys, [KeyRange::one(EventKey(12))]);
    assert!(hand.remainders(at).is_empty(), "not old");
}

#[test]
fn no_request_begins_with_what_the_broker_has_not_heard_of_for_long() {
    let (mut hand, at) = (Hand::default(), Instant::now());
    take(&mut hand, arrival(Source::Events, 1, 10, &[0; 4]), at);
    take(&mut hand, arrival(Source::Events, 2, 20, &[0; 2]), at);
    assert_eq!(lease(&mut hand, 5, NOW, at), [10, 11, 12, 13, 20]);
    let keys = [KeyRange::new(EventKey(11), 3), KeyRange::one(EventKey(20))];
    let soon = at + FRESH_FOR;
    assert!(hand.take_stale(&keys, soon, FRESH_FOR).is_empty());
    let id = MessageId {
        source: Source::Events,
        sequence: 2,
    };
    hand.confirm(id, soon, soon, ACK_WAIT);
    let late = soon + Duration::from_secs(1);
    let stale = hand.take_stale(&keys, late, FRESH_FOR);
    assert_eq!(stale, [KeyRange::new(EventKey(11), 3)]);
    // What is on its way ends there; the message is not this node's to acknowledge.
    assert_eq!(settle(&mut hand, &[10, 11]), [0; 0]);
    assert_eq!(lease(&mut hand, 5, NOW, late), [21]);
    assert_eq!(settle(&mut hand, &[20, 21]), [2]);
    assert_eq!(hand.bytes(), 0);
}

#[test]
fn what_was_given_out_often_is_not_given_back_but_made_anew() {
    let (mut hand, at) = (Hand::default(), Instant::now());
    for deliveries in 1..4 {
        let mut often = arrival(Source::Events, deliveries, deliveries * 10, &[0; 2]);
        often.deliveries = deliveries;
        take(&mut hand, often, at);
    }
    assert_eq!(hand.give_up(2).len(), 2);
    let left: Vec<_> = hand.all_remainders().iter().map(Remainder::keys).collect();
    assert_eq!(left, [KeyRange::new(EventKey(30), 2)]);
}

#[test]
fn a_sign_of_life_that_comes_too_late_does_not_count() {
    let (mut hand, at) = (Hand::default(), Instant::now());
    take(&mut hand, arrival(Source::Events, 1, 10, &[0; 3]), at);
    assert_eq!(lease(&mut hand, 2, NOW, at), [10, 11]);
    let id = MessageId {
        source: Source::Events,
        sequence: 1,
    };
    // As after a minute in which the process stood still.
    let late = at + ACK_WAIT;
    hand.confirm(id, late, late, ACK_WAIT);
    assert_eq!(lease(&mut hand, 9, NOW, late), [0; 0]);
    let keys = [KeyRange::new(EventKey(10), 2)];
    assert_eq!(hand.take_stale(&keys, late, FRESH_FOR), keys);
    assert_eq!(hand.bytes(), 0);
}

#[test]
fn a_message_that_came_late_counts_from_when_it_was_given_out() {
    let (mut hand, given_out) = (Hand::default(), Instant::now());
    let came = given_out + ACK_WAIT + Duration::from_secs(1);
    let late = || arrival(Source::Events, 1, 10, &[0; 3]);
    assert_eq!(take(&mut hand, late(), given_out), Taken::New);
    assert_eq!(lease(&mut hand, 9, NOW, came), [0; 0]);
    assert_eq!(hand.bytes(), 0, "another node may have it");
    // It comes again, given out anew.
    assert_eq!(take(&mut hand, late(), came), Taken::New);
    assert_eq!(lease(&mut hand, 9, NOW, came), [10, 11, 12]);
}

#[test]
fn what_another_node_may_have_is_neither_given_back_nor_made_anew() {
    let (mut hand, at) = (Hand::default(), Instant::now());
    take(&mut hand, arrival(Source::Events, 1, 10, &[0; 2]), at);
    take(&mut hand, arrival(Source::Events, 2, 20, &[0; 3]), at);
    let late = at + FRESH_FOR + Duration::from_secs(1);
    take(&mut hand, arrival(Source::Events, 3, 30, &[0; 2]), late);
    assert_eq!(lease(&mut hand, 5, NOW, at), [10, 11, 20, 21, 22]);
    settle(&mut hand, &[20]);
    hand.lose_stale(late, FRESH_FOR);
    assert_eq!(hand.give_up(5), ["reply.3".into()]);
    assert!(hand.all_remainders().is_empty());
}
