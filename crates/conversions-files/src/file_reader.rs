//! Reads and maps files on all cores, and hands on chunks of finished events.

use std::ops::ControlFlow;
use std::sync::Arc;

use bytes::Bytes;
use conversions_mapping::{Mapped, Mapping, Outcome, OutcomeCounts};
use conversions_transport::NewEvent;
use jiff::Timestamp;

use crate::origin::{ByteCounter, Origin};
use crate::pipeline::{NumberedChunk, PipelineError, available_workers, map_chunks};
use crate::rejects::Reject;

/// Bytes of events in a joined chunk, at most. An append of this size keeps a disk busy; larger ones only cost memory.
const MAX_JOINED_BYTES: usize = 1 << 20;

/// A chunk of the input, mapped for every destination.
#[derive(Debug, Default)]
pub struct MappedChunk {
    /// Index of the input, from 0.
    pub input: usize,
    /// Lines in all inputs before this one.
    pub lines_before: u64,
    /// The last line of the chunk, counted through all inputs.
    pub last_line: u64,
    /// What it is for each destination, in the order of [`FileReader::destinations`].
    pub destinations: Vec<DestinationChunk>,
}

/// What a chunk is for one destination.
#[derive(Debug, Default)]
pub struct DestinationChunk {
    /// What became of its lines.
    pub counts: OutcomeCounts,
    /// The events to send; their `line` counts through all inputs.
    pub events: Vec<NewEvent>,
    /// The rejected lines.
    pub rejects: Vec<Reject>,
}

impl MappedChunk {
    /// Adds the events of the next chunk, so that both are appended to a log at once. Returns what is left of that chunk,
    /// which are its rejects.
    ///
    /// # Errors
    ///
    /// The next chunk, unchanged, if it is of another input or the two are too large together.
    pub fn join(&mut self, mut next: Self) -> Result<Self, Self> {
        if next.input != self.input || self.bytes() + next.bytes() > MAX_JOINED_BYTES {
            return Err(next);
        }
        self.last_line = next.last_line;
        for (own, next) in self.destinations.iter_mut().zip(&mut next.destinations) {
            own.counts.merge(&mut next.counts);
            own.events.append(&mut next.events);
        }
        Ok(next)
    }

    fn bytes(&self) -> usize {
        let events = self.destinations.iter().flat_map(|one| &one.events);
        events.map(|event| event.event.len()).sum()
    }
}

/// What to read, and for which destinations.
///
/// ```
/// use std::ops::ControlFlow;
/// use std::sync::Arc;
/// use conversions_files::{ByteCounter, FileReader, Origin};
/// use conversions_mapping::{Mapping, Settings};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("events.ndjson");
/// # std::fs::write(&path, "{\"type\":\"track\",\"event\":\"Lead\",\"userId\":\"u\",\"timestamp\":\"2026-11-20T10:00:00Z\"}\n[]\n")?;
/// let mapping = Arc::new(Mapping::new(Settings::default())?);
/// let reader = FileReader {
///     inputs: vec![Origin::File(path)],
///     counter: ByteCounter::default(),
///     destinations: vec![(Arc::from("shop"), mapping)],
///     first_line: 1,
/// };
/// let now = "2026-11-20T12:00:00Z".parse()?;
/// reader.run(move || now, |chunk| {
///     let shop = &chunk.destinations[0];
///     assert_eq!((shop.events.len(), shop.rejects.len()), (1, 1));
///     ControlFlow::Continue(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct FileReader {
    /// Read one after the other.
    pub inputs: Vec<Origin>,
    /// Counts the bytes read.
    pub counter: ByteCounter,
    /// Name and mapping of each destination.
    pub destinations: Vec<(Arc<str>, Arc<Mapping>)>,
    /// The line to begin with, counted through all inputs, from 1.
    pub first_line: u64,
}

