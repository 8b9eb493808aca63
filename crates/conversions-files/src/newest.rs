//! The newest time stamp of files.

use conversions_mapping::{Mapping, Outcome, Settings};
use jiff::Timestamp;

use crate::origin::{ByteCounter, Origin};
use crate::pipeline::{NumberedChunk, PipelineError, available_workers, map_chunks};

/// The time of the newest event, in whole seconds; `None` when no event has a time.
///
/// # Errors
///
/// The first input that cannot be read.
pub fn newest_time(inputs: &[Origin]) -> Result<Option<Timestamp>, PipelineError> {
    let Ok(mapping) = Mapping::new(Settings::default()) else {
        // The default settings are consistent; the tests of `conversions-mapping` check that.
        return Ok(None);
    };
    // An event without a time stamp gets the time of the clock. With the oldest possible clock it is never the newest.
    let long_ago = Timestamp::UNIX_EPOCH;
    let work = move |piece: &NumberedChunk, newest: &mut i64| {
        let mut mapper = mapping.mapper();
        *newest = piece.chunk.lines().fold(0, |newest, (_, line)| {
            mapper.map_bytes(line, long_ago, |outcome| newest.max(event_time(&outcome)))
        });
    };
    let mut newest = 0;
    let workers = available_workers();
    map_chunks(
        inputs.to_vec(),
        ByteCounter::default(),
        workers,
        work,
        |of_chunk| {
            newest = newest.max(*of_chunk);
            Ok(())
        },
    )?;
    Ok(Timestamp::from_second(newest)
        .ok()
        .filter(|newest| *newest > long_ago))
}

/// The time of an event, be it accepted or not, in Unix seconds; 0 if there is none.
fn event_time(outcome: &Outcome<'_>) -> i64 {
    match outcome {
        Outcome::Accepted(mapped) => mapped.event.event_time,
        Outcome::Rejected(rejection) => rejection
            .mapped
            .as_ref()
            .map_or(0, |mapped| mapped.event.event_time),
        Outcome::Skipped(_) => 0,
    }
}
