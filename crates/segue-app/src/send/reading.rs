//! Reads the inputs and hands their events to the engine.

use std::ops::ControlFlow;
use std::sync::Arc;

use conversions_delivery::{AppendError, AppendGroup, Appended, Engine, InputOffset, LogError};
use conversions_files::{FileReader, MappedChunk, PipelineError};
use tokio::sync::mpsc;

use crate::clock::RunClock;
use crate::error::AppError;
use crate::send::run_log::RunLog;
use crate::send::run_totals::RunTotals;
use crate::shutdown::Shutdown;

/// Chunks that wait to be appended. A commit of the log takes as long as mapping a few chunks, so that the next group is
/// ready when it ends.
const WAITING_CHUNKS: usize = 8;

pub(super) type Chunks = mpsc::Receiver<Result<MappedChunk, PipelineError>>;

/// Starts to read in threads. The receiver gets the chunks in order, and the error that ended reading, if there was one.
pub(super) fn start_reading(reader: FileReader, clock: RunClock) -> Result<Chunks, AppError> {
    let (chunks, receiver) = mpsc::channel(WAITING_CHUNKS);
    let read = move || {
        let pass_on = |chunk| match chunks.blocking_send(Ok(chunk)) {
            Ok(()) => ControlFlow::Continue(()),
            // The receiver is gone: the run is ending.
            Err(_) => ControlFlow::Break(()),
        };
        if let Err(error) = reader.run(move || clock.timestamp(), pass_on) {
            let _ = chunks.blocking_send(Err(error));
        }
    };
    // Not tokio's thread for blocking work: a read of a pipe may never return, and the runtime would wait for it.
    let thread = std::thread::Builder::new().name("file-reader".to_owned());
    thread.spawn(read).map_err(PipelineError::Thread)?;
    Ok(receiver)
}

/// Why no further chunk is read.
pub(super) enum ReadEnd {
    /// The user asked for the end, or the engine takes no more.
    Interrupted,
    ReachedEnd,
    Failed(AppError),
}

impl ReadEnd {
    /// Whether all inputs were read, and the error that ended reading.
    pub(super) fn into_parts(self) -> (bool, Option<AppError>) {
        match self {
            Self::Interrupted => (false, None),
            Self::ReachedEnd => (true, None),
            Self::Failed(error) => (false, Some(error)),
        }
    }

    /// How reading ends when events are not appended.
    fn of_append(error: AppendError) -> Self {
        match error {
            // The summary of the engine says why it takes no more.
            AppendError::ShuttingDown | AppendError::Log(LogError::Failed { .. }) => {
                Self::Interrupted
            }
            error => Self::Failed(error.into()),
        }
    }
}

/// The next chunk of `receiving`, unless a shutdown is requested first.
pub(super) async fn next_chunk(
    shutdown: &mut Shutdown,
    receiving: impl Future<Output = Option<Result<MappedChunk, PipelineError>>>,
) -> Result<MappedChunk, ReadEnd> {
    let received = tokio::select! {
        biased;
        () = shutdown.requested() => return Err(ReadEnd::Interrupted),
        received = receiving => received,
    };
    match received {
        None => Err(ReadEnd::ReachedEnd),
        Some(chunk) => chunk.map_err(|error| ReadEnd::Failed(error.into())),
    }
}

/// How reading ended.
pub(super) struct ReadResult {
    pub(super) totals: RunTotals,
    pub(super) error: Option<AppError>,
    /// Whether all inputs were read.
    pub(super) reached_end: bool,
}

impl ReadResult {
    pub(super) fn was_interrupted(&self) -> bool {
        !self.reached_end && self.error.is_none()
    }
}

/// Appends chunk after chunk to the engine's log, until the end of the inputs, a shutdown, or an error.
pub(super) struct Feeder {
    pub(super) engine: Arc<Engine>,
    pub(super) chunks: Chunks,
    pub(super) totals: RunTotals,
    pub(super) log: RunLog,
    /// A chunk that was received but not joined to the one before it.
    pub(super) held_back: Option<Result<MappedChunk, PipelineError>>,
}

