//! What ends a command early, and how it is said: one sentence, and what to do.

use std::error::Error;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::terminal::{Stream, visible_styled};
use conversions_files::{InputError, PipelineError, RejectsError};
use segue_settings::{Diagnostic, Severity};

const BAD: Style = AnsiColor::Red.on_default().bold();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default().bold();

/// Why a command could not do what it was asked for.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The settings have mistakes: all of them, warnings too.
    Settings(Vec<Diagnostic>),
    /// One sentence, without a full stop.
    Sentence(String),
    /// Whoever read the output has stopped reading, which is nobody's mistake.
    NobodyReads,
}

impl Failure {
    pub(crate) fn sentence(sentence: impl Into<String>) -> Self {
        Self::Sentence(sentence.into())
    }

    /// An error and its causes as one sentence.
    pub(crate) fn of(error: &dyn Error) -> Self {
        let mut sentence = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            let said = error.to_string();
            if !sentence.contains(&said) {
                sentence = format!("{sentence}: {said}");
            }
            cause = error.source();
        }
        Self::Sentence(sentence)
    }

    /// An error in writing standard output.
    pub(crate) fn output(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::NobodyReads
        } else {
            Self::Sentence(format!("cannot write the output: {error}"))
        }
    }

    /// Says it on standard error.
    pub(crate) fn report(&self) {
        match self {
            Self::Settings(diagnostics) => say_all(diagnostics),
            Self::Sentence(sentence) => say_wrapped(&format!("{BAD}error:{BAD:#} {sentence}")),
            Self::NobodyReads => {}
        }
    }
}

impl From<InputError> for Failure {
    fn from(error: InputError) -> Self {
        Self::Sentence(error.to_string())
    }
}

impl From<RejectsError> for Failure {
    fn from(error: RejectsError) -> Self {
        Self::Sentence(error.to_string())
    }
}

impl From<PipelineError> for Failure {
    fn from(error: PipelineError) -> Self {
        match error {
            PipelineError::Input(error) => error.into(),
            PipelineError::Output(error) => Self::output(&error),
            error => Self::of(&error),
        }
    }
}

/// Says mistakes and warnings on standard error.
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

/// Says a sentence, which is wrapped between words on a terminal.
pub(crate) fn say_wrapped(text: &str) {
    match Stream::Err.width() {
        Some(width) => say(&textwrap::fill(text, usize::from(width))),
        None => say(text),
    }
}

/// Says something on standard error. Colours are taken out where they are not wanted. If nobody can hear it, nothing
/// can be done about that.
pub(crate) fn say(text: &str) {
    let text = visible_styled(text);
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}
