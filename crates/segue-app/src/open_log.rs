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
pub(crate) struct Letters {
    open: Arc<dyn Fn() -> Result<Box<dyn DeadLetterStore>, AppError> + Send + Sync>,
    /// Whether the id of a letter is the key that its event had in the log. A shared log numbers letters anew.
    pub(crate) has_event_keys: bool,
}

impl fmt::Debug for Letters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letters").finish_non_exhaustive()
    }
}

impl Letters {
    pub(crate) fn new(
        open: impl Fn() -> Result<Box<dyn DeadLetterStore>, AppError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            open: Arc::new(open),
            has_event_keys: false,
        }
    }

    /// The same, where the id of a letter is the key that its event had in the log.
    pub(crate) fn with_event_keys(self) -> Self {
        Self {
            has_event_keys: true,
            ..self
        }
    }

    pub(crate) fn open(&self) -> Result<Box<dyn DeadLetterStore>, AppError> {
        (self.open)()
    }
}