impl Feeder {
    pub(super) async fn run(mut self, mut shutdown: Shutdown) -> ReadResult {
        let end = loop {
            match next_chunk(&mut shutdown, self.receive()).await {
                Err(end) => break end,
                Ok(chunk) => {
                    if let Err(error) = self.append(chunk).await {
                        break ReadEnd::of_append(error);
                    }
                }
            }
        };
        let (reached_end, error) = end.into_parts();
        ReadResult {
            totals: self.totals,
            error,
            reached_end,
        }
    }

    async fn receive(&mut self) -> Option<Result<MappedChunk, PipelineError>> {
        match self.held_back.take() {
            None => self.chunks.recv().await,
            held_back => held_back,
        }
    }

    /// Appends a chunk, and with a log on disk those that wait behind it, which shares the time of a commit.
    ///
    /// Rejects are listed before the events are appended, because the input offset holds the length of their list. If the append
    /// fails, they are taken back: at once without a data folder; with one, from the last input offset at the end of the run.
    async fn append(&mut self, mut chunk: MappedChunk) -> Result<(), AppendError> {
        let length_before = self.totals.rejects_length();
        self.totals.list_rejects(&chunk);
        let offset = match self.log.clone() {
            RunLog::Memory(_) => None,
            RunLog::Disk(log) => {
                self.join_waiting(&mut chunk);
                Some(log.offset(&self.totals, &chunk))
            }
        };
        match append(&self.engine, &mut chunk, offset).await {
            Ok(appended) => {
                self.totals.add(chunk, &appended);
                Ok(())
            }
            Err(error) => {
                if let RunLog::Memory(_) = self.log {
                    self.totals.truncate_rejects(length_before);
                }
                Err(error)
            }
        }
    }

    /// Joins the chunks that have been received already, as far as they fit.
    fn join_waiting(&mut self, chunk: &mut MappedChunk) {
        while self.held_back.is_none()
            && let Ok(waiting) = self.chunks.try_recv()
        {
            match waiting.map(|waiting| chunk.join(waiting)) {
                Ok(Ok(joined)) => self.totals.list_rejects(&joined),
                Ok(Err(does_not_fit)) => self.held_back = Some(Ok(does_not_fit)),
                Err(error) => self.held_back = Some(Err(error)),
            }
        }
    }
}

/// Appends the events of a chunk for all destinations as one group. Returns what became of those of each destination.
async fn append(
    engine: &Engine,
    chunk: &mut MappedChunk,
    offset: Option<InputOffset>,
) -> Result<Vec<Appended>, AppendError> {
    let sizes: Vec<_> = chunk
        .destinations
        .iter()
        .map(|one| one.frames.len())
        .collect();
    let frames = chunk
        .destinations
        .iter_mut()
        .flat_map(|one| std::mem::take(&mut one.frames))
        .collect();
    let group = AppendGroup { frames, offset };
    let appended = engine.append_when_room(group).await?;
    let mut frames = appended.frames.into_iter();
    let of_destination = |size| Appended {
        frames: frames.by_ref().take(size).collect(),
    };
    Ok(sizes.into_iter().map(of_destination).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_ends_reading_with_a_reason() {
        let end = ReadEnd::of_append(AppendError::DiskFull { free: 1, spare: 2 });
        let (reached_end, error) = end.into_parts();
        assert!(!reached_end);
        let sentence = error.expect("a reason").sentence();
        assert!(sentence.contains("nearly full"), "{sentence}");
    }

    #[test]
    fn the_engine_says_by_itself_why_it_ends() {
        let end = ReadEnd::of_append(AppendError::ShuttingDown);
        assert!(matches!(end.into_parts(), (false, None)));
    }
}
