//! The run itself: chunks from the feed into the engine, until all is delivered or it makes no sense to go on.

use std::sync::Arc;

use conversions_delivery::{
    AppendError, AppendGroup, Appended, Ended, Engine, EventLog, InputId, InputOffset, MemoryLog,
    Summary,
};
use tokio::sync::mpsc;

use crate::context::Clock;
use crate::data_folder::DataFolder;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::route::{self, Mode};
use crate::send::account::Account;
use crate::send::dry_run;
use crate::send::durable::Durable;
use crate::send::feed::{Feed, MappedChunk};
use crate::send::plan::Plan;
use crate::send::report::Report;
use crate::send::watch::Watch;
use conversions_files::PipelineError;

pub(crate) type Chunks = mpsc::Receiver<Fresh>;

/// A chunk, or why there is none.
type Fresh = Result<MappedChunk, PipelineError>;

/// Room for events in the memory of a sandbox that is there for one run: their number and bytes.
const SANDBOX_KEEPS: (usize, usize) = (10_000, 16 << 20);

/// Carries a plan out.
pub(crate) async fn run(plan: Plan, mut interrupt: Interrupt) -> Result<Report, Failure> {
    let Plan {
        inputs,
        meter,
        from_line,
        routes,
        clock,
        mode,
        finish,
        rejects,
        data,
        restart,
    } = plan;
    let watch = Watch::new(&inputs, meter.clone(), finish.give_up_after);
    let names = routes.iter().map(|route| route.name.to_string());
    let mut account = Account::new(names, inputs.clone(), from_line, rejects);
    let log = Log::open(data, &mut account, restart, clock).await?;
    let feed = Feed {
        inputs,
        meter,
        routes: routes.clone(),
        clock,
        first_line: account.next_line,
    };
    if mode == Mode::DryRun {
        return dry_run::run(feed.start()?, account, clock, &mut interrupt, &watch).await;
    }
    let delivered_before = match &log {
        Log::Memory(_) => 0,
        Log::Disk(durable) => durable.delivered().await?,
    };
    let sandbox = match mode {
        Mode::Sandbox => Some(route::start_sandbox(clock, &routes, SANDBOX_KEEPS).await?),
        Mode::Meta | Mode::DryRun => None,
    };
    let sandbox_url = sandbox.as_ref().map(route::url_of).transpose()?;
    let engine = route::start_engine(&routes, clock, sandbox_url.as_ref(), log.as_event_log())?;
    let engine = Arc::new(engine);
    let watching = watch.over(Arc::clone(&engine));

    let feeding = fill(
        Arc::clone(&engine),
        feed.start()?,
        account,
        interrupt.clone(),
        log.clone(),
    );
    let mut feeding = std::pin::pin!(tokio::spawn(feeding));
    // Reading goes on until it is done, or something is in its way.
    let reading = tokio::select! {
        biased;
        ended = &mut feeding => Ok(ended),
        () = interrupt.asked() => Err(Ended::Shutdown),
        ended = engine.stuck(finish) => Err(ended),
    };
    let (summary, read) = match reading {
        Ok(read) => {
            let mut summary = engine.finish(finish, interrupt.asked()).await;
            // With nothing on its way the engine is done, but the run is not: it was ended in the midst of reading.
            if summary.ended == Ended::Done && read.as_ref().is_ok_and(Fed::was_interrupted) {
                summary.ended = Ended::Shutdown;
            }
            (summary, read)
        }
        Err(ended) => {
            let (summary, read) =
                tokio::join!(engine.finish(finish, std::future::ready(())), &mut feeding);
            (Summary { ended, ..summary }, read)
        }
    };
    watching.end().await;
    let read = read.map_err(|_| {
        Failure::sentence(
            "reading stopped unexpectedly: this is a defect in segue, please report it",
        )
    })?;
    let mut report = Report::new(read.account, mode, read.input_failure);
    report.read_to_end = read.to_end;
    report.from_line = from_line;
    match &log {
        Log::Memory(log) => report.dead_letters = log.dead_letters(),
        Log::Disk(durable) => {
            if !report.read_to_end {
                durable.balance(&mut report.account).await?;
            }
            let own = durable.totals(&summary.progress).await?;
            report.others = durable
                .others(delivered_before, &own, &summary.progress)
                .await?;
            report.of_input = Some(own);
            report.kept_in = Some((durable.folder.clone(), durable.comes_again));
        }
    }
    report.summary = Some(summary);
    if let Some(sandbox) = sandbox {
        report.sandbox = Some(sandbox.totals());
        sandbox.shutdown().await;
    }
    Ok(report)
}

/// Where events are until they are delivered.
#[derive(Clone)]
enum Log {
    Memory(Arc<MemoryLog>),
    Disk(Arc<Durable>),
}

