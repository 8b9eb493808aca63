//! How much is remembered, and for how long.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::field::Fields;
use crate::store::Limits;

/// How much is remembered, and for how long.
///
/// ```
/// use match_memory::Options;
///
/// let options = Options::default();
/// assert_eq!(options.ttl.as_secs(), 90 * 24 * 3600);
/// assert_eq!(options.max_people, 5_000_000);
/// ```
#[derive(Clone)]
pub struct Options {
    /// What was not seen for so long is forgotten. 90 days by default: as long as the browser keeps Meta's cookies.
    pub ttl: Duration,
    /// The most people that are known: users with their devices, and devices without a user. Those last seen stay.
    pub max_people: u64,
    /// What is remembered.
    pub remember: Fields,
    /// Bytes of the disk that the memory leaves to others: with less free space nothing is learned.
    pub reserved_bytes: u64,
    /// How long learning waits when the disk cannot keep up, before it goes on without the message. 100 ms by default;
    /// what reads files can wait longer.
    pub backpressure_timeout: Duration,
    /// What time it is, Unix milliseconds.
    pub clock: Clock,
}

/// Tells the time in Unix milliseconds.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

impl Default for Options {
    fn default() -> Self {
        Self {
            ttl: Duration::from_hours(90 * 24),
            max_people: 5_000_000,
            remember: Fields::DEFAULT,
            reserved_bytes: 64 << 20,
            backpressure_timeout: Duration::from_millis(100),
            clock: Arc::new(system_time),
        }
    }
}

impl Options {
    pub(crate) fn ttl_millis(&self) -> u64 {
        u64::try_from(self.ttl.as_millis()).unwrap_or(u64::MAX)
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits {
            ttl_millis: self.ttl_millis(),
            max_people: self.max_people,
            backpressure_timeout: self.backpressure_timeout,
            reserved_bytes: self.reserved_bytes,
        }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("ttl", &self.ttl)
            .field("max_people", &self.max_people)
            .field("remember", &self.remember)
            .field("reserved_bytes", &self.reserved_bytes)
            .finish_non_exhaustive()
    }
}

fn system_time() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since
        .ok()
        .and_then(|since| u64::try_from(since.as_millis()).ok())
        .unwrap_or(0)
}
