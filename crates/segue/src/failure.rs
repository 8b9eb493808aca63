//! Why a command could not do its work, and how that is printed: one sentence that says what to do.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use conversions_files::{InputError, PipelineError};
use segue_app::AppError;
use segue_insight::dead_letters::DeadLettersError;
use segue_settings::{Diagnostic, Severity};

use crate::render::terminal::{Stream, visible_styled};

const BAD: Style = AnsiColor::Red.on_default().bold();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default().bold();

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The settings have mistakes. Warnings are listed too.
    Settings(Vec<Diagnostic>),
    /// One sentence, without a full stop.
    Sentence(String),
    /// The reader of the output has closed it, as `head` does. That is not an error.
    BrokenPipe,
}

impl Failure {
    pub(crate) fn sentence(sentence: impl Into<String>) -> Self {
        Self::Sentence(sentence.into())
    }

    /// An error in writing standard output.
    pub(crate) fn output(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::BrokenPipe
        } else {
            Self::Sentence(format!("cannot write the output: {error}"))
        }
    }

    /// Prints it on standard error.
    pub(crate) fn report(&self) {
        match self {
            Self::Settings(diagnostics) => say_all(diagnostics),
            Self::Sentence(sentence) => say_wrapped(&format!("{BAD}error:{BAD:#} {sentence}")),
            Self::BrokenPipe => {}
        }
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Settings(diagnostics) => Self::Settings(diagnostics),
            AppError::Reading(PipelineError::Output(error)) => Self::output(&error),
            error => Self::Sentence(error.sentence()),
        }
    }
}

impl From<InputError> for Failure {
    fn from(error: InputError) -> Self {
        AppError::from(error).into()
    }
}

impl From<PipelineError> for Failure {
    fn from(error: PipelineError) -> Self {
        AppError::from(error).into()
    }
}

impl From<DeadLettersError> for Failure {
    fn from(error: DeadLettersError) -> Self {
        AppError::from(error).into()
    }
}

/// Prints mistakes and warnings on standard error.
pub(crate) fn say_all(diagnostics: &[Diagnostic]) {
    for diagnostic in diagnostics {
        let (word, style) = match diagnostic.severity {
            Severity::Error => ("error:", BAD),
            Severity::Warning => ("warning:", DOUBTFUL),
        };
        let plain = diagnostic.to_string();
        say(&plain.replacen(word, &format!("{style}{word}{style:#}"), 1));
    }
}

/// Prints a sentence on standard error, wrapped between words on a terminal.
pub(crate) fn say_wrapped(text: &str) {
    match Stream::Err.width() {
        Some(width) => say(&textwrap::fill(text, usize::from(width))),
        None => say(text),
    }
}

/// Prints a line on standard error, without colours where they are not wanted. A closed standard error is ignored: there is no
/// other place to report it.
pub(crate) fn say(text: &str) {
    let text = visible_styled(text);
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}
