//! The metrics, by the conventions of Prometheus. They go to whatever recorder of the `metrics` crate is installed when the
//! memory is opened.

use std::sync::atomic::{AtomicU64, Ordering};

use metrics::Unit;

use crate::apart::OfThreads;
use crate::field::{Field, Fields};

/// Messages that something was learned from. Counter.
pub const LEARNED: &str = "segue_memory_learned_messages_total";
/// Messages that nothing was learned from; label `reason`: `too_old`, `ahead`, `no_room`. Counter.
pub const NOT_LEARNED: &str = "segue_memory_not_learned_messages_total";
/// Placeholder ids that were ignored. Counter.
pub const IGNORED_IDS: &str = "segue_memory_ignored_ids_total";
/// Fields that an event lacked and was given; label `field`. Counter.
pub const REMEMBERED: &str = "segue_memory_remembered_fields_total";
/// People who are known: users with their devices, and devices without a user. Gauge.
pub const PEOPLE: &str = "segue_memory_people";
/// Bytes of the files. Gauge.
pub const DISK_BYTES: &str = "segue_memory_disk_bytes";

/// Tells the installed recorder what each metric means. Call it once, after installing one.
pub fn describe_metrics() {
    use metrics::{describe_counter, describe_gauge};
    describe_counter!(
        LEARNED,
        Unit::Count,
        "Messages that the match memory learned from"
    );
    describe_counter!(
        NOT_LEARNED,
        Unit::Count,
        "Messages that the match memory did not learn from, by reason"
    );
    describe_counter!(
        IGNORED_IDS,
        Unit::Count,
        "Placeholder ids that were ignored, such as undefined or a nil UUID"
    );
    describe_counter!(
        REMEMBERED,
        Unit::Count,
        "Fields that an event lacked and the match memory filled, by field"
    );
    describe_gauge!(PEOPLE, Unit::Count, "People whom the match memory knows");
    describe_gauge!(DISK_BYTES, Unit::Bytes, "Size of the match memory on disk");
}

/// Why nothing was learned from a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotLearned {
    /// It is older than the time to live.
    TooOld,
    /// It is dated more than an hour ahead of the clock.
    Ahead,
    /// The disk is full, or cannot keep up.
    NoRoom,
}

impl NotLearned {
    const ALL: [Self; 3] = [Self::TooOld, Self::Ahead, Self::NoRoom];

    /// The stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TooOld => "too_old",
            Self::Ahead => "ahead",
            Self::NoRoom => "no_room",
        }
    }
}

/// What was counted since the memory was opened. Each thread counts for itself.
#[derive(Default)]
pub(crate) struct Counters {
    of_threads: OfThreads<ThreadCounters>,
}

#[derive(Default)]
struct ThreadCounters {
    learned: AtomicU64,
    not_learned: [AtomicU64; NotLearned::ALL.len()],
    ignored_ids: AtomicU64,
    remembered: [AtomicU64; Field::ALL.len()],
}

impl Counters {
    pub(crate) fn learned(&self) {
        count(&self.of_threads.mine().learned, 1);
    }

    pub(crate) fn not_learned(&self, reason: NotLearned) {
        if let Some(counter) = self.of_threads.mine().not_learned.get(reason as usize) {
            count(counter, 1);
        }
    }

    pub(crate) fn ignored(&self, ids: u8) {
        if ids > 0 {
            count(&self.of_threads.mine().ignored_ids, u64::from(ids));
        }
    }

    pub(crate) fn remembered(&self, fields: Fields) {
        let mine = self.of_threads.mine();
        for field in fields.iter() {
            if let Some(counter) = mine.remembered.get(field as usize) {
                count(counter, 1);
            }
        }
    }

    /// Messages that something was learned from, those that nothing was learned from, and placeholder ids.
    pub(crate) fn read(&self) -> (u64, u64, u64) {
        let not_learned = |of: &ThreadCounters| of.not_learned.iter().map(value).sum();
        (
            self.sum(|of| value(&of.learned)),
            self.sum(not_learned),
            self.sum(|of| value(&of.ignored_ids)),
        )
    }

    /// Tells the recorder.
    pub(crate) fn publish(&self, people: u64, disk_bytes: u64) {
        metrics::counter!(LEARNED).absolute(self.sum(|of| value(&of.learned)));
        for reason in NotLearned::ALL {
            let total = self.sum(|of| of.not_learned.get(reason as usize).map_or(0, value));
            metrics::counter!(NOT_LEARNED, "reason" => reason.name()).absolute(total);
        }
        metrics::counter!(IGNORED_IDS).absolute(self.sum(|of| value(&of.ignored_ids)));
        for field in Field::ALL {
            let total = self.sum(|of| of.remembered.get(field as usize).map_or(0, value));
            metrics::counter!(REMEMBERED, "field" => field.name()).absolute(total);
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "gauges are floating-point numbers"
        )]
        {
            metrics::gauge!(PEOPLE).set(people as f64);
            metrics::gauge!(DISK_BYTES).set(disk_bytes as f64);
        }
    }

    fn sum(&self, of: impl Fn(&ThreadCounters) -> u64) -> u64 {
        self.of_threads.iter().map(of).sum()
    }
}

fn count(counter: &AtomicU64, more: u64) {
    counter.fetch_add(more, Ordering::Relaxed);
}

fn value(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}
