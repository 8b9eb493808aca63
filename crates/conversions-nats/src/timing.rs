//! How long a message counts as this process's.

use std::time::Duration;

/// A request to Meta ends within this time.
const LONGEST_REQUEST: Duration = Duration::from_secs(30);
/// For what a clock, a task or a packet may be late.
const MARGIN: Duration = Duration::from_secs(2);

/// What has to happen within the time that the server waits for a sign of life.
///
/// ```
/// use conversions_nats::HoldTiming;
/// use std::time::Duration;
///
/// let timing = HoldTiming::of(Duration::from_secs(60));
/// assert_eq!(timing.fresh_for, Duration::from_secs(28));
/// assert_eq!(timing.sign_after, Duration::from_secs(15));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HoldTiming {
    /// How long the server waits before it gives a message to another process.
    pub ack_wait: Duration,
    /// No request may begin with a message that the server has not heard of for longer: another process may have it before
    /// the request ends.
    pub fresh_for: Duration,
    /// Messages that the server has not heard of for this long get a sign of life.
    pub sign_after: Duration,
    /// How often to look for those.
    pub look_every: Duration,
}

impl HoldTiming {
    /// Of a consumer that waits this long. What is fresh stays so over several signs of life, also where the server waits
    /// for less than a request may take.
    #[must_use]
    pub fn of(ack_wait: Duration) -> Self {
        let before_another = ack_wait.saturating_sub(LONGEST_REQUEST + MARGIN);
        Self {
            ack_wait,
            fresh_for: before_another.max(ack_wait * 7 / 15),
            sign_after: ack_wait / 4,
            look_every: ack_wait / 15,
        }
    }

    /// How long a pull stays open that may stay so for `longest`. What it brings counts as heard of when it was opened, so
    /// this is short next to [`sign_after`](Self::sign_after).
    #[must_use]
    pub fn pull_for(self, longest: Duration) -> Duration {
        longest.min(self.ack_wait / 5)
    }
}
