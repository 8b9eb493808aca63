//! Posting at a fixed rate instead of as fast as answers come.

use std::time::{Duration, Instant};

/// When the requests of one connection are due.
pub(crate) struct Pace {
    next: Instant,
    every: Duration,
}

impl Pace {
    /// Of one of several connections that post `rate` requests a second together, in turn.
    pub(crate) fn new(start: Instant, rate: u32, client: u32, connections: u32) -> Self {
        let between = Duration::from_secs(1) / rate.max(1);
        Self {
            next: start + between * client,
            every: between * connections,
        }
    }

    /// Waits until the next request is due, and returns when that was. The time to an answer counts from then: else a
    /// server that is slow would hide how long requests wait until their connection is free.
    pub(crate) async fn due(&mut self) -> Instant {
        let due = self.next;
        self.next += self.every;
        tokio::time::sleep_until(due.into()).await;
        due
    }
}
