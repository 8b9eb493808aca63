use async_trait::async_trait;
use conversions_delivery::EventLog as _;
use conversions_delivery::{MemoryLog, Wanted};
use conversions_input::{Arrival, InputError, Rejection};
use conversions_transport::{Frame, FrameBuilder, NewEvent};

use super::*;

const READER: ReaderId = ReaderId(0);
const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

fn frames(ids: &[&str]) -> Vec<Frame> {
    let mut builder = FrameBuilder::new("shop".into());
    for id in ids {
        builder.add_new_event(&NewEvent::new("shop", "{}", 0).with_message_id(Some(id)));
    }
    builder.finish()
}

fn at(offset: u64) -> Position {
    Partition::of_topic("t", 0).at(offset)
}

fn offsets(tracker: &Tracker) -> Vec<u64> {
    let settled = tracker.take_settled(READER);
    settled.iter().map(|position| position.offset).collect()
}

fn admit(tracker: &Arc<Tracker>, offset: u64, ids: &[&str]) -> Admission {
    tracker.admit(READER, vec![(at(offset), ids.len())], &frames(ids), NOW)
}

fn one(key: u64) -> [KeyRange; 1] {
    [KeyRange::one(EventKey(key))]
}

#[test]
fn a_record_is_settled_with_its_last_event() {
    let tracker = Arc::new(Tracker::new(1));
    let keys = admit(&tracker, 0, &["a", "b"]).appended(&[1, 2], NOW);
    assert_eq!(keys, [Some(1), Some(2)]);
    tracker.settle(&one(2), NOW);
    assert!(offsets(&tracker).is_empty());
    tracker.settle(&one(1), NOW);
    assert_eq!(offsets(&tracker), [0]);
    assert!(offsets(&tracker).is_empty(), "told once");
    // A record without events is settled at once.
    admit(&tracker, 1, &[]).appended(&[], NOW);
    assert_eq!(offsets(&tracker), [1]);
}

#[test]
fn an_event_may_be_settled_before_its_record_is_known() {
    let tracker = Arc::new(Tracker::new(1));
    let admission = admit(&tracker, 0, &["a", "b"]);
    tracker.settle(&one(1), NOW);
    admission.appended(&[1, 2], NOW);
    assert!(offsets(&tracker).is_empty());
    tracker.settle(&one(2), NOW);
    assert_eq!(offsets(&tracker), [0]);
    let again = admit(&tracker, 1, &["a"]);
    assert!(again.frames().is_empty(), "it is known as delivered");
    again.appended(&[], NOW);
    assert_eq!(offsets(&tracker), [1]);
}

#[test]
fn a_repetition_waits_for_what_it_repeats() {
    let tracker = Arc::new(Tracker::new(1));
    admit(&tracker, 0, &["a", "b", "a"]).appended(&[1, 2], NOW);
    let repeated = admit(&tracker, 1, &["b", "c", "b"]);
    let stored: Vec<_> = repeated.frames().iter().map(Frame::len).collect();
    assert_eq!(stored, [1]);
    assert_eq!(repeated.appended(&[3], NOW), [None, Some(3), None]);
    tracker.settle(&one(1), NOW);
    tracker.settle(&one(3), NOW);
    assert!(offsets(&tracker).is_empty());
    tracker.settle(&one(2), NOW);
    assert_eq!(offsets(&tracker), [0, 1]);
}

#[tokio::test]
async fn events_of_a_partition_that_was_given_up_are_not_sent_and_may_come_back() {
    let tracker = Arc::new(Tracker::new(1));
    admit(&tracker, 0, &["a", "b"]).appended(&[1, 2], NOW);
    let other = Partition::of_topic("t", 1).at(9);
    let kept = tracker.admit(READER, vec![(other, 2)], &frames(&["b", "c"]), NOW);
    kept.appended(&[3], NOW);
    let log = MemoryLog::default();
    log.append(frames(&["a", "b", "c"]).into(), NOW)
        .await
        .expect("appended");
    tracker.give_up(READER, &[at(0).partition]);
    assert_eq!(tracker.unsettled(READER, &[at(0).partition]), 0);
    let wanted = Wanted {
        destination: "shop",
        events: 9,
        bytes: 999,
    };
    let leased = log.lease(wanted, NOW).await.expect("leased");
    let (wanted, unwanted) = tracker.part(leased.frames);
    let keys: Vec<_> = wanted.iter().flat_map(|one| one.keys().range()).collect();
    assert_eq!(keys, [2, 3], "the other partition waits for the second");
    assert_eq!(unwanted, one(1));
    let back = admit(&tracker, 0, &["a", "b"]);
    assert_eq!(back.frames().len(), 1, "the first is new again");
    back.appended(&[4], NOW);
    for key in [2, 3, 4] {
        tracker.settle(&one(key), NOW);
    }
    assert_eq!(tracker.take_settled(READER).len(), 2);
}

/// An input of whose records another member has this one.
#[derive(Debug)]
struct Gone(Position);

#[async_trait]
impl Input for Gone {
    async fn next(&self) -> Result<Arrival, InputError> {
        std::future::pending().await
    }

    async fn settle(&self, _: &[Position]) -> Result<(), InputError> {
        Ok(())
    }

    async fn reject(&self, _: Rejection) -> Result<(), InputError> {
        Ok(())
    }

    fn take_expired(&self, positions: &[Position]) -> Vec<Position> {
        let own = positions.iter().filter(|position| **position == self.0);
        own.cloned().collect()
    }

    fn pause(&self) {}

    fn resume(&self) {}

    async fn lag(&self) -> Result<Option<u64>, InputError> {
        Ok(None)
    }

    async fn leave(&self) -> Result<(), InputError> {
        Ok(())
    }
}

#[test]
fn events_of_a_record_that_another_member_has_are_not_sent_and_its_position_is_not_settled() {
    let tracker = Arc::new(Tracker::new(1));
    tracker.ask_before_sending(BTreeMap::from([(READER, Arc::new(Gone(at(0))) as _)]));
    admit(&tracker, 0, &["a", "b"]).appended(&[1, 2], NOW);
    admit(&tracker, 1, &["b", "c"]).appended(&[3], NOW);
    let keys = [KeyRange::new(EventKey(1), 3)];
    assert_eq!(
        tracker.take_expired(&keys),
        one(1),
        "the other record waits for b"
    );
    assert_eq!(tracker.take_expired(&keys), []);
    assert_eq!(tracker.take_expired_records(READER), [at(0)]);
    for key in [2, 3] {
        tracker.settle(&one(key), NOW);
    }
    assert_eq!(offsets(&tracker), [1]);
}
