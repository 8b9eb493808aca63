//! The metrics, by the conventions of Prometheus. They go to whatever recorder of the `metrics` crate is installed when the
//! memory is opened.

use std::sync::atomic::{AtomicU64, Ordering};

use metrics::Unit;

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

/// What was counted since the memory was opened.
#[derive(Default)]
pub(crate) struct Counters {
    learned: AtomicU64,
    not_learned: [AtomicU64; NotLearned::ALL.len()],
    ignored_ids: AtomicU64,
    remembered: [AtomicU64; Field::ALL.len()],
}

impl Counters {
    pub(crate) fn learned(&self) {
        self.learned.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn not_learned(&self, reason: NotLearned) {
        if let Some(counter) = self.not_learned.get(reason as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn ignored(&self, ids: u8) {
        if ids > 0 {
            self.ignored_ids
                .fetch_add(u64::from(ids), Ordering::Relaxed);
        }
    }

    pub(crate) fn remembered(&self, fields: Fields) {
        for field in fields.iter() {
            if let Some(counter) = self.remembered.get(field as usize) {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    pub(crate) fn read(&self) -> (u64, u64, u64) {
        let not_learned = self
            .not_learned
            .iter()
            .map(|counter| counter.load(Ordering::Relaxed));
        (
            self.learned.load(Ordering::Relaxed),
            not_learned.sum(),
            self.ignored_ids.load(Ordering::Relaxed),
        )
    }

    /// Tells the recorder.
    pub(crate) fn publish(&self, people: u64, disk_bytes: u64) {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        metrics::counter!(LEARNED).absolute(of(&self.learned));
        for (reason, counter) in NotLearned::ALL.iter().zip(&self.not_learned) {
            metrics::counter!(NOT_LEARNED, "reason" => reason.name()).absolute(of(counter));
        }
        metrics::counter!(IGNORED_IDS).absolute(of(&self.ignored_ids));
        for (field, counter) in Field::ALL.iter().zip(&self.remembered) {
            metrics::counter!(REMEMBERED, "field" => field.name()).absolute(of(counter));
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
}
