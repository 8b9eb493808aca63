//! `segue map`: the outcome of every line as a line of JSON, or only the events.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueHint};
use conversions_files::{ByteCounter, NumberedChunk, Origin, available_workers, map_chunks};
use conversions_mapping::{Mapper, Outcome, OutcomeCounts};
use jiff::Timestamp;

use crate::cli::args::{self, SettingsArgs};
use crate::cli::input;
use crate::exit::Exit;
use crate::failure::{Failure, say};
use crate::render::terminal::{counted, grouped};

#[derive(Debug, Args)]
pub(crate) struct MapArgs {
    #[command(flatten)]
    settings: SettingsArgs,

    /// The time to use instead of the clock's, like 2026-11-23T12:00:00Z
    #[arg(long, value_name = "RFC3339", value_parser = args::parse_time)]
    now: Option<Timestamp>,

    /// Print only the server events of accepted lines; the other lines are counted on standard error
    #[arg(long)]
    events_only: bool,

    /// Files of events, one JSON object a line, plain or gzip; `-` or no file is standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    files: Vec<PathBuf>,
}

/// What one chunk of the input becomes.
#[derive(Default)]
struct MappedText {
    text: String,
    counts: OutcomeCounts,
}

impl MapArgs {
    pub(super) fn run(&self) -> Result<Exit, Failure> {
        let mapping = self.settings.mapping()?;
        let inputs = Origin::from_arguments(&self.files);
        input::check(&inputs)?;
        let (now, events_only) = (self.now, self.events_only);
        let work = move |piece: &NumberedChunk, mapped: &mut MappedText| {
            mapped.text.clear();
            let mapper = mapping.mapper().with_notes(!events_only);
            map_chunk(mapper, piece, now, events_only, mapped);
        };
        let mut counts = OutcomeCounts::default();
        let mut output = io::stdout().lock();
        let workers = available_workers();
        map_chunks(inputs, ByteCounter::default(), workers, work, |mapped| {
            counts.merge(&mut mapped.counts);
            output.write_all(mapped.text.as_bytes())
        })?;
        output.flush().map_err(|error| Failure::output(&error))?;
        if events_only {
            say(&one_line(&counts));
        }
        Ok(Exit::Done)
    }
}

fn map_chunk(
    mut mapper: Mapper<'_>,
    piece: &NumberedChunk,
    now: Option<Timestamp>,
    events_only: bool,
    output: &mut MappedText,
) {
    let now = now.unwrap_or_else(Timestamp::now);
    let MappedText { text, counts } = output;
    for (_, line) in piece.chunk.lines() {
        mapper.map_bytes(line, now, |outcome| {
            counts.count(&outcome);
            match (events_only, outcome) {
                (false, outcome) => outcome.write_json(text),
                (true, Outcome::Accepted(accepted)) => accepted.event.write_json(text),
                (true, Outcome::Skipped(_) | Outcome::Rejected(_)) => return,
            }
            text.push('\n');
        });
    }
}

/// The counts for people.
fn one_line(counts: &OutcomeCounts) -> String {
    let with_reasons = |what: &str, reasons: &BTreeMap<&str, u64>| {
        let total = grouped(reasons.values().sum());
        let reasons: Vec<_> = reasons
            .iter()
            .map(|(reason, count)| format!("{reason} {}", grouped(*count)))
            .collect();
        if reasons.is_empty() {
            format!("{total} {what}")
        } else {
            format!("{total} {what} ({})", reasons.join(", "))
        }
    };
    format!(
        "{} read, {} accepted, {}, {}",
        counted(counts.read, "line", "lines"),
        grouped(counts.accepted),
        with_reasons("skipped", &counts.skipped),
        with_reasons("rejected", &counts.rejected),
    )
}
