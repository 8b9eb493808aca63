//! `segue dead-letters export`.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;

use conversions_delivery::{DeadLetter, DeadLetterStore};
use serde_json::value::RawValue;

use crate::dead_letters::args::ExportArgs;
use crate::dead_letters::event_text::without_client;
use crate::dead_letters::open;
use crate::dead_letters::selection::Selection;
use crate::exit::Exit;
use crate::failure::{Failure, say_wrapped};
use crate::terminal::counted;

/// Runs the command.
pub(crate) fn run(args: &ExportArgs) -> Result<Exit, Failure> {
    let selection = Selection::of(&args.selection)?;
    let letters = open(&args.folder)?;
    let written = match &args.output {
        Some(path) => to_file(path, &letters, &selection),
        None => to_standard_output(&letters, &selection),
    }?;
    say_wrapped(&written.in_words(args.output.as_deref()));
    Ok(Exit::Done)
}

fn to_file(
    path: &Path,
    letters: &dyn DeadLetterStore,
    selection: &Selection,
) -> Result<Written, Failure> {
    let failed = |error: io::Error| failure(path, &error);
    let mut output = BufWriter::new(create(path).map_err(failed)?);
    let written = write(letters, selection, &mut output, as_stored)?.map_err(failed)?;
    // Whoever purges next must be able to rely on the file.
    let file = output
        .into_inner()
        .map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)?;
    Ok(written)
}

fn to_standard_output(
    letters: &dyn DeadLetterStore,
    selection: &Selection,
) -> Result<Written, Failure> {
    let mut output = BufWriter::new(io::stdout().lock());
    let written = write(letters, selection, &mut output, for_all_to_see)?;
    written
        .and_then(|written| output.flush().map(|()| written))
        .map_err(|error| Failure::output(&error))
}

/// How many were written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    events: u64,
    /// Those whose text is no event's.
    damaged: u64,
}

impl Written {
    pub(super) fn in_words(self, file: Option<&Path>) -> String {
        let events = counted(self.events, "event", "events");
        let mut said = match file {
            Some(path) => format!(
                "{events} exported to {}, IP addresses and user agents with them.",
                path.display()
            ),
            None => format!(
                "{events} exported, without IP address and user agent: --output FILE has these too."
            ),
        };
        if self.damaged > 0 {
            let damaged = counted(self.damaged, "damaged one has", "damaged ones have");
            said = format!("{said} {damaged} no readable event and had to be left out.");
        }
        if self.events > 0 {
            said.push_str(
                " They are dead letters still; `purge` with the same options removes them.",
            );
        }
        said
    }
}

/// Writes the events, one a line. The inner error is one of writing.
pub(super) fn write(
    letters: &dyn DeadLetterStore,
    selection: &Selection,
    output: &mut impl Write,
    text: impl Fn(&DeadLetter) -> Option<String>,
) -> Result<io::Result<Written>, Failure> {
    let mut written = Written::default();
    let mut failed = None;
    selection.visit(letters, |letter| {
        let Some(event) = text(&letter) else {
            written.damaged += 1;
            return ControlFlow::Continue(());
        };
        match writeln!(output, "{event}") {
            Ok(()) => {
                written.events += 1;
                ControlFlow::Continue(())
            }
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    Ok(failed.map_or(Ok(written), Err))
}

/// Every byte as it would be sent.
pub(super) fn as_stored(letter: &DeadLetter) -> Option<String> {
    let event: Option<&RawValue> = serde_json::from_slice(&letter.event).ok();
    event.map(|event| event.get().to_owned())
}

/// Without what Meta takes in clear.
fn for_all_to_see(letter: &DeadLetter) -> Option<String> {
    without_client(&letter.event)
}

/// A new file that only its owner may read.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn failure(path: &Path, error: &io::Error) -> Failure {
    let reason = match error.kind() {
        io::ErrorKind::AlreadyExists => "there is a file of that name already".to_owned(),
        io::ErrorKind::NotFound => "its folder does not exist".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    };
    Failure::sentence(format!("cannot export to {}: {reason}", path.display()))
}
