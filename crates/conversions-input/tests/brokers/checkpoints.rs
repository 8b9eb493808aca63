//! Reading begins behind what the caller has stored of a partition.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use conversions_input::{Checkpoints, Partition};

use crate::fixture::{Fixture, settle, take, texts};
use crate::suite::{numbered, produce};

/// What is stored of the first partition.
#[derive(Debug)]
struct Stored {
    next: u64,
    is_discarded: AtomicBool,
}

impl Checkpoints for Stored {
    fn next_offset(&self, partition: &Partition) -> Option<u64> {
        (partition.number == Some(0)).then_some(self.next)
    }

    fn discard(&self, partition: &Partition) {
        assert_eq!(partition.number, Some(0));
        self.is_discarded.store(true, Ordering::Release);
    }
}

fn stored(next: u64) -> Arc<Stored> {
    Arc::new(Stored {
        next,
        is_discarded: AtomicBool::new(false),
    })
}

pub(crate) async fn reading_begins_at_what_the_caller_has_stored(fixture: &dyn Fixture) {
    if !fixture.promises().checkpoints {
        return;
    }
    produce(fixture, 5).await;
    let first = fixture.open_after(stored(2)).await;
    let records = take(&*first, 3).await;
    assert_eq!(texts(&records), numbered(2..5));
    settle(&*first, &records[..2]).await;
    first.leave().await.expect("left");
    // What the broker has is further than what the caller has.
    let second = fixture.open_after(stored(3)).await;
    assert_eq!(texts(&take(&*second, 1).await), numbered([4]));
    second.leave().await.expect("left");
    // The end of the partition has been reached: nothing waits, and nothing is discarded.
    let end = stored(5);
    let third = fixture.open_after(Arc::clone(&end) as _).await;
    produce(fixture, 1).await;
    assert_eq!(texts(&take(&*third, 1).await), numbered([0]));
    assert!(!end.is_discarded.load(Ordering::Acquire));
}

pub(crate) async fn what_is_stored_of_a_topic_that_was_made_anew_is_discarded(
    fixture: &dyn Fixture,
) {
    if !fixture.promises().checkpoints {
        return;
    }
    produce(fixture, 5).await;
    let old = stored(6);
    let first = fixture.open_after(Arc::clone(&old) as _).await;
    let records = take(&*first, 5).await;
    assert_eq!(texts(&records), numbered(0..5));
    assert!(old.is_discarded.load(Ordering::Acquire));
    settle(&*first, &records[..2]).await;
    first.leave().await.expect("left");
    // Where the group is counts, where it is somewhere.
    let second = fixture.open_after(stored(6)).await;
    assert_eq!(texts(&take(&*second, 3).await), numbered(2..5));
}
