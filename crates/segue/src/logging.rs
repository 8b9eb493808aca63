//! Logs on standard error, as text or JSON; quiet by default.

use std::io;

use clap::ValueEnum;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::failure::Failure;
use crate::render::terminal::Stream;

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people
    Text,
    /// One JSON object a line
    Json,
}

/// Starts to log at a level, or by directives like `segue=debug,warn`.
pub(crate) fn start(level: &str, format: LogFormat) -> Result<(), Failure> {
    let filter = is_filter(level).then(|| level.parse::<Targets>().ok());
    let filter = filter.flatten().ok_or_else(|| {
        Failure::sentence("--log-level must be off, error, warn, info, debug, trace, or directives like segue=debug")
    })?;
    let lines = fmt::layer().with_writer(io::stderr);
    let logs = tracing_subscriber::registry().with(filter);
    match format {
        LogFormat::Text => logs
            .with(lines.with_ansi(Stream::Err.has_colour()))
            .try_init(),
        LogFormat::Json => logs.with(lines.json().with_ansi(false)).try_init(),
    }
    .map_err(|_| Failure::sentence("logging was started twice"))
}

/// Whether each directive has a level. The filter itself takes any word for the name of a module, so that a misspelt level
/// would silence the log.
fn is_filter(text: &str) -> bool {
    let is_level = |word: &str| {
        ["off", "error", "warn", "info", "debug", "trace"]
            .iter()
            .any(|level| level.eq_ignore_ascii_case(word.trim()))
    };
    text.split(',').all(|directive| {
        let level = directive
            .rsplit_once('=')
            .map_or(directive, |(_, level)| level);
        is_level(level)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_levels_are_refused() {
        for good in ["off", "WARN", "segue=debug", "segue=debug,hyper=off,info"] {
            assert!(is_filter(good), "{good}");
        }
        for bad in [
            "",
            "bogus",
            "inof",
            "segue",
            "segue=",
            "segue=loud,info",
            "info,",
        ] {
            assert!(!is_filter(bad), "{bad}");
        }
    }
}
