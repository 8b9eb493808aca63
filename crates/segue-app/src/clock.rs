//! The clock of a run.

use std::time::{Duration, SystemTime};

use conversions_delivery::{Clock, UnixMillis};
use jiff::Timestamp;

/// The time of day, or a fixed time. Mapping, delivery and the sandbox of a run use the same one, so that they agree on
/// which events are too old.
#[derive(Clone, Copy, Debug, Default)]
pub struct RunClock {
    fixed: Option<Timestamp>,
}

impl RunClock {
    /// A clock that always says `time`; without it the system's.
    #[must_use]
    pub fn new(time: Option<Timestamp>) -> Self {
        Self { fixed: time }
    }

    /// The time as a time stamp.
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        self.fixed.unwrap_or_else(Timestamp::now)
    }

    pub(crate) fn system_time(self) -> SystemTime {
        let since_1970 = Duration::try_from(self.timestamp().duration_since(Timestamp::UNIX_EPOCH));
        SystemTime::UNIX_EPOCH + since_1970.unwrap_or_default()
    }
}

impl Clock for RunClock {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.timestamp().as_millisecond())
    }
}
