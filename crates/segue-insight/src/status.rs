//! How delivery stands, whether or not a process is delivering.

mod json;
mod process;

use std::collections::{BTreeMap, BTreeSet};

use conversions_delivery::{DeadLetterStore, DestinationStatus, LogError, Status, UnixMillis};

pub use process::{Process, ProcessState};

/// The status of a data folder as seen from outside.
#[derive(Clone, Debug)]
pub struct DeliveryStatus {
    /// The process that wrote the status last; `None` when there never was one.
    pub process: Option<Process>,
    /// The status of each destination.
    pub destinations: BTreeMap<String, DestinationStatus>,
    /// What is wrong with the log, if something is.
    pub log_fault: Option<String>,
    /// What was found damaged when the log was opened, in sentences.
    pub damage: Vec<String>,
    /// Dead letters that were put back and not yet requeued.
    pub awaiting_replay: u64,
    /// Why the dead letters could not be counted afresh, if they could not.
    pub uncounted: Option<String>,
    /// The time by which ages are shown.
    pub now: UnixMillis,
}

impl DeliveryStatus {
    /// What the last process wrote, if there was one.
    #[must_use]
    pub fn new(status: Option<Status>, now: UnixMillis) -> Self {
        let now = status
            .as_ref()
            .map_or(now, |status| by_its_clock(status, now));
        let process = status.as_ref().map(|status| Process::of(status, now));
        let (destinations, log_fault, damage) = status
            .map(|status| (status.destinations, status.log_fault, status.damage))
            .unwrap_or_default();
        Self {
            process,
            destinations,
            log_fault,
            damage,
            awaiting_replay: 0,
            uncounted: None,
            now,
        }
    }

    /// Whether a process is delivering now.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.process
            .is_some_and(|process| process.state == ProcessState::Running)
    }

    /// Counts the dead letters afresh. A running process reports its own counts; after its end a purge or a replay may have
    /// changed them.
    ///
    /// # Errors
    ///
    /// When the log cannot be read.
    pub fn count_dead_letters(&mut self, letters: &dyn DeadLetterStore) -> Result<(), LogError> {
        let counts = letters.counts()?;
        self.awaiting_replay = letters.awaiting_replay()?;
        for destination in self.destinations.values_mut() {
            destination.dead_letters.clear();
        }
        for (name, counts) in counts {
            self.destinations.entry(name).or_default().dead_letters = counts;
        }
        Ok(())
    }

    /// Keeps these destinations only.
    pub fn retain_destinations(&mut self, names: &BTreeSet<String>) {
        self.destinations.retain(|name, _| names.contains(name));
    }
}

/// Now, by the clock of the process that wrote the status. A run to a sandbox takes the newest time stamp of its input for
/// now, so the age of its status is the age of the file.
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
