//! Who waits for whom: the writing thread for something to write, learning threads for room in memory.

use std::sync::atomic::Ordering;
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use super::{Store, lock};

/// Wakes the writing thread, and the learning threads that wait for it.
#[derive(Default)]
pub(super) struct Signal {
    is_set: Mutex<bool>,
    for_writer: Condvar,
    for_learners: Condvar,
}

impl Store {
    /// Waits a little for the writer; `false` if there is no room.
    pub(super) fn wait_for_room(&self) -> bool {
        if self.is_stopped.load(Ordering::Relaxed) || self.is_overloaded.load(Ordering::Relaxed) {
            return false;
        }
        self.wake_writer();
        let guard = lock(&self.signal.is_set);
        let is_full = |_: &mut bool| self.is_full();
        let waited = self.signal.for_learners.wait_timeout_while(
            guard,
            self.limits.backpressure_timeout,
            is_full,
        );
        let timed_out = waited.map_or(true, |(_, timeout)| timeout.timed_out());
        if timed_out {
            self.is_overloaded.store(true, Ordering::Relaxed);
        }
        !timed_out
    }

    pub(super) fn wake_writer(&self) {
        let mut is_set = lock(&self.signal.is_set);
        if !*is_set {
            *is_set = true;
            self.signal.for_writer.notify_one();
        }
    }

    /// Tells those who wait that there is room again.
    pub(super) fn wake_learners(&self) {
        self.is_overloaded.store(false, Ordering::Relaxed);
        let _guard = lock(&self.signal.is_set);
        self.signal.for_learners.notify_all();
    }

    /// Waits until the writer is woken, which means that there is much to write, or until `at_most` is over. Returns
    /// whether it was woken.
    pub(crate) fn wait(&self, at_most: Duration) -> bool {
        let guard = lock(&self.signal.is_set);
        let waited = self
            .signal
            .for_writer
            .wait_timeout_while(guard, at_most, |is_set| !*is_set);
        waited.is_ok_and(|(mut is_set, _)| std::mem::take(&mut *is_set))
    }

    /// Wakes the writer.
    pub(crate) fn wake(&self) {
        self.wake_writer();
    }
}
