//! Errors and warnings about a settings file.
//!
//! A diagnostic names the place and the key. It never shows a line or a value of the file: either may be
//! a secret, or contact data.

use std::fmt;
use std::path::PathBuf;

use conversions_mapping::is_printable;

use crate::document::Position;
use crate::secret::looks_like_secret;
use crate::visible::visible;

/// How serious a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The settings cannot be used.
    Error,
    /// The settings can be used, but may not do what is meant.
    Warning,
}

/// An error or a warning. Its text is one line that editors can jump to, and a second line that says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// The settings file.
    pub file: PathBuf,
    /// The place in the file; absent when the file as a whole is meant.
    pub at: Option<Position>,
    /// What is wrong, without a full stop. No value of the file.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    /// As JSON, for programs.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "severity": match self.severity { Severity::Error => "error", Severity::Warning => "warning" },
            "file": self.file.display().to_string(),
            "line": self.at.map(|at| at.line),
            "column": self.at.map(|at| at.column),
            "message": self.message,
            "help": self.help,
        })
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&visible(&self.file.display().to_string()))?;
        if let Some(Position { line, column }) = self.at {
            write!(f, ":{line}:{column}")?;
        }
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, ": {severity}: {}", self.message)?;
        if let Some(help) = &self.help {
            write!(f, "\n  {help}")?;
        }
        Ok(())
    }
}

/// What is wrong, and what to do, without a position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    pub message: String,
    pub help: Option<String>,
}

impl Mistake {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
        }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// A name from the file as a diagnostic may show it: in back quotes when it is harmless, else as "this name".
///
/// A name may be an e-mail address, a telephone number, or a token in the wrong place. It is shown only if it
/// is short, does not look like a secret, and contains neither `@` nor a run of seven digits.
pub(crate) fn quoted(name: &str) -> String {
    quoted_or(name, "this name")
}

/// Like [`quoted`], with these words instead of a name that may not be shown.
pub(crate) fn quoted_or(name: &str, otherwise: &str) -> String {
    harmless(name).unwrap_or_else(|| otherwise.to_owned())
}

/// Like [`quoted`], behind a blank; empty for a name that may not be shown, since the diagnostic has a position.
pub(crate) fn named(name: &str) -> String {
    harmless(name).map_or_else(String::new, |name| format!(" {name}"))
}

fn harmless(name: &str) -> Option<String> {
    let harmless = name.chars().nth(50).is_none()
        && is_printable(name)
        && visible(name) == name
        && !looks_like_secret(name);
    harmless.then(|| format!("`{name}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_may_be_personal_or_secret_are_not_shown() {
        assert_eq!(quoted("Signed Up"), "`Signed Up`");
        assert_eq!(quoted("ada@example.com"), "this name");
        assert_eq!(quoted("call 5551234567"), "this name");
        assert_eq!(quoted(&"EAAB".repeat(20)), "this name");
        assert_eq!(quoted("EAABsbCS1iHg"), "this name");
        assert_eq!(quoted("0a1b2c3d4e5f60718293a4b5c6d7e8f9"), "this name");
    }
}
