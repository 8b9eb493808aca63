//! Giving disk space back to the file system.

use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::lock::lock;
use crate::shared::Shared;

/// When a file is compacted: it takes more than four times what lives in it, and this much.
#[derive(Clone, Copy, Debug)]
struct Threshold {
    bytes: u64,
    /// The least time since it was compacted last.
    rest: Duration,
}

/// An empty log is compacted soon, since there is nothing to copy.
const EMPTY: Threshold = Threshold {
    bytes: 16 << 20,
    rest: Duration::from_secs(5),
};
/// While events are waiting, commits have to wait for the copying.
const IN_USE: Threshold = Threshold {
    bytes: 256 << 20,
    rest: Duration::from_mins(10),
};

/// Decides when the tables are compacted.
#[derive(Debug, Default)]
pub(crate) struct Reclaim {
    compacted_at: Mutex<Option<Instant>>,
}

impl Reclaim {
    /// Compacts the tables when most of their file is free. A commit that comes in between waits.
    pub(crate) fn run_if_worthwhile(&self, shared: &Shared) {
        let file = shared.store.storage_bytes();
        let held = shared.held_bytes.load(Ordering::Relaxed);
        let live = held + shared.state().dedup.bytes();
        let threshold = if held == 0 { EMPTY } else { IN_USE };
        let mut compacted_at = lock(&self.compacted_at);
        let is_rested = compacted_at.is_none_or(|last| last.elapsed() >= threshold.rest);
        if file < live.saturating_mul(4) + threshold.bytes || !is_rested {
            return;
        }
        *compacted_at = Some(Instant::now());
        if let Err(error) = shared.store.compact() {
            tracing::debug!("space could not be given back: {error}");
        }
    }
}

/// Compacts the tables of an empty log when it is closed: the last chance to do so.
pub(crate) fn reclaim_at_the_end(shared: &Shared) {
    let is_empty = shared.held_bytes.load(Ordering::Relaxed) == 0;
    if is_empty && shared.store.storage_bytes() > EMPTY.bytes {
        let _ = shared.store.compact();
    }
}
