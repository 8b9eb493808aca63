//! Works on the chunks of inputs in several threads and gives the results back in the order of the input.
//!
//! One thread reads. Chunk k goes to worker k modulo n, and results are taken from the workers in the same turn, so that
//! order needs no sorting. All channels are short: a slow sink holds the reader back, and memory stays flat. Buffers are
//! reused. When the sink gives up, the threads are not joined, because the reader may be inside a read that never returns;
//! they end with the process.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

use crate::chunks::{Chunk, ChunkReader};
use crate::origin::{ByteCounter, InputError, Origin};

/// Chunks queued for one worker, and results of one worker queued for the sink. Two, so that a worker need not wait while
/// the sink works on its last result.
const WAITING: usize = 2;

/// A chunk and its place in the inputs.
#[derive(Debug, Default)]
pub struct NumberedChunk {
    /// Index of the input, from 0.
    pub input: usize,
    /// Lines in all inputs before this one.
    pub lines_before: u64,
    /// The lines.
    pub chunk: Chunk,
}

/// Why reading stopped before the end of the inputs.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// An input could not be read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The sink failed.
    #[error("cannot write the output")]
    Output(#[source] io::Error),
    /// The operating system gave no thread.
    #[error("cannot start a thread")]
    Thread(#[source] io::Error),
    /// A worker panicked.
    #[error(
        "a worker stopped without finishing its chunk: this is a defect in segue, please report it"
    )]
    Worker,
}

/// The number of workers to use: one for each core.
#[must_use]
pub fn available_workers() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

type Job = Result<NumberedChunk, InputError>;

/// The channels and the thread of one worker.
struct Worker<T> {
    jobs: SyncSender<Job>,
    results: Receiver<Result<T, InputError>>,
    spent: Sender<T>,
    thread: JoinHandle<()>,
}

/// Reads `inputs` one after the other, calls `work` on every chunk in one of `workers` threads, and `sink` with the
/// results in order. `counter` counts the bytes read. `work` overwrites its second argument, which holds the result of an
/// earlier chunk, so that its buffers are reused.
///
/// # Errors
///
/// The first input that cannot be read, the sink's error, or a defect of `work`. Results before it have reached the sink.
pub fn map_chunks<T>(
    inputs: Vec<Origin>,
    counter: ByteCounter,
    workers: usize,
    work: impl Fn(&NumberedChunk, &mut T) + Send + Sync + 'static,
    mut sink: impl FnMut(&mut T) -> io::Result<()>,
) -> Result<(), PipelineError>
where
    T: Default + Send + 'static,
{
    let work = Arc::new(work);
    let (empties, refills) = channel();
    let mut jobs = Vec::new();
    let mut handles = Vec::new();
    for _ in 0..workers.max(1) {
        let Worker {
            jobs: sender,
            results,
            spent,
            thread,
        } = start_worker(&work, &empties)?;
        jobs.push(sender);
        handles.push((results, spent, thread));
    }
    spawn("reader", move || read(inputs, &counter, &jobs, &refills))?;

    'turns: loop {
        for (results, spent, _) in &handles {
            // This worker has ended because no chunk was left; no worker after it has one either.
            let Ok(result) = results.recv() else {
                break 'turns;
            };
            let mut result = result?;
            sink(&mut result).map_err(PipelineError::Output)?;
            let _ = spent.send(result);
        }
    }
    for (results, _, thread) in handles {
        if results.recv().is_ok() || thread.join().is_err() {
            return Err(PipelineError::Worker);
        }
    }
    Ok(())
}

