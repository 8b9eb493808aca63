//! A log that is open, whatever it is kept in.

use std::fmt;
use std::sync::Arc;

use conversions_delivery::{DeadLetterStore, DurableLog, EventLog};

use crate::error::AppError;

/// A log that is open, and its dead letters.
pub(crate) struct OpenLog {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) letters: Letters,
    /// The log again, if it is in a data folder.
    pub(crate) durable: Option<Arc<dyn DurableLog>>,
    /// Whether it is elsewhere than in the data folder.
    pub(crate) is_shared: bool,
}

/// Opens the dead letters of a log, on a thread that may block.
#[derive(Clone)]
pub(crate) struct Letters(
    Arc<dyn Fn() -> Result<Box<dyn DeadLetterStore>, AppError> + Send + Sync>,
);

impl fmt::Debug for Letters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letters").finish_non_exhaustive()
    }
}

impl Letters {
    pub(crate) fn new(
        open: impl Fn() -> Result<Box<dyn DeadLetterStore>, AppError> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(open))
    }

    pub(crate) fn open(&self) -> Result<Box<dyn DeadLetterStore>, AppError> {
        (self.0)()
    }
}