impl Log {
    /// Opens the log of a data folder, if there is one, and takes up what an earlier run has left.
    async fn open(
        data: Option<(DataFolder, InputId)>,
        account: &mut Account,
        restart: bool,
        clock: Clock,
    ) -> Result<Self, Failure> {
        let Some((folder, input)) = data else {
            account.cut_rejects(0);
            return Ok(Self::Memory(Arc::new(MemoryLog::default())));
        };
        let durable = Durable::open(folder, input, account.can_come_again())?;
        if restart {
            durable.restart().await?;
        }
        durable.resume(account).await?;
        let now = conversions_delivery::Clock::now(&clock);
        durable.requeue_replays(now).await?;
        Ok(Self::Disk(Arc::new(durable)))
    }

    fn as_event_log(&self) -> Arc<dyn EventLog> {
        match self {
            Self::Memory(log) => Arc::clone(log) as Arc<dyn EventLog>,
            Self::Disk(durable) => Arc::clone(&durable.log) as Arc<dyn EventLog>,
        }
    }
}

/// How reading ended.
struct Fed {
    account: Account,
    input_failure: Option<Failure>,
    to_end: bool,
}

impl Fed {
    fn was_interrupted(&self) -> bool {
        !self.to_end && self.input_failure.is_none()
    }
}

/// Appends chunk after chunk; to a log on disk those together that wait, which shares the time that it takes to be safe.
async fn fill(
    engine: Arc<Engine>,
    mut chunks: Chunks,
    account: Account,
    mut interrupt: Interrupt,
    log: Log,
) -> Fed {
    let mut fed = Fed {
        account,
        input_failure: None,
        to_end: false,
    };
    let mut next = None;
    loop {
        let chunk = tokio::select! {
            biased;
            () = interrupt.asked() => break,
            chunk = following(&mut next, &mut chunks) => chunk,
        };
        match chunk {
            None => {
                fed.to_end = true;
                break;
            }
            Some(Err(error)) => {
                fed.input_failure = Some(error.into());
                break;
            }
            Some(Ok(chunk)) => {
                // What the engine does not take is not accounted for; why not, its summary says.
                if !take(
                    &engine,
                    chunk,
                    &mut chunks,
                    &mut next,
                    &mut fed.account,
                    &log,
                )
                .await
                {
                    break;
                }
            }
        }
    }
    fed
}

/// The chunk that was left over, or the next one.
async fn following(next: &mut Option<Fresh>, chunks: &mut Chunks) -> Option<Fresh> {
    match next.take() {
        None => chunks.recv().await,
        left_over => left_over,
    }
}

/// Hands a chunk to the engine, with those that wait behind it, and enters them into the books; `next` is what cannot be
/// joined to them. Rejects are listed first: an input offset says how long their list is.
async fn take(
    engine: &Engine,
    mut chunk: MappedChunk,
    chunks: &mut Chunks,
    next: &mut Option<Fresh>,
    account: &mut Account,
    log: &Log,
) -> bool {
    let length = account.rejects_length();
    account.list_rejects(&chunk);
    let offset = match log {
        Log::Memory(_) => None,
        Log::Disk(durable) => {
            while next.is_none()
                && let Ok(waiting) = chunks.try_recv()
            {
                *next = waiting
                    .map(|waiting| join(&mut chunk, waiting, account))
                    .transpose();
            }
            Some(durable.offset(account, &chunk))
        }
    };
    let appended = append(engine, &mut chunk, offset).await;
    let is_taken = appended.is_ok();
    if let Ok(appended) = appended {
        account.enter(chunk, &appended);
    } else if let Log::Memory(_) = log {
        // With a log on disk the books are balanced at the end.
        account.cut_rejects(length);
    }
    is_taken
}

/// Joins a chunk to the one before it, and lists its rejects; gives it back if that cannot be.
fn join(chunk: &mut MappedChunk, next: MappedChunk, account: &mut Account) -> Option<MappedChunk> {
    match chunk.join(next) {
        Ok(joined) => {
            account.list_rejects(&joined);
            None
        }
        Err(next) => Some(next),
    }
}

/// Appends a chunk's events for all destinations as one group, and says what became of those of each.
async fn append(
    engine: &Engine,
    chunk: &mut MappedChunk,
    offset: Option<InputOffset>,
) -> Result<Vec<Appended>, AppendError> {
    let sizes: Vec<_> = chunk
        .routed
        .iter()
        .map(|routed| routed.events.len())
        .collect();
    let events = chunk
        .routed
        .iter_mut()
        .flat_map(|routed| std::mem::take(&mut routed.events))
        .collect();
    let group = AppendGroup { events, offset };
    let appended = engine.append_when_room(group).await?;
    let mut outcomes = appended.outcomes.into_iter();
    let of_route = |size| Appended {
        outcomes: outcomes.by_ref().take(size).collect(),
    };
    Ok(sizes.into_iter().map(of_route).collect())
}
