//! Reads and maps the input in threads, and hands chunks of finished events on.

use std::sync::Arc;

use bytes::Bytes;
use conversions_mapping::{Mapped, Outcome};
use conversions_transport::NewEvent;
use tokio::sync::mpsc;

use crate::context::Clock;
use crate::route::Route;
use conversions_files::Reject;
use conversions_files::{ByteCounter, Origin};
use conversions_files::{NumberedChunk, PipelineError, available_workers, map_chunks};
use conversions_mapping::OutcomeCounts;

/// Chunks that wait to be appended, while the disk is waited for.
const WAITING: usize = 4;

/// Bytes of chunks that are appended as one, at most.
const JOINED_BYTES: usize = 1 << 20;

/// A chunk of the input, mapped for every destination.
#[derive(Default)]
pub(crate) struct MappedChunk {
    /// Which of the inputs, from 0.
    pub(crate) input: usize,
    /// Lines in the inputs before this one.
    pub(crate) lines_before: u64,
    /// The last line of the chunk, counted through all inputs.
    pub(crate) last_line: u64,
    /// In the order of the routes.
    pub(crate) routed: Vec<Routed>,
}

impl MappedChunk {
    /// Adds the chunk that comes next; what is left of it are its rejects. Gives it back as it is if it is of another input,
    /// or if the two are too large together.
    pub(crate) fn join(&mut self, mut next: Self) -> Result<Self, Self> {
        if next.input != self.input || self.bytes() + next.bytes() > JOINED_BYTES {
            return Err(next);
        }
        self.last_line = next.last_line;
        for (routed, next) in self.routed.iter_mut().zip(&mut next.routed) {
            routed.tally.merge(&mut next.tally);
            routed.events.append(&mut next.events);
        }
        Ok(next)
    }

    fn bytes(&self) -> usize {
        let events = self.routed.iter().flat_map(|routed| &routed.events);
        events.map(|event| event.event.len()).sum()
    }
}

/// What a chunk is for one destination.
#[derive(Default)]
pub(crate) struct Routed {
    pub(crate) tally: OutcomeCounts,
    pub(crate) events: Vec<NewEvent>,
    pub(crate) rejects: Vec<Reject>,
}

/// What and how to read.
pub(crate) struct Feed {
    pub(crate) inputs: Vec<Origin>,
    pub(crate) meter: ByteCounter,
    pub(crate) routes: Vec<Route>,
    pub(crate) clock: Clock,
    /// Where to begin, counted through all inputs.
    pub(crate) first_line: u64,
}

impl Feed {
    /// Starts to read. The receiver gets the chunks in order, and at last what went wrong, if something did.
    pub(crate) fn start(
        self,
    ) -> Result<mpsc::Receiver<Result<MappedChunk, PipelineError>>, PipelineError> {
        let (chunks, receiver) = mpsc::channel(WAITING);
        let Self {
            inputs,
            meter,
            routes,
            clock,
            first_line,
        } = self;
        let work = move |piece: &NumberedChunk, chunk: &mut MappedChunk| {
            *chunk = MappedChunk {
                input: piece.input,
                lines_before: piece.lines_before,
                last_line: piece.lines_before + piece.chunk.last_line(),
                routed: routes
                    .iter()
                    .map(|route| map_chunk(route, piece, clock, first_line))
                    .collect(),
            };
        };
        let feeder = move || {
            let sink = |chunk: &mut MappedChunk| {
                let sent = chunks.blocking_send(Ok(std::mem::take(chunk)));
                sent.map_err(|_| std::io::ErrorKind::BrokenPipe.into())
            };
            match map_chunks(inputs, meter, available_workers(), work, sink) {
                // Nobody wants more chunks: the run is ending.
                Ok(()) | Err(PipelineError::Output(_)) => {}
                Err(error) => {
                    let _ = chunks.blocking_send(Err(error));
                }
            }
        };
        let thread = std::thread::Builder::new().name("feeder".to_owned());
        thread.spawn(feeder).map_err(PipelineError::Thread)?;
        Ok(receiver)
    }
}

fn map_chunk(route: &Route, piece: &NumberedChunk, clock: Clock, first_line: u64) -> Routed {
    let now = clock.now();
    let mut routed = Routed::default();
    let mut mapper = route.mapping.mapper();
    // All events of the chunk share one allocation. Most are shorter than their messages.
    let mut text = String::with_capacity(piece.chunk.bytes() / 4 * 3);
    let mut marks = Vec::new();
    let mut last_code: Option<Arc<str>> = None;
    for (line, bytes) in piece.chunk.lines() {
        if piece.lines_before + line < first_line {
            continue;
        }
        mapper.map_bytes(bytes, now, |outcome| {
            routed.tally.count(&outcome);
            match outcome {
                Outcome::Accepted(accepted) => {
                    let start = text.len();
                    accepted.event.write_json(&mut text);
                    let mut event = new_event(route, &accepted, &mut last_code);
                    event.line = Some(piece.lines_before + line);
                    routed.events.push(event);
                    marks.push(start..text.len());
                }
                Outcome::Skipped(_) => {}
                Outcome::Rejected(rejection) => routed.rejects.push(Reject {
                    input: piece.input,
                    line,
                    reason: rejection.reason,
                    detail: rejection.detail,
                }),
            }
        });
    }
    let text = Bytes::from(text);
    for (event, mark) in routed.events.iter_mut().zip(marks) {
        event.event = text.slice(mark);
    }
    routed
}

/// An event without its text. Events of a chunk with the same test code share it.
fn new_event(route: &Route, mapped: &Mapped<'_>, last_code: &mut Option<Arc<str>>) -> NewEvent {
    let destination = Arc::clone(&route.name);
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
        let mut tally = OutcomeCounts::default();
        tally.count_accepted();
        let event = NewEvent::new("shop", Bytes::from(vec![b' '; bytes]), 0);
        MappedChunk {
            input,
            lines_before,
            last_line: lines_before + 1,
            routed: vec![Routed {
                tally,
                events: vec![event.with_line(lines_before + 1)],
                rejects: Vec::new(),
            }],
        }
    }

    #[test]
    fn chunks_of_an_input_are_joined_up_to_a_size() {
        let mut one = chunk(0, 0, JOINED_BYTES - 1);
        assert!(
            one.join(chunk(0, 1, 1))
                .is_ok_and(|rest| { rest.routed.iter().all(|routed| routed.events.is_empty()) })
        );
        assert!(one.join(chunk(0, 2, 1)).is_err(), "too large together");
        assert!(
            chunk(0, 0, 1).join(chunk(1, 1, 1)).is_err(),
            "another input"
        );
        assert_eq!((one.lines_before, one.last_line), (0, 2));
        let lines = one.routed.iter().flat_map(|routed| &routed.events);
        assert!(lines.map(|event| event.line).eq([Some(1), Some(2)]));
        assert!(one.routed.iter().all(|routed| routed.tally.accepted == 2));
    }
}
