//! `segue map`: every line's outcome as a line of JSON, or just the events.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use conversions_mapping::{Mapper, Outcome};

use crate::cli::MapArgs;
use crate::context::{Clock, mapping};
use crate::exit::Exit;
use crate::failure::{Failure, say};
use crate::input;
use crate::terminal::{counted, grouped};
use conversions_files::{ByteCounter, Origin};
use conversions_files::{NumberedChunk, available_workers, map_chunks};
use conversions_mapping::OutcomeCounts;

/// What one chunk of input becomes.
#[derive(Default)]
struct MappedText {
    text: String,
    tally: OutcomeCounts,
}

/// Runs the command.
pub(crate) fn run(args: &MapArgs) -> Result<Exit, Failure> {
    let mapping = Arc::new(mapping(&args.settings)?);
    let inputs = Origin::from_arguments(&args.files);
    input::check(&inputs)?;
    let clock = Clock(args.now);
    let events_only = args.events_only;
    let work = move |piece: &NumberedChunk, done: &mut MappedText| {
        done.text.clear();
        let mapper = mapping.mapper().with_notes(!events_only);
        map_chunk(mapper, piece, clock, events_only, done);
    };

    let mut tally = OutcomeCounts::default();
    let mut output = io::stdout().lock();
    map_chunks(
        inputs,
        ByteCounter::default(),
        available_workers(),
        work,
        |done| {
            tally.merge(&mut done.tally);
            output.write_all(done.text.as_bytes())
        },
    )?;
    output.flush().map_err(|error| Failure::output(&error))?;
    if events_only {
        say(&one_line(&tally));
    }
    Ok(Exit::Done)
}

fn map_chunk(
    mut mapper: Mapper<'_>,
    piece: &NumberedChunk,
    clock: Clock,
    events_only: bool,
    done: &mut MappedText,
) {
    let now = clock.now();
    let MappedText { text, tally } = done;
    for (_, line) in piece.chunk.lines() {
        mapper.map_bytes(line, now, |outcome| {
            tally.count(&outcome);
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
