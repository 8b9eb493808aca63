//! The end of a run: what became of every line, for people and for programs.

mod for_people;
mod for_programs;

use std::io::{self, Write};

use conversions_delivery::{DeadLetter, Progress, Summary, Totals};

use crate::cli::Format;
use crate::data_folder::DataFolder;
use crate::exit::Exit;
use crate::failure::{Failure, say, say_wrapped};
use crate::route::Mode;
use crate::send::account::Account;
use conversions_mapping::OutcomeCounts;

/// What a run did.
pub(crate) struct Report {
    pub(crate) account: Account,
    pub(crate) mode: Mode,
    /// What delivery says; absent after a dry run.
    pub(crate) summary: Option<Summary>,
    /// The latest dead letters, of a run without a data folder.
    pub(crate) dead_letters: Vec<DeadLetter>,
    /// What became of the events of the input in all runs that read it, with a data folder.
    pub(crate) of_input: Option<Totals>,
    /// Events in the data folder that are not of the input.
    pub(crate) others: Others,
    /// The first line that was to be read.
    pub(crate) from_line: u64,
    /// The data folder, and whether it knows the input when it comes again.
    pub(crate) kept_in: Option<(DataFolder, bool)>,
    /// Whether all of the input was read.
    pub(crate) read_to_end: bool,
    /// What the sandbox counted.
    pub(crate) sandbox: Option<graph_sandbox::Totals>,
    /// Why not all of the input could be read, or its rejects not be written.
    pub(crate) input_failure: Option<Failure>,
}

/// Events of other inputs, and dead letters that were put back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Others {
    /// Delivered in this run.
    pub(crate) delivered: u64,
    /// Left in the log.
    pub(crate) pending: u64,
}

/// The lines of one destination, or of all together, and what became of their events.
pub(crate) struct Figures {
    pub(crate) tally: OutcomeCounts,
    pub(crate) totals: Totals,
}

/// How many requests were taken with remarks, and of which kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Remarks {
    /// Of any kind.
    pub(crate) requests: u64,
    /// The receipt had `messages`.
    pub(crate) messages: u64,
    /// `events_received` was not the number of events sent.
    pub(crate) events_received_differs: u64,
}

impl Report {
    pub(crate) fn new(mut account: Account, mode: Mode, input_failure: Option<Failure>) -> Self {
        let rejects_failure = account.rejects_failure.take();
        Self {
            account,
            mode,
            summary: None,
            dead_letters: Vec::new(),
            of_input: None,
            others: Others::default(),
            from_line: 1,
            kept_in: None,
            read_to_end: true,
            sandbox: None,
            input_failure: input_failure.or(rejects_failure),
        }
    }

    /// Prints it: the table on standard error, the object on standard output.
    pub(crate) fn print(&self, format: Format) -> Result<(), Failure> {
        match format {
            Format::Table => say(&for_people::table(self)),
            Format::Json => {
                let text = format!("{}\n", for_programs::object(self));
                let written = io::stdout().lock().write_all(text.as_bytes());
                written.map_err(|error| Failure::output(&error))?;
            }
        }
        for sentence in for_people::sentences(self) {
            say_wrapped(&sentence);
        }
        Ok(())
    }

    /// Whether the line from which on was to be read is behind the end of the input.
    fn is_input_shorter(&self) -> bool {
        self.read_to_end
            && self.from_line > 1
            && self.input_failure.is_none()
            && self.figures().tally.read == 0
    }

    pub(crate) fn exit(&self, strict: bool) -> Exit {
        let figures = self.figures();
        let undelivered = figures.totals.dead_lettered + figures.totals.pending;
        let incomplete = undelivered > 0 && self.mode != Mode::DryRun || !self.read_to_end;
        if incomplete || strict && figures.tally.total_rejected() > 0 {
            Exit::Incomplete
        } else {
            Exit::Done
        }
    }

    /// All destinations together.
    pub(crate) fn figures(&self) -> Figures {
        let mut tally = OutcomeCounts::default();
        for (_, of_destination) in &self.account.tallies {
            tally.merge(&mut of_destination.clone());
        }
        let totals = self
            .summary
            .as_ref()
            .map(|summary| summary.progress.total());
        let totals = self.of_input.or(totals);
        Self::with_pending(tally, totals)
    }

    /// Each destination by itself, if there are several.
    pub(crate) fn by_destination(&self) -> Vec<(&str, Figures)> {
        // The books of a data folder are kept by input.
        if self.account.tallies.len() < 2 || self.of_input.is_some() {
            return Vec::new();
        }
        let figures = |(name, tally): &'_ (String, OutcomeCounts)| {
            let mut alone = Progress::default();
            if let Some(summary) = &self.summary
                && let Some((name, destination)) =
                    summary.progress.destinations.get_key_value(name.as_str())
            {
                alone.destinations.insert(name.clone(), destination.clone());
            }
            let totals = self.summary.as_ref().map(|_| alone.total());
            Self::with_pending(tally.clone(), totals)
        };
        self.account
            .tallies
            .iter()
            .map(|entry| (entry.0.as_str(), figures(entry)))
            .collect()
    }

    /// After a dry run everything is pending.
    fn with_pending(tally: OutcomeCounts, totals: Option<Totals>) -> Figures {
        let totals = totals.unwrap_or_else(|| Totals {
            accepted: tally.accepted,
            pending: tally.accepted,
            ..Totals::default()
        });
        Figures { tally, totals }
    }

    /// Remarks on requests that were taken, of all destinations together.
    pub(crate) fn warnings(&self) -> Remarks {
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

    /// The first line that a run that goes on has to deal with; nothing if nothing is left.
    pub(crate) fn resume_line(&self) -> Option<u64> {
        if let Some((_, comes_again)) = &self.kept_in {
            return (!self.read_to_end && !comes_again).then_some(self.account.next_line);
        }
        let unread = (!self.read_to_end).then_some(self.account.next_line);
        let pending = self
            .summary
            .as_ref()
            .and_then(|summary| summary.lowest_pending_line);
        pending.into_iter().chain(unread).min()
    }
}
