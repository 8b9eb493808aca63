//! Writes the events of dead letters as JSON lines. They stay dead letters.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;

use conversions_delivery::{DeadLetter, DeadLetterStore};
use serde_json::value::RawValue;

use super::event_text::without_client;
use super::{DeadLettersError, Selection};

/// Whether IP addresses and user agents are exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientData {
    /// Every byte as it would be sent. For files that only their owner reads.
    Included,
    /// Without IP address and user agent.
    LeftOut,
}

/// How many events were exported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExportedCounts {
    /// Events that were written.
    pub events: u64,
    /// Damaged ones, which have no readable event.
    pub damaged: u64,
}

/// Why not everything was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The dead letters could not be read.
    #[error(transparent)]
    DeadLetters(#[from] DeadLettersError),
    /// The output could not be written.
    #[error("cannot write the export")]
    Write(#[from] io::Error),
}

/// Writes the selected events, one a line.
///
/// # Errors
///
/// When the dead letters cannot be read, or the output cannot be written.
pub fn export(
    letters: &dyn DeadLetterStore,
    selection: &Selection,
    client_data: ClientData,
    output: &mut impl Write,
) -> Result<ExportedCounts, ExportError> {
    let mut counts = ExportedCounts::default();
    let mut failed = None;
    selection.visit(letters, |letter| {
        let text = match client_data {
            ClientData::Included => as_stored(&letter),
            ClientData::LeftOut => without_client(&letter.event),
        };
        let Some(event) = text else {
            counts.damaged += 1;
            return ControlFlow::Continue(());
        };
        match writeln!(output, "{event}") {
            Ok(()) => {
                counts.events += 1;
                ControlFlow::Continue(())
            }
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    output.flush()?;
    Ok(counts)
}

/// Writes the selected events, with client data, to a new file that only its owner may read.
///
/// # Errors
///
/// As [`export`], and when a file of this name exists.
pub fn export_to_file(
    letters: &dyn DeadLetterStore,
    selection: &Selection,
    path: &Path,
) -> Result<ExportedCounts, ExportError> {
    let mut output = BufWriter::new(create(path)?);
    let counts = export(letters, selection, ClientData::Included, &mut output)?;
    // The next command may purge what was exported, so the file must be safe on disk.
    let file = output
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    Ok(counts)
}

fn as_stored(letter: &DeadLetter) -> Option<String> {
    let event: Option<&RawValue> = serde_json::from_slice(&letter.event).ok();
    event.map(|event| event.get().to_owned())
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
