//! Reads and maps files on all cores, and hands on chunks of finished events.

use std::ops::ControlFlow;
use std::sync::Arc;

use conversions_mapping::{Mapping, Outcome, OutcomeCounts};
use conversions_transport::{Frame, FrameBuilder};
use jiff::Timestamp;

use crate::origin::{ByteCounter, Origin};
use crate::pipeline::{NumberedChunk, PipelineError, available_workers, map_chunks};
use crate::rejects::Reject;

/// Bytes of events in a joined chunk, at most. An append of this size keeps a disk busy; larger ones only cost memory.
const MAX_JOINED_BYTES: usize = 1 << 20;

/// Bytes of a short line: memory is reserved for as many events as a chunk has of these.
const BYTES_OF_LINE: usize = 512;

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
    /// The events to send, in order; their `line` counts through all inputs.
    pub frames: Vec<Frame>,
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
            own.frames.append(&mut next.frames);
        }
        Ok(next)
    }

    fn bytes(&self) -> usize {
        let frames = self.destinations.iter().flat_map(|one| &one.frames);
        frames.map(Frame::event_bytes).sum()
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
///     assert_eq!((shop.frames[0].len(), shop.rejects.len()), (1, 1));
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
    let bytes = piece.chunk.bytes();
    // Most events are shorter than their messages.
    let mut frames = FrameBuilder::new(Arc::clone(destination))
        .with_capacity(bytes / BYTES_OF_LINE, bytes / 4 * 3);
    for (line, bytes) in piece.chunk.lines() {
        if piece.lines_before + line < first_line {
            continue;
        }
        mapper.map_bytes(bytes, now, |outcome| {
            chunk.counts.count(&outcome);
            match outcome {
                Outcome::Accepted(accepted) => {
                    let code = accepted.test_event_code.as_deref();
                    frames.add_server_event(&accepted.event, code, Some(piece.lines_before + line));
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
    chunk.frames = frames.finish();
    chunk
}

#[cfg(test)]
mod tests {
    use conversions_transport::NewEvent;

    use super::*;

    fn chunk(input: usize, lines_before: u64, bytes: usize) -> MappedChunk {
        let mut counts = OutcomeCounts::default();
        counts.count_accepted();
        let event = NewEvent::new("shop", " ".repeat(bytes), 0);
        let mut frames = FrameBuilder::new("shop".into());
        frames.add_new_event(&event.with_line(lines_before + 1));
        MappedChunk {
            input,
            lines_before,
            last_line: lines_before + 1,
            destinations: vec![DestinationChunk {
                counts,
                frames: frames.finish(),
                rejects: Vec::new(),
            }],
        }
    }

    #[test]
    fn chunks_of_an_input_are_joined_up_to_a_size() {
        let mut one = chunk(0, 0, MAX_JOINED_BYTES - 1);
        assert!(
            one.join(chunk(0, 1, 1))
                .is_ok_and(|rest| { rest.destinations.iter().all(|one| one.frames.is_empty()) })
        );
        assert!(one.join(chunk(0, 2, 1)).is_err(), "too large together");
        assert!(
            chunk(0, 0, 1).join(chunk(1, 1, 1)).is_err(),
            "another input"
        );
        assert_eq!((one.lines_before, one.last_line), (0, 2));
        let frames = one.destinations.iter().flat_map(|one| &one.frames);
        let lines = frames.flat_map(Frame::events).map(|event| event.line);
        assert!(lines.eq([Some(1), Some(2)]));
        assert!(one.destinations.iter().all(|one| one.counts.accepted == 2));
    }
}
