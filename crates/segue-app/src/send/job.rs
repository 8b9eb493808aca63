//! Plans a run: everything that can be decided before the first event is read.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use conversions_delivery::{FinishOptions, InputId};
use conversions_files::{ByteCounter, Origin, RejectsFile, input_digest, newest_time};
use jiff::{SignedDuration, Timestamp};
use segue_settings::{Destination, MemorySettings};

use crate::clock::RunClock;
use crate::data_folder::DataFolder;
use crate::destinations::{Mode, ResolvedDestination};
use crate::error::AppError;
use crate::memory::MatchMemory;
use crate::notice::Notice;
use crate::send::progress::SendObserver;

/// What to send, where, and how.
#[derive(Clone, Debug)]
pub struct SendOptions {
    /// The destinations; every event is mapped for each of them.
    pub destinations: Vec<Destination>,
    /// What is remembered of people, in the data folder.
    pub memory: MemorySettings,
    /// Where to.
    pub mode: Mode,
    /// Files of events, read one after the other.
    pub inputs: Vec<Origin>,
    /// The file that the settings were read from, so that it is not overwritten by the rejects.
    pub settings_file: Option<PathBuf>,
    /// Where to list rejected lines.
    pub rejects: Option<PathBuf>,
    /// Where to keep undelivered events, so that an interrupted run can be resumed. Not used by a dry run.
    pub data_dir: Option<PathBuf>,
    /// Read the inputs from the beginning, even if the data folder says that they were read before.
    pub restart: bool,
    /// The line to begin with, from 1.
    pub from_line: u64,
    /// Stop after this time without progress.
    pub give_up_after: Duration,
}

/// A planned run.
pub struct SendJob {
    pub(super) inputs: Vec<Origin>,
    pub(super) counter: ByteCounter,
    pub(super) from_line: u64,
    pub(super) destinations: Vec<ResolvedDestination>,
    pub(super) clock: RunClock,
    pub(super) mode: Mode,
    pub(super) finish: FinishOptions,
    pub(super) rejects: Option<RejectsFile>,
    /// The data folder, and the id of the input there.
    pub(super) data: Option<(DataFolder, InputId)>,
    /// What is remembered in the data folder.
    pub(super) memory: Option<MatchMemory>,
    pub(super) restart: bool,
}

impl fmt::Debug for SendJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendJob")
            .field("from_line", &self.from_line)
            .field("destinations", &self.destinations)
            .finish_non_exhaustive()
    }
}

impl SendJob {
    /// Plans a run. With a sandbox or a data folder, regular files are read once for this.
    ///
    /// # Errors
    ///
    /// When settings, secrets, inputs or the rejects file cannot be used.
    pub fn plan(options: SendOptions, observer: &dyn SendObserver) -> Result<Self, AppError> {
        let SendOptions {
            mode,
            inputs,
            from_line,
            ..
        } = options;
        let is_durable = options.data_dir.is_some();
        // Without a data folder there is nothing to remember in, and a dry run leaves no traces.
        let memory = (is_durable && mode != Mode::DryRun).then(|| MatchMemory::new(options.memory));
        let destinations = options
            .destinations
            .iter()
            .map(|destination| {
                ResolvedDestination::resolve(destination, mode, is_durable, memory.as_ref())
            })
            .collect::<Result<Vec<_>, _>>()?;
        inputs.iter().try_for_each(Origin::check)?;
        if let Some(path) = &options.rejects {
            refuse_to_overwrite(path, &inputs, options.settings_file.as_deref())?;
        }
        let rejects = options
            .rejects
            .as_deref()
            .map(|path| RejectsFile::open(path, inputs.len() > 1, destinations.len() > 1));
        let clock = match mode {
            Mode::Sandbox => sandbox_clock(&inputs, observer)?,
            Mode::Meta | Mode::DryRun => RunClock::default(),
        };
        let data = match (options.data_dir, mode) {
            (Some(path), Mode::Meta | Mode::Sandbox) => {
                let names: Vec<_> = destinations.iter().map(|one| &*one.name).collect();
                let input = InputId(input_digest(&inputs, &names, from_line)?);
                Some((DataFolder::new(path), input))
            }
            _ => None,
        };
        Ok(Self {
            data,
            memory,
            restart: options.restart,
            rejects: rejects.transpose()?,
            inputs,
            counter: ByteCounter::default(),
            from_line,
            destinations,
            clock,
            mode,
            finish: FinishOptions {
                give_up_after: options.give_up_after,
                ..FinishOptions::default()
            },
        })
    }

    /// The inputs.
    #[must_use]
    pub fn inputs(&self) -> &[Origin] {
        &self.inputs
    }

    /// Counts the bytes that the run reads.
    #[must_use]
    pub fn counter(&self) -> ByteCounter {
        self.counter.clone()
    }
}

/// In a sandbox "now" is the newest time stamp of regular files, so that an example stays valid whatever the date.
fn sandbox_clock(inputs: &[Origin], observer: &dyn SendObserver) -> Result<RunClock, AppError> {
    if !inputs.iter().all(|origin| origin.regular_size().is_some()) {
        return Ok(RunClock::default());
    }
    let newest = newest_time(inputs)?;
    if let Some(newest) = newest {
        observer.notice(&Notice::SandboxTime(newest));
        if newest.duration_since(Timestamp::now()) > SignedDuration::from_hours(1) {
            observer.notice(&Notice::SandboxTimeAhead);
        }
    }
    Ok(RunClock::new(newest))
}

/// The rejects file is truncated, so it must not be a file that this run reads, under any name.
fn refuse_to_overwrite(
    rejects: &Path,
    inputs: &[Origin],
    settings: Option<&Path>,
) -> Result<(), AppError> {
    // Terminals, pipes and /dev/null cannot be lost, and opening a pipe would disturb it.
    if !std::fs::metadata(rejects).is_ok_and(|target| target.is_file()) {
        return Ok(());
    }
    let can_be_lost =
        |origin: &&Origin| **origin == Origin::StandardInput || origin.regular_size().is_some();
    let read = inputs
        .iter()
        .filter(can_be_lost)
        .map(|origin| match origin {
            Origin::File(path) => same_file::Handle::from_path(path),
            Origin::StandardInput => same_file::Handle::stdin(),
        });
    let read = read.chain(settings.map(same_file::Handle::from_path));
    let Ok(target) = same_file::Handle::from_path(rejects) else {
        return Ok(());
    };
    if read.flatten().any(|other| other == target) {
        return Err(AppError::Configuration(
            "--rejects names a file that this command reads; name another one".to_owned(),
        ));
    }
    Ok(())
}
