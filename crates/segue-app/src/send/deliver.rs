//! A run that sends: starting, reading and delivering, draining, reporting.

use std::sync::Arc;

use conversions_delivery::{Clock as _, Ended, Engine, FinishOptions, MemoryLog, Summary};
use conversions_files::FileReader;
use graph_sandbox::Sandbox;
use tokio::task::JoinHandle;

use crate::destinations::{self, Mode, SandboxLimits};
use crate::error::AppError;
use crate::memory::{self, MatchMemory};
use crate::send::job::SendJob;
use crate::send::progress::{ProgressTask, SendObserver};
use crate::send::reading::{Feeder, ReadResult, start_reading};
use crate::send::report::{KeptIn, SendReport};
use crate::send::run_log::{ResumableLog, RunLog};
use crate::send::run_totals::RunTotals;
use crate::shutdown::Shutdown;

/// Limits of a sandbox that exists for one run: enough to look at its events afterwards.
const SANDBOX_LIMITS: SandboxLimits = SandboxLimits {
    events: 10_000,
    bytes: 16 << 20,
};

/// Carries a planned run out.
pub(super) async fn run(
    job: SendJob,
    shutdown: Shutdown,
    observer: Arc<dyn SendObserver>,
) -> Result<SendReport, AppError> {
    let run = Run::start(job, &shutdown, observer).await?;
    let delivered = run.read_and_deliver(shutdown).await?;
    delivered.report().await
}

/// A run whose reading and delivery have begun.
struct Run {
    engine: Arc<Engine>,
    reading: JoinHandle<ReadResult>,
    progress: ProgressTask,
    finish: FinishOptions,
    after: Afterwards,
}

/// What is needed once everything is settled.
struct Afterwards {
    mode: Mode,
    from_line: u64,
    log: RunLog,
    memory: Option<MatchMemory>,
    /// Events of the input that earlier runs delivered.
    delivered_before: u64,
    sandbox: Option<Sandbox>,
}

impl Run {
    async fn start(
        job: SendJob,
        shutdown: &Shutdown,
        observer: Arc<dyn SendObserver>,
    ) -> Result<Self, AppError> {
        let SendJob {
            inputs,
            counter,
            from_line,
            destinations,
            clock,
            mode,
            finish,
            rejects,
            data,
            memory,
            restart,
        } = job;
        let names = destinations.iter().map(|one| one.name.to_string());
        let mut totals = RunTotals::new(names, inputs.clone(), from_line, rejects);
        let (log, delivered_before) = match data {
            None => {
                totals.truncate_rejects(0);
                (RunLog::Memory(Arc::new(MemoryLog::default())), 0)
            }
            Some((folder, input)) => {
                let log = ResumableLog::open(folder, input, &totals, &*observer)?;
                if let Some(memory) = &memory {
                    memory.open(&log.folder, clock, memory::BACKPRESSURE_OF_FILES);
                }
                if restart {
                    log.forget_input().await?;
                }
                log.resume(&mut totals, &*observer).await?;
                log.requeue_replays(clock.now(), &*observer).await?;
                let delivered_before = log.delivered().await?;
                (RunLog::Disk(Arc::new(log)), delivered_before)
            }
        };
        let sandbox = match mode {
            Mode::Sandbox => {
                Some(destinations::start_sandbox(clock, &destinations, SANDBOX_LIMITS, None).await?)
            }
            Mode::Meta | Mode::DryRun => None,
        };
        let sandbox_url = sandbox
            .as_ref()
            .map(destinations::sandbox_url)
            .transpose()?;
        let engine = destinations::start_engine(
            &destinations,
            clock,
            sandbox_url.as_ref(),
            log.as_event_log(),
            None,
        )?;
        let engine = Arc::new(engine);
        let reader = FileReader {
            inputs,
            counter,
            destinations: destinations
                .iter()
                .map(|one| (Arc::clone(&one.name), Arc::clone(&one.mapping)))
                .collect(),
            first_line: totals.next_line,
        };
        let feeder = Feeder {
            engine: Arc::clone(&engine),
            chunks: start_reading(reader, clock)?,
            totals,
            log: log.clone(),
            held_back: None,
        };
        Ok(Self {
            progress: ProgressTask::start(Arc::clone(&engine), observer),
            reading: tokio::spawn(feeder.run(shutdown.clone())),
            engine,
            finish,
            after: Afterwards {
                mode,
                from_line,
                log,
                memory,
                delivered_before,
                sandbox,
            },
        })
    }

    /// Reads until the end of the inputs and delivers until the log is empty. A shutdown, or an engine that makes no progress,
    /// ends both early; requests in flight are still finished.
    async fn read_and_deliver(mut self, mut shutdown: Shutdown) -> Result<Delivered, AppError> {
        let ended_early = tokio::select! {
            biased;
            read = &mut self.reading => return self.deliver_rest(read, shutdown).await,
            () = shutdown.requested() => Ended::Shutdown,
            ended = self.engine.wait_until_stuck(self.finish) => ended,
        };
        // Finishing the engine also ends an append that waits for room, and with it the reading.
        let (summary, read) = tokio::join!(
            self.engine.finish(self.finish, std::future::ready(())),
            &mut self.reading
        );
        let summary = Summary {
            ended: ended_early,
            ..summary
        };
        self.delivered(read, summary).await
    }

    /// Everything was read: delivers what is left.
    async fn deliver_rest(
        self,
        read: Result<ReadResult, tokio::task::JoinError>,
        mut shutdown: Shutdown,
    ) -> Result<Delivered, AppError> {
        let mut summary = self.engine.finish(self.finish, shutdown.requested()).await;
        // An engine with nothing in flight says `Done`, but the run was interrupted while reading.
        if summary.ended == Ended::Done && read.as_ref().is_ok_and(ReadResult::was_interrupted) {
            summary.ended = Ended::Shutdown;
        }
        self.delivered(read, summary).await
    }

    async fn delivered(
        self,
        read: Result<ReadResult, tokio::task::JoinError>,
        summary: Summary,
    ) -> Result<Delivered, AppError> {
        self.progress.stop().await;
        Ok(Delivered {
            read: read.map_err(|_| AppError::Defect("reading"))?,
            summary,
            after: self.after,
        })
    }
}

/// A run that has ended, before its log and sandbox are asked for their counts.
struct Delivered {
    read: ReadResult,
    summary: Summary,
    after: Afterwards,
}

impl Delivered {
    async fn report(self) -> Result<SendReport, AppError> {
        let Self {
            read,
            summary,
            after,
        } = self;
        if let Some(memory) = &after.memory {
            memory.flush();
        }
        let mut report = SendReport::new(read.totals, after.mode, read.error);
        report.read_to_end = read.reached_end;
        report.from_line = after.from_line;
        match &after.log {
            RunLog::Memory(log) => report.dead_letters = log.dead_letters(),
            RunLog::Disk(log) => {
                if !report.read_to_end {
                    log.reconcile(&mut report.totals).await?;
                }
                let own = log.input_totals(&summary.progress).await?;
                report.others = log
                    .other_events(after.delivered_before, &own, &summary.progress)
                    .await?;
                report.of_input = Some(own);
                report.kept_in = Some(KeptIn {
                    folder: log.folder.clone(),
                    recognises_input: log.recognises_input,
                });
            }
        }
        report.summary = Some(summary);
        if let Some(sandbox) = after.sandbox {
            report.sandbox = Some(sandbox.totals());
            sandbox.shutdown().await;
        }
        Ok(report)
    }
}
