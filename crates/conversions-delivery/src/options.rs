//! Options of a destination.

use std::time::Duration;

use crate::backoff::Backoff;

/// The most events that Meta takes in one request.
pub const MAX_EVENTS_PER_REQUEST: usize = 1000;

/// Options of a destination. The defaults suit Meta's Conversions API.
///
/// ```
/// use std::time::Duration;
/// use conversions_delivery::DestinationOptions;
///
/// let options = DestinationOptions {
///     linger: Duration::ZERO,
///     concurrency: 8,
///     ..DestinationOptions::default()
/// };
/// assert_eq!(options.batch_events, 1000);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DestinationOptions {
    /// Events per request, at most 1,000.
    pub batch_events: usize,
    /// Bytes of events per request. An event that is larger goes alone.
    pub batch_bytes: usize,
    /// How long an event may wait for others to share its request. Zero: a request leaves as soon as one may.
    pub linger: Duration,
    /// Requests in flight at the same time.
    pub concurrency: usize,
    /// Waits after failures that pass by themselves.
    pub retry: Backoff,
    /// Waits when Meta throttles and does not say for how long.
    pub throttle: Backoff,
    /// Wait when Meta blocks for a while.
    pub slow_retry: Duration,
    /// How often a request is retried whose failure may or may not pass.
    pub few_retries: u32,
    /// How long a held destination waits before it tries one request.
    pub probe_interval: Duration,
    /// Retries end this long before the event would be too old: a request takes time, and clocks differ.
    pub age_margin: Duration,
}

impl Default for DestinationOptions {
    fn default() -> Self {
        const MINUTE: u64 = 60;
        Self {
            batch_events: MAX_EVENTS_PER_REQUEST,
            // Meta documents no limit of bytes. A larger request takes longer to repeat after a fault, and saves
            // little.
            batch_bytes: 1_000_000,
            linger: Duration::from_secs(1),
            concurrency: 4,
            retry: Backoff {
                base: Duration::from_secs(1),
                cap: Duration::from_secs(5 * MINUTE),
            },
            throttle: Backoff {
                base: Duration::from_secs(MINUTE),
                cap: Duration::from_secs(60 * MINUTE),
            },
            slow_retry: Duration::from_secs(15 * MINUTE),
            few_retries: 5,
            probe_interval: Duration::from_secs(MINUTE),
            age_margin: Duration::from_secs(MINUTE),
        }
    }
}

impl DestinationOptions {
    /// Brings counts into the range that makes sense.
    pub(crate) fn in_range(mut self) -> Self {
        self.batch_events = self.batch_events.clamp(1, MAX_EVENTS_PER_REQUEST);
        self.batch_bytes = self.batch_bytes.max(1);
        self.concurrency = self.concurrency.max(1);
        self
    }
}
