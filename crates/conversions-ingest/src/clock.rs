//! The clock, which tests replace.

use jiff::Timestamp;

/// Tells the current time.
pub trait Clock: Send + Sync {
    /// The current time.
    fn now(&self) -> Timestamp;
}

/// The clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that always tells this time.
impl Clock for Timestamp {
    fn now(&self) -> Timestamp {
        *self
    }
}
