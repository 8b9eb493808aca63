//! How long a message counts as this member's.

use std::time::Duration;

/// A caller may send a request for what it was handed out, and a request to Meta ends within this time.
const LONGEST_REQUEST: Duration = Duration::from_secs(30);
/// For what a clock, a task or a packet may be late.
const MARGIN: Duration = Duration::from_secs(2);
/// How long a pull stays open at most. Leaving waits for its end.
const LONGEST_PULL: Duration = Duration::from_secs(2);

/// What has to happen within the time that the server waits for a sign of life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timing {
    /// How long the server waits before another member gets a message.
    pub(crate) ack_wait: Duration,
    /// Nothing may begin with a message that the server has not heard of for longer: another member may have it before that
    /// ends.
    pub(crate) fresh_for: Duration,
    /// Messages that the server has not heard of for this long get a sign of life.
    pub(crate) sign_after: Duration,
    pub(crate) look_every: Duration,
    /// How long a pull stays open. What it brings counts as heard of when it was opened, so this is short next to
    /// `sign_after`.
    pub(crate) open_for: Duration,
}

impl Timing {
    /// Of a consumer that waits this long. What is fresh stays so over several signs of life, also where the server waits
    /// for less than a request may take.
    pub(crate) fn of(ack_wait: Duration) -> Self {
        let before_another = ack_wait.saturating_sub(LONGEST_REQUEST + MARGIN);
        Self {
            ack_wait,
            fresh_for: before_another.max(ack_wait * 7 / 15),
            sign_after: ack_wait / 4,
            look_every: ack_wait / 15,
            open_for: LONGEST_PULL.min(ack_wait / 5),
        }
    }
}
