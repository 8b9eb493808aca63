//! Logs: on standard error, for people, quiet unless asked.

use std::io;

use tracing_subscriber::EnvFilter;

use crate::failure::Failure;
use crate::terminal::Stream;

/// Starts to log at a level, or by directives like `segue=debug,warn`.
pub(crate) fn start(level: &str) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(level).map_err(|_| {
        Failure::sentence("--log-level must be off, error, warn, info, debug, trace, or directives like segue=debug")
    })?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(Stream::Err.has_colour());
    subscriber
        .try_init()
        .map_err(|_| Failure::sentence("logging was started twice"))
}
