//! Maps files of events to text: the outcome of every line, or only the events.

use std::io::Write;

use conversions_files::{
    ByteCounter, NumberedChunk, Origin, PipelineError, available_workers, map_chunks,
};
use conversions_mapping::{Mapper, Mapping, Outcome, OutcomeCounts};
use jiff::Timestamp;

/// What is written of each line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapOutput {
    /// The outcome of every line, with notes and warnings.
    Outcomes,
    /// The server events of accepted lines.
    Events,
}

/// What one chunk of the input becomes.
#[derive(Default)]
struct MappedText {
    text: String,
    counts: OutcomeCounts,
}

/// Maps every line of the inputs and writes one JSON object a line, in order. Without `now`, each chunk is mapped at the time
/// of the clock.
///
/// # Errors
///
/// The first input that cannot be read, or the error of the output.
pub fn map_files(
    inputs: Vec<Origin>,
    mapping: Mapping,
    now: Option<Timestamp>,
    form: MapOutput,
    output: &mut impl Write,
) -> Result<OutcomeCounts, PipelineError> {
    let work = move |piece: &NumberedChunk, mapped: &mut MappedText| {
        mapped.text.clear();
        let engine = mapping.mapper().with_notes(form == MapOutput::Outcomes);
        map_chunk(engine, piece, now, form, mapped);
    };
    let mut counts = OutcomeCounts::default();
    let workers = available_workers();
    map_chunks(inputs, ByteCounter::default(), workers, work, |mapped| {
        counts.merge(&mut mapped.counts);
        output.write_all(mapped.text.as_bytes())
    })?;
    output.flush().map_err(PipelineError::Output)?;
    Ok(counts)
}

fn map_chunk(
    mut engine: Mapper<'_>,
    piece: &NumberedChunk,
    now: Option<Timestamp>,
    form: MapOutput,
    output: &mut MappedText,
) {
    let now = now.unwrap_or_else(Timestamp::now);
    let MappedText { text, counts } = output;
    for (_, line) in piece.chunk.lines() {
        engine.map_bytes(line, now, |outcome| {
            counts.count(&outcome);
            match (form, outcome) {
                (MapOutput::Outcomes, outcome) => outcome.write_json(text),
                (MapOutput::Events, Outcome::Accepted(accepted)) => {
                    accepted.event.write_json(text);
                }
                (MapOutput::Events, Outcome::Skipped(_) | Outcome::Rejected(_)) => return,
            }
            text.push('\n');
        });
    }
}