fn start_worker<T, W>(work: &Arc<W>, empties: &Sender<Chunk>) -> Result<Worker<T>, PipelineError>
where
    T: Default + Send + 'static,
    W: Fn(&NumberedChunk, &mut T) + Send + Sync + 'static,
{
    let (jobs, queue) = sync_channel::<Job>(WAITING);
    let (done, results) = sync_channel(WAITING);
    let (spent, reusable) = channel::<T>();
    let (work, empties) = (Arc::clone(work), empties.clone());
    let thread = spawn("worker", move || {
        for job in queue {
            let result = job.map(|piece| {
                let mut result = reusable.try_recv().unwrap_or_default();
                work(&piece, &mut result);
                let _ = empties.send(piece.chunk);
                result
            });
            if done.send(result).is_err() {
                break;
            }
        }
    })?;
    Ok(Worker {
        jobs,
        results,
        spent,
        thread,
    })
}

fn read(
    inputs: Vec<Origin>,
    counter: &ByteCounter,
    handles: &[SyncSender<Job>],
    refills: &Receiver<Chunk>,
) {
    let mut turns = handles.iter().cycle();
    let mut pass_on = |job: Job| turns.next().is_some_and(|worker| worker.send(job).is_ok());
    let mut lines_before = 0;
    for (input, origin) in inputs.into_iter().enumerate() {
        let mut reader = match origin.open(counter) {
            Ok(input) => ChunkReader::new(input),
            Err(error) => {
                pass_on(Err(error));
                return;
            }
        };
        loop {
            let mut chunk = refills.try_recv().unwrap_or_default();
            let job = match reader.read(&mut chunk) {
                Ok(false) => break,
                Ok(true) => Ok(NumberedChunk {
                    input,
                    lines_before,
                    chunk,
                }),
                Err(error) => Err(origin.failed(error)),
            };
            let is_last = job.is_err();
            if !pass_on(job) || is_last {
                return;
            }
        }
        lines_before += reader.next_line() - 1;
    }
}

fn spawn(
    name: &str,
    body: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, PipelineError> {
    let builder = thread::Builder::new().name(name.to_owned());
    builder.spawn(body).map_err(PipelineError::Thread)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(inputs: Vec<Origin>, workers: usize) -> Result<Vec<String>, PipelineError> {
        let mut all = Vec::new();
        let work = |piece: &NumberedChunk, lines: &mut Vec<String>| {
            lines.clear();
            lines.extend(piece.chunk.lines().map(|(at, line)| {
                format!("{}:{at}:{}", piece.input, String::from_utf8_lossy(line))
            }));
        };
        map_chunks(inputs, ByteCounter::default(), workers, work, |lines| {
            all.append(lines);
            Ok(())
        })?;
        Ok(all)
    }

    #[test]
    fn results_keep_the_order_of_the_input_with_any_number_of_workers() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, lines: u64| {
            let path = folder.path().join(name);
            let text: Vec<_> = (1..=lines).map(|line| line.to_string()).collect();
            std::fs::write(&path, text.join("\n")).unwrap();
            Origin::File(path)
        };
        let inputs = vec![write("a", 200_000), write("b", 0), write("c", 3)];
        let expected: Vec<_> = [(0, 200_000), (2, 3)]
            .iter()
            .flat_map(|(input, lines)| (1..=*lines).map(move |at| format!("{input}:{at}:{at}")))
            .collect();
        for workers in [1, 2, 5] {
            assert_eq!(
                numbers(inputs.clone(), workers).unwrap(),
                expected,
                "{workers} workers"
            );
        }
    }

    #[test]
    fn a_worker_that_panics_is_not_an_end_of_input() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events");
        std::fs::write(&path, "{}\n").unwrap();
        let work = |_: &NumberedChunk, (): &mut ()| panic!("a defect");
        let result = map_chunks(
            vec![Origin::File(path)],
            ByteCounter::default(),
            2,
            work,
            |()| Ok(()),
        );
        assert!(matches!(result, Err(PipelineError::Worker)), "{result:?}");
    }

    #[test]
    fn an_input_that_fails_ends_the_run_with_its_name() {
        let result = numbers(vec![Origin::File("no such file".into())], 2);
        assert!(matches!(result, Err(PipelineError::Input(_))));
    }
}
