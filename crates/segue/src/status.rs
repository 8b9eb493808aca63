//! `segue status`: how delivery stands, whether or not a process is delivering.

mod figures;
mod for_people;
mod for_programs;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use clap::{Args, ValueHint};
use conversions_delivery::{
    DeadLetterStore, DestinationStatus, Status, StatusReader as _, UnixMillis,
};
use conversions_disk_log::{OpenError, StatusFile};

use crate::cli::Format;
use crate::data_folder::DataFolder;
use crate::dead_letters::{destinations, open};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::process::{Life, Process};
use crate::prose::print;
use crate::when::now;

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    pub(crate) folder: DataFolder,

    /// Only the destinations in this settings file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) settings: Option<PathBuf>,

    /// Text for people, or JSON for programs
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
}

/// Runs the command.
pub(crate) fn run(args: &StatusArgs) -> Result<Exit, Failure> {
    let only = destinations(args.settings.as_deref())?;
    let seen = Seen::of(&args.folder, only.as_ref(), now())?;
    print(&match args.format {
        Format::Table => for_people::text(&seen, &args.folder),
        Format::Json => for_programs::text(&seen)?,
    })?;
    Ok(Exit::Done)
}

/// Now, by the clock of the process that wrote a status: what goes to a sandbox goes by the time stamps of its input.
fn by_its_clock(status: &Status, now: UnixMillis) -> UnixMillis {
    let mut names = status.destinations.keys();
    let is_sandbox = !status.destinations.is_empty()
        && names.all(|name| name == "sandbox" || name.starts_with("sandbox-"));
    match status.written_at {
        Some(written_at) if is_sandbox => UnixMillis(
            now.0
                .saturating_sub(written_at.0)
                .saturating_add(status.updated_at.0),
        ),
        _ => now,
    }
}

/// What can be seen of a data folder from outside.
struct Seen {
    /// What the last process said of itself; none when there never was one.
    process: Option<Process>,
    destinations: BTreeMap<String, DestinationStatus>,
    /// What is wrong with the log, if something is.
    log_fault: Option<String>,
    /// What was found damaged when the log was opened, in sentences.
    damage: Vec<String>,
    /// Dead letters that are put back and not yet events again.
    awaiting_replay: u64,
    /// Why the dead letters could not be counted anew, if they could not.
    uncounted: Option<String>,
    now: UnixMillis,
}

impl Seen {
    fn of(
        folder: &DataFolder,
        only: Option<&BTreeSet<String>>,
        now: UnixMillis,
    ) -> Result<Self, Failure> {
        let status = StatusFile::open(&folder.path)
            .and_then(|file| file.read_status())
            .map_err(|error| unreadable(&error, folder))?;
        let now = status
            .as_ref()
            .map_or(now, |status| by_its_clock(status, now));
        let process = status.as_ref().map(|status| Process::of(status, now));
        let (destinations, log_fault, damage) = status
            .map(|status| (status.destinations, status.log_fault, status.damage))
            .unwrap_or_default();
        let mut seen = Self {
            process,
            destinations,
            log_fault,
            damage,
            awaiting_replay: 0,
            uncounted: None,
            now,
        };
        // A process that runs counts them itself. What was purged since the last one has ended, nobody has told it.
        if !seen.is_running() {
            match open(folder) {
                Ok(letters) => seen.count(&letters)?,
                Err(Failure::Sentence(why)) => seen.uncounted = Some(why),
                Err(failure) => return Err(failure),
            }
        }
        if let Some(only) = only {
            seen.destinations.retain(|name, _| only.contains(name));
        }
        Ok(seen)
    }

    fn count(&mut self, letters: &dyn DeadLetterStore) -> Result<(), Failure> {
        let failed = |error| Failure::of(&error);
        let counts = letters.counts().map_err(failed)?;
        self.awaiting_replay = letters.awaiting_replay().map_err(failed)?;
        for destination in self.destinations.values_mut() {
            destination.dead_letters.clear();
        }
        for (name, counts) in counts {
            self.destinations.entry(name).or_default().dead_letters = counts;
        }
        Ok(())
    }

    fn is_running(&self) -> bool {
        self.process
            .is_some_and(|process| process.life == Life::Running)
    }
}

/// The status is written anew every few seconds: one that is damaged is no damage to the log.
fn unreadable(error: &OpenError, folder: &DataFolder) -> Failure {
    match error {
        OpenError::Damaged { name, .. } if name.ends_with("status.json") => {
            Failure::sentence(format!(
                "{name} cannot be read: it was written by another version, or is damaged; the next run of `send` or `serve` writes it anew"
            ))
        }
        error => folder.failure(error),
    }
}

#[cfg(test)]
mod tests;
