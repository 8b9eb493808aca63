//! The metrics, by the conventions of Prometheus. They go to whatever recorder of the `metrics` crate is installed when the
//! memory is opened.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

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

/// What was counted since the memory was opened. Each thread has a part that few others write to, so that they do not wait
/// for one another.
#[derive(Default)]
pub(crate) struct Counters([Part; PARTS]);

const PARTS: usize = 8;

/// A part, on cache lines of its own.
#[derive(Default)]
#[repr(align(128))]
struct Part {
    learned: AtomicU64,
    not_learned: [AtomicU64; NotLearned::ALL.len()],
    ignored_ids: AtomicU64,
    remembered: [AtomicU64; Field::ALL.len()],
}

thread_local! {
    /// Which part this thread counts in.
    static PART: usize = {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        THREADS.fetch_add(1, Ordering::Relaxed) % PARTS
    };
}

impl Counters {
    fn own(&self) -> &Part {
        let own = PART.try_with(|part| *part).unwrap_or(0);
        self.0.get(own).unwrap_or(&self.0[0])
    }

    pub(crate) fn learned(&self) {
        self.own().learned.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn not_learned(&self, reason: NotLearned) {
        if let Some(counter) = self.own().not_learned.get(reason as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn ignored(&self, ids: u8) {
        if ids > 0 {
            let ids = u64::from(ids);
            self.own().ignored_ids.fetch_add(ids, Ordering::Relaxed);
        }
    }

    pub(crate) fn remembered(&self, fields: Fields) {
        let own = self.own();
        for field in fields.iter() {
            if let Some(counter) = own.remembered.get(field as usize) {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Messages that something was learned from, those that nothing was, and placeholder ids.
    pub(crate) fn read(&self) -> (u64, u64, u64) {
        let not_learned = NotLearned::ALL.map(|reason| self.not_learned_for(reason));
        (
            self.sum(|part| Some(&part.learned)),
            not_learned.iter().sum(),
            self.sum(|part| Some(&part.ignored_ids)),
        )
    }

    fn not_learned_for(&self, reason: NotLearned) -> u64 {
        self.sum(|part| part.not_learned.get(reason as usize))
    }

    fn sum(&self, of: impl Fn(&Part) -> Option<&AtomicU64>) -> u64 {
        let counters = self.0.iter().filter_map(of);
        counters
            .map(|counter| counter.load(Ordering::Relaxed))
            .sum()
    }

    /// Tells the recorder.
    pub(crate) fn publish(&self, people: u64, disk_bytes: u64) {
        metrics::counter!(LEARNED).absolute(self.sum(|part| Some(&part.learned)));
        for reason in NotLearned::ALL {
            metrics::counter!(NOT_LEARNED, "reason" => reason.name())
                .absolute(self.not_learned_for(reason));
        }
        metrics::counter!(IGNORED_IDS).absolute(self.sum(|part| Some(&part.ignored_ids)));
        for field in Field::ALL {
            let count = self.sum(|part| part.remembered.get(field as usize));
            metrics::counter!(REMEMBERED, "field" => field.name()).absolute(count);
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
