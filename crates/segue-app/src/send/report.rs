//! The end of a run: what became of every line.

mod json;

use conversions_delivery::{DeadLetter, Progress, Summary, Totals};
use conversions_files::Origin;
use conversions_mapping::OutcomeCounts;

use crate::data_folder::DataFolder;
use crate::destinations::Mode;
use crate::error::AppError;
use crate::send::run_totals::RunTotals;

/// What a run did.
#[derive(Debug)]
pub struct SendReport {
    /// Which lines were read, and what became of them.
    pub totals: RunTotals,
    /// Where to.
    pub mode: Mode,
    /// The summary of the delivery engine; `None` after a dry run.
    pub summary: Option<Summary>,
    /// The latest dead letters, of a run without a data folder.
    pub dead_letters: Vec<DeadLetter>,
    /// With a data folder: what became of the events of the input, in all runs that read it.
    pub of_input: Option<Totals>,
    /// Events in the data folder that are not of the input.
    pub others: OtherEvents,
    /// The first line to read, of `--from-line`.
    pub from_line: u64,
    /// The data folder.
    pub kept_in: Option<KeptIn>,
    /// Whether all of the input was read.
    pub read_to_end: bool,
    /// What the sandbox counted.
    pub sandbox: Option<graph_sandbox::Totals>,
    /// Why not all of the input could be read or appended, or why the rejects could not be written.
    pub input_error: Option<AppError>,
}

/// Where undelivered events are kept.
#[derive(Clone, Debug)]
pub struct KeptIn {
    /// The data folder.
    pub folder: DataFolder,
    /// Whether the same command resumes the run: the input can be recognised when it comes again.
    pub recognises_input: bool,
}

/// Events of other inputs, and dead letters that were put back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OtherEvents {
    /// Delivered in this run.
    pub delivered: u64,
    /// Left in the log.
    pub pending: u64,
}

/// The lines of one destination, or of all together, and what became of their events.
#[derive(Clone, Debug)]
pub struct Figures {
    /// What became of the lines.
    pub counts: OutcomeCounts,
    /// What became of the events.
    pub totals: Totals,
}

/// How many requests Meta accepted with remarks, and of which kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Remarks {
    /// Of any kind.
    pub requests: u64,
    /// The receipt had `messages`.
    pub messages: u64,
    /// `events_received` was not the number of events sent.
    pub events_received_differs: u64,
}

impl SendReport {
    pub(super) fn new(mut totals: RunTotals, mode: Mode, error: Option<AppError>) -> Self {
        let rejects_error = totals.rejects_error.take().map(AppError::from);
        Self {
            totals,
            mode,
            summary: None,
            dead_letters: Vec::new(),
            of_input: None,
            others: OtherEvents::default(),
            from_line: 1,
            kept_in: None,
            read_to_end: true,
            sandbox: None,
            input_error: error.or(rejects_error),
        }
    }

    /// Whether the inputs have fewer lines than the line to begin with.
    #[must_use]
    pub fn is_input_shorter(&self) -> bool {
        self.read_to_end
            && self.from_line > 1
            && self.input_error.is_none()
            && self.figures().counts.read == 0
    }

    /// Whether everything was read and delivered; with `strict`, whether no line was rejected either.
    #[must_use]
    pub fn is_complete(&self, strict: bool) -> bool {
        let figures = self.figures();
        let undelivered = figures.totals.dead_lettered + figures.totals.pending;
        let is_delivered = undelivered == 0 || self.mode == Mode::DryRun;
        let has_rejects = figures.counts.total_rejected() > 0;
        is_delivered && self.read_to_end && !(strict && has_rejects)
    }

    /// All destinations together.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let mut counts = OutcomeCounts::default();
        for (_, of_destination) in &self.totals.counts {
            counts.merge(&mut of_destination.clone());
        }
        let totals = self
            .summary
            .as_ref()
            .map(|summary| summary.progress.total());
        let totals = self.of_input.or(totals);
        Self::with_pending(counts, totals)
    }

    /// Each destination by itself, if there are several.
    #[must_use]
    pub fn by_destination(&self) -> Vec<(&str, Figures)> {
        // A data folder counts by input, not by destination.
        if self.totals.counts.len() < 2 || self.of_input.is_some() {
            return Vec::new();
        }
        let figures = |(name, counts): &'_ (String, OutcomeCounts)| {
            let mut alone = Progress::default();
            if let Some(summary) = &self.summary
                && let Some((name, destination)) =
                    summary.progress.destinations.get_key_value(name.as_str())
            {
                alone.destinations.insert(name.clone(), destination.clone());
            }
            let totals = self.summary.as_ref().map(|_| alone.total());
            Self::with_pending(counts.clone(), totals)
        };
        self.totals
            .counts
            .iter()
            .map(|entry| (entry.0.as_str(), figures(entry)))
            .collect()
    }

    /// After a dry run everything accepted is pending.
    fn with_pending(counts: OutcomeCounts, totals: Option<Totals>) -> Figures {
        let totals = totals.unwrap_or_else(|| Totals {
            accepted: counts.accepted,
            pending: counts.accepted,
            ..Totals::default()
        });
        Figures { counts, totals }
    }

    /// Requests that Meta accepted with remarks, of all destinations together.
    #[must_use]
    pub fn remarks(&self) -> Remarks {
        let mut all = Remarks::default();
        let destinations = self
            .summary
            .iter()
            .flat_map(|summary| summary.progress.destinations.values());
        for destination in destinations {
            let warnings = &destination.warnings;
            all.requests += warnings.requests;
            all.messages += warnings.messages;
            all.events_received_differs += warnings.events_received_differs;
        }
        all
    }

    /// The line with which to resume, counted through all inputs; `None` if nothing is left or the data folder knows it.
    #[must_use]
    pub fn resume_line(&self) -> Option<u64> {
        let unread = (!self.read_to_end).then_some(self.totals.next_line);
        if let Some(kept_in) = &self.kept_in {
            return unread.filter(|_| !kept_in.recognises_input);
        }
        let pending = self
            .summary
            .as_ref()
            .and_then(|summary| summary.lowest_pending_line);
        pending.into_iter().chain(unread).min()
    }

    /// The options of the command that resume at a line: `--from-line`, and the files from there on if there are several.
    /// `word` quotes a file name for a shell.
    #[must_use]
    pub fn resume_options(&self, line: u64, word: impl Fn(&str) -> String) -> String {
        let (line, inputs) = self.totals.resume_at(line);
        let mut options = format!("--from-line {line}");
        for input in inputs {
            options.push(' ');
            options += &match input {
                Origin::StandardInput => "-".to_owned(),
                Origin::File(path) => word(&path.display().to_string()),
            };
        }
        options
    }
}
