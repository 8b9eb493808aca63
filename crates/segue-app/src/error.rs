//! Why the application cannot do what it was asked for.

use std::error::Error;
use std::path::PathBuf;

use conversions_delivery::{AppendError, LogError};
use conversions_disk_log::OpenError;
use conversions_files::{InputError, PipelineError, RejectsError};
use segue_insight::dead_letters::DeadLettersError;
use segue_settings::Diagnostic;

use crate::open_error;

/// Why the application cannot do what it was asked for. Messages are lower case, without a full stop, and hold no secret.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The settings have mistakes; warnings are listed too.
    #[error("the settings cannot be used")]
    Settings(Vec<Diagnostic>),
    /// The settings are valid, but not for this run: a destination that does not exist, a missing token.
    #[error("{0}")]
    Configuration(String),
    /// An input cannot be read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Reading stopped before the end of the inputs.
    #[error(transparent)]
    Reading(#[from] PipelineError),
    /// The rejects cannot be written.
    #[error(transparent)]
    Rejects(#[from] RejectsError),
    /// The data folder cannot be used.
    #[error("the data folder {} cannot be used", .folder.display())]
    DataFolder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: OpenError,
    },
    /// The event log failed.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The event log did not take events.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The dead letters cannot be read or changed.
    #[error(transparent)]
    DeadLetters(#[from] DeadLettersError),
    /// The match memory cannot be looked at.
    #[error(transparent)]
    Memory(#[from] match_memory::OpenError),
    /// The match memory could not forget.
    #[error(transparent)]
    Forget(#[from] match_memory::ForgetError),
    /// History or trace cannot be read.
    #[error(transparent)]
    History(#[from] conversions_history::OpenError),
    /// The endpoint cannot be configured with these sources and limits.
    #[error(transparent)]
    Ingest(#[from] conversions_ingest::OptionsError),
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] conversions_ingest::TlsError),
    /// The operating system refuses something that the run needs: an address, a thread, a temporary folder.
    #[error("{0}")]
    System(String),
    /// A task panicked.
    #[error("{0} stopped unexpectedly: this is a defect in segue, please report it")]
    Defect(&'static str),
}

impl AppError {
    /// The error and its causes as one sentence that says what to do, without a full stop.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::DataFolder { folder, source } => {
                open_error::sentence(folder, source).unwrap_or_else(|| with_causes(source))
            }
            // Their messages have the reason in plain words; the system's would say it again.
            Self::Input(_) | Self::Reading(PipelineError::Input(_)) | Self::Rejects(_) => {
                self.to_string()
            }
            _ => with_causes(self),
        }
    }
}

/// An error, and its causes unless it names them itself.
fn with_causes(error: &dyn Error) -> String {
    let mut sentence = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let message = error.to_string();
        if !sentence.contains(&message) {
            sentence = format!("{sentence}: {message}");
        }
        cause = error.source();
    }
    sentence
}
