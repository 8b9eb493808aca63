//! The newest time stamp of files.

use conversions_mapping::{Mapping, Outcome, Settings};
use jiff::Timestamp;

use crate::failure::Failure;
use crate::input::pipeline::{self, Piece};
use crate::input::{Meter, Origin};

/// The time of the newest event, in whole seconds; nothing when no event has a time.
pub(crate) fn newest_time(inputs: &[Origin]) -> Result<Option<Timestamp>, Failure> {
    let mapping = Mapping::new(Settings::default())
        .map_err(|_| Failure::sentence("the default settings contradict themselves"))?;
    // An event without any time gets that of the clock, which is as old as can be here and so is never the newest.
    let long_ago = Timestamp::UNIX_EPOCH;
    let work = move |piece: &Piece, newest: &mut i64| {
        let mut mapper = mapping.mapper();
        *newest = piece.chunk.lines().fold(0, |newest, (_, line)| {
            mapper.map_bytes(line, long_ago, |outcome| newest.max(event_time(&outcome)))
        });
    };
    let mut newest = 0;
    let workers = pipeline::available_workers();
    pipeline::run(
        inputs.to_vec(),
        Meter::default(),
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
