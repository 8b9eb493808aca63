//! Whether the machine gave the tests time: what a member loses because its process stood still is no fault of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const TICK: Duration = Duration::from_millis(50);

/// Notes for how long this process stood still at most.
pub(crate) struct Stalls {
    longest: Arc<AtomicU64>,
    is_over: Arc<AtomicBool>,
}

impl Stalls {
    pub(crate) fn watch() -> Self {
        let stalls = Self {
            longest: Arc::default(),
            is_over: Arc::default(),
        };
        let (longest, is_over) = (Arc::clone(&stalls.longest), Arc::clone(&stalls.is_over));
        std::thread::spawn(move || {
            let mut last = Instant::now();
            while !is_over.load(Ordering::Relaxed) {
                std::thread::sleep(TICK);
                let late = last.elapsed().saturating_sub(TICK);
                last = Instant::now();
                let late = u64::try_from(late.as_millis()).unwrap_or(u64::MAX);
                longest.fetch_max(late, Ordering::Relaxed);
            }
        });
        stalls
    }

    pub(crate) fn longest(&self) -> Duration {
        Duration::from_millis(self.longest.load(Ordering::Relaxed))
    }
}

impl Drop for Stalls {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}