impl FileReader {
    /// Reads to the end of the inputs, or until `sink` breaks off. Chunks come in order, on the calling thread. `now` is asked
    /// once for each chunk.
    ///
    /// # Errors
    ///
    /// The first input that cannot be read. Chunks before it have reached the sink.
    pub fn run(
        self,
        now: impl Fn() -> Timestamp + Send + Sync + 'static,
        mut sink: impl FnMut(MappedChunk) -> ControlFlow<()>,
    ) -> Result<(), PipelineError> {
        let Self {
            inputs,
            counter,
            destinations,
            first_line,
        } = self;
        let work = move |piece: &NumberedChunk, chunk: &mut MappedChunk| {
            let time = now();
            *chunk = MappedChunk {
                input: piece.input,
                lines_before: piece.lines_before,
                last_line: piece.lines_before + piece.chunk.last_line(),
                destinations: destinations
                    .iter()
                    .map(|(name, mapping)| map_chunk(name, mapping, piece, time, first_line))
                    .collect(),
            };
        };
        let mut is_broken_off = false;
        let pass_on = |chunk: &mut MappedChunk| match sink(std::mem::take(chunk)) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => {
                is_broken_off = true;
                Err(std::io::ErrorKind::Interrupted.into())
            }
        };
        match map_chunks(inputs, counter, available_workers(), work, pass_on) {
            Err(PipelineError::Output(_)) if is_broken_off => Ok(()),
            result => result,
        }
    }
}

fn map_chunk(
    destination: &Arc<str>,
    mapping: &Mapping,
    piece: &NumberedChunk,
    now: Timestamp,
    first_line: u64,
) -> DestinationChunk {
    let mut chunk = DestinationChunk::default();
    let mut mapper = mapping.mapper();
    // All events of the chunk share one allocation. Most are shorter than their messages.
    let mut text = String::with_capacity(piece.chunk.bytes() / 4 * 3);
    let mut ranges = Vec::new();
    let mut last_code: Option<Arc<str>> = None;
    for (line, bytes) in piece.chunk.lines() {
        if piece.lines_before + line < first_line {
            continue;
        }
        mapper.map_bytes(bytes, now, |outcome| {
            chunk.counts.count(&outcome);
            match outcome {
                Outcome::Accepted(accepted) => {
                    let start = text.len();
                    accepted.event.write_json(&mut text);
                    let mut event = new_event(destination, &accepted, &mut last_code);
                    event.line = Some(piece.lines_before + line);
                    chunk.events.push(event);
                    ranges.push(start..text.len());
                }
                Outcome::Skipped(_) => {}
                Outcome::Rejected(rejection) => chunk.rejects.push(Reject {
                    input: piece.input,
                    line,
                    reason: rejection.reason,
                    detail: rejection.detail,
                }),
            }
        });
    }
    let text = Bytes::from(text);
    for (event, range) in chunk.events.iter_mut().zip(ranges) {
        event.event = text.slice(range);
    }
    chunk
}

/// An event whose text is set later. Events of a chunk with the same test code share it.
fn new_event(
    destination: &Arc<str>,
    mapped: &Mapped<'_>,
    last_code: &mut Option<Arc<str>>,
) -> NewEvent {
    let destination = Arc::clone(destination);
    let mut event = NewEvent::of_server_event(destination, Bytes::new(), &mapped.event);
    if let Some(code) = mapped.test_event_code.as_deref() {
        if last_code.as_deref() != Some(code) {
            *last_code = Some(Arc::from(code));
        }
        event.test_event_code.clone_from(last_code);
    }
    event
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(input: usize, lines_before: u64, bytes: usize) -> MappedChunk {
        let mut counts = OutcomeCounts::default();
        counts.count_accepted();
        let event = NewEvent::new("shop", Bytes::from(vec![b' '; bytes]), 0);
        MappedChunk {
            input,
            lines_before,
            last_line: lines_before + 1,
            destinations: vec![DestinationChunk {
                counts,
                events: vec![event.with_line(lines_before + 1)],
                rejects: Vec::new(),
            }],
        }
    }

    #[test]
    fn chunks_of_an_input_are_joined_up_to_a_size() {
        let mut one = chunk(0, 0, MAX_JOINED_BYTES - 1);
        assert!(
            one.join(chunk(0, 1, 1))
                .is_ok_and(|rest| { rest.destinations.iter().all(|one| one.events.is_empty()) })
        );
        assert!(one.join(chunk(0, 2, 1)).is_err(), "too large together");
        assert!(
            chunk(0, 0, 1).join(chunk(1, 1, 1)).is_err(),
            "another input"
        );
        assert_eq!((one.lines_before, one.last_line), (0, 2));
        let lines = one.destinations.iter().flat_map(|one| &one.events);
        assert!(lines.map(|event| event.line).eq([Some(1), Some(2)]));
        assert!(one.destinations.iter().all(|one| one.counts.accepted == 2));
    }
}
