//! What is to be done, decided before anything is: inputs, destinations, how they are reached, and what time it is.

use std::path::Path;

use conversions_delivery::{FinishOptions, InputId};
use jiff::{SignedDuration, Timestamp};

use crate::cli::SendArgs;
use crate::context::{Clock, choose_destination, load_settings};
use crate::data_folder::DataFolder;
use crate::failure::{Failure, say_wrapped};
use crate::input;
use crate::route::{Mode, Route};
use conversions_files::RejectsFile;
use conversions_files::input_digest;
use conversions_files::newest_time;
use conversions_files::{ByteCounter, Origin};

/// Everything that is known before the first event is read.
pub(crate) struct Plan {
    pub(crate) inputs: Vec<Origin>,
    pub(crate) meter: ByteCounter,
    pub(crate) from_line: u64,
    pub(crate) routes: Vec<Route>,
    pub(crate) clock: Clock,
    pub(crate) mode: Mode,
    pub(crate) finish: FinishOptions,
    pub(crate) rejects: Option<RejectsFile>,
    /// The data folder, and what the input is known by there.
    pub(crate) data: Option<(DataFolder, InputId)>,
    /// Whether to read the input again although it was read before.
    pub(crate) restart: bool,
}

impl Plan {
    pub(crate) fn make(args: &SendArgs) -> Result<Self, Failure> {
        let settings = load_settings(&args.settings)?;
        let destinations = match &args.settings.destination {
            Some(name) => vec![choose_destination(settings, Some(name))?],
            None => settings.destinations,
        };
        let mode = match (args.sandbox, args.dry_run) {
            (true, _) => Mode::Sandbox,
            (false, true) => Mode::DryRun,
            (false, false) => Mode::Meta,
        };
        let routes = destinations
            .iter()
            .map(|destination| Route::plan(destination, mode, args.data_dir.is_some()));
        let routes = routes.collect::<Result<Vec<_>, _>>()?;
        let inputs = Origin::from_arguments(&args.files);
        input::check(&inputs)?;
        if let Some(path) = &args.rejects {
            refuse_to_overwrite(path, &inputs, args.settings.settings.as_deref())?;
        }
        let rejects = args
            .rejects
            .as_deref()
            .map(|path| RejectsFile::open(path, inputs.len() > 1, routes.len() > 1));
        let clock = match mode {
            Mode::Sandbox => sandbox_clock(&inputs)?,
            Mode::Meta | Mode::DryRun => Clock(None),
        };
        let data = match (&args.data_dir, mode) {
            (Some(path), Mode::Meta | Mode::Sandbox) => {
                let names: Vec<_> = routes.iter().map(|route| &*route.name).collect();
                let folder = DataFolder { path: path.clone() };
                let input = InputId(input_digest(&inputs, &names, args.from_line)?);
                Some((folder, input))
            }
            _ => None,
        };
        Ok(Self {
            data,
            restart: args.restart,
            rejects: rejects.transpose()?,
            inputs,
            meter: ByteCounter::default(),
            from_line: args.from_line,
            routes,
            clock,
            mode,
            finish: FinishOptions {
                give_up_after: args.give_up_after,
                ..FinishOptions::default()
            },
        })
    }
}

/// "Now" is the newest time stamp of regular files, so that an example stays valid whatever the date.
fn sandbox_clock(inputs: &[Origin]) -> Result<Clock, Failure> {
    if !inputs.iter().all(|origin| origin.regular_size().is_some()) {
        return Ok(Clock(None));
    }
    let newest = newest_time(inputs)?;
    if let Some(newest) = newest {
        say_wrapped(&format!(
            "The sandbox takes {newest} for now, the newest time stamp of the input, which is read twice."
        ));
        if newest.duration_since(Timestamp::now()) > SignedDuration::from_hours(1) {
            say_wrapped(
                "That is ahead of the clock of this machine. If it is one event with a wrong time, the others may count as too old in this run.",
            );
        }
    }
    Ok(Clock(newest))
}

/// The file of rejects is emptied first: it must not be what is about to be read, by whatever name.
fn refuse_to_overwrite(
    rejects: &Path,
    inputs: &[Origin],
    settings: Option<&Path>,
) -> Result<(), Failure> {
    // Terminals, pipes and /dev/null are no files that could be lost, and opening a pipe would disturb it.
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
        return Err(Failure::sentence(
            "--rejects names a file that this command reads; name another one",
        ));
    }
    Ok(())
}
