//! The run itself: chunks from the feed into the engine, until all is delivered or it makes no sense to go on.

use std::sync::Arc;

use conversions_delivery::{
    AppendError, AppendGroup, Appended, Ended, Engine, EventLog, MemoryLog, Summary, Wanted,
};
use graph_sandbox::Sandbox;
use tokio::sync::mpsc;

use crate::context::Clock;
use crate::failure::Failure;
use crate::input::pipeline::PipelineError;
use crate::send::account::Account;
use crate::send::feed::{Feed, MappedChunk};
use crate::send::interrupt::Interrupt;
use crate::send::plan::{Mode, Plan, Route};
use crate::send::report::Report;
use crate::send::watch::Watch;

type Chunks = mpsc::Receiver<Result<MappedChunk, PipelineError>>;

/// Room for events in the memory of a sandbox that is there for one run: their number and bytes.
const SANDBOX_KEEPS: (usize, usize) = (10_000, 16 << 20);

/// Carries a plan out.
pub(crate) async fn run(plan: Plan) -> Result<Report, Failure> {
    let Plan {
        inputs,
        meter,
        from_line,
        routes,
        clock,
        mode,
        finish,
        rejects,
    } = plan;
    let mut interrupt = Interrupt::listen();
    let watch = Watch::new(&inputs, meter.clone(), finish.give_up_after);
    let names = routes.iter().map(|route| route.name.to_string());
    let account = Account::new(names, inputs.clone(), from_line, rejects);
    let feed = Feed {
        inputs,
        meter,
        routes: routes.clone(),
        clock,
        from_line,
    };

    if mode == Mode::DryRun {
        let chunks = feed.start()?;
        return dry_run(chunks, account, clock, &mut interrupt, &watch).await;
    }
    let sandbox = match mode {
        Mode::Sandbox => Some(start_sandbox(clock, &routes).await?),
        Mode::Meta | Mode::DryRun => None,
    };
    let log = Arc::new(MemoryLog::default());
    let engine = Arc::new(start_engine(
        &routes,
        clock,
        sandbox.as_ref(),
        Arc::clone(&log),
    )?);
    let watching = watch.over(Arc::clone(&engine));

    let feeding = tokio::spawn(fill(
        Arc::clone(&engine),
        feed.start()?,
        account,
        interrupt.clone(),
    ));
    let mut feeding = std::pin::pin!(feeding);
    // Reading goes on until it is done, or something is in its way.
    let reading = tokio::select! {
        biased;
        ended = &mut feeding => Ok(ended),
        () = interrupt.asked() => Err(Ended::Shutdown),
        ended = engine.stuck(finish) => Err(ended),
    };
    let (summary, read) = match reading {
        Ok(read) => (engine.finish(finish, interrupt.asked()).await, read),
        Err(ended) => {
            let (summary, read) =
                tokio::join!(engine.finish(finish, std::future::ready(())), &mut feeding);
            (Summary { ended, ..summary }, read)
        }
    };
    watching.end().await;
    let Fed {
        account,
        input_failure,
    } = read.map_err(|_| {
        Failure::sentence(
            "reading stopped unexpectedly: this is a defect in segue, please report it",
        )
    })?;
    let mut report = Report::new(account, mode, input_failure);
    report.summary = Some(summary);
    report.dead_letters = log.dead_letters();
    if let Some(sandbox) = sandbox {
        report.sandbox = Some(sandbox.totals());
        sandbox.shutdown().await;
    }
    Ok(report)
}

/// How reading ended.
struct Fed {
    account: Account,
    input_failure: Option<Failure>,
}

/// Appends chunk after chunk.
async fn fill(
    engine: Arc<Engine>,
    mut chunks: Chunks,
    mut account: Account,
    mut interrupt: Interrupt,
) -> Fed {
    let mut input_failure = None;
    loop {
        let chunk = tokio::select! {
            biased;
            () = interrupt.asked() => break,
            chunk = chunks.recv() => chunk,
        };
        match chunk {
            None => break,
            Some(Err(error)) => {
                input_failure = Some(error.into());
                break;
            }
            Some(Ok(mut chunk)) => match append(&engine, &mut chunk).await {
                Ok(appended) => account.enter(chunk, &appended),
                // What the engine did not take is not accounted for; why not, its summary says.
                Err(_) => break,
            },
        }
    }
    account.close();
    Fed {
        account,
        input_failure,
    }
}

/// Appends a chunk's events for all destinations as one group, and says what became of those of each.
async fn append(engine: &Engine, chunk: &mut MappedChunk) -> Result<Vec<Appended>, AppendError> {
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
    let appended = engine.append_when_room(AppendGroup::new(events)).await?;
    let mut outcomes = appended.outcomes.into_iter();
    let of_route = |size| Appended {
        outcomes: outcomes.by_ref().take(size).collect(),
    };
    Ok(sizes.into_iter().map(of_route).collect())
}

async fn start_sandbox(clock: Clock, routes: &[Route]) -> Result<Sandbox, Failure> {
    let largest = routes
        .iter()
        .map(|route| route.options.batch_bytes)
        .max()
        .unwrap_or_default();
    let (events, bytes) = SANDBOX_KEEPS;
    let sandbox = Sandbox::builder()
        .now(move || clock.system_time())
        .keep(events, bytes)
        .body_limit(largest.saturating_mul(2).max(4 << 20));
    sandbox
        .start()
        .await
        .map_err(|error| Failure::sentence(format!("the sandbox cannot be started: {error}")))
}

fn start_engine(
    routes: &[Route],
    clock: Clock,
    sandbox: Option<&Sandbox>,
    log: Arc<MemoryLog>,
) -> Result<Engine, Failure> {
    let url = sandbox.map(|sandbox| sandbox.url().parse()).transpose();
    let url = url
        .map_err(|error| Failure::sentence(format!("the sandbox cannot be addressed: {error}")))?;
    let mut builder = Engine::builder().clock(Arc::new(clock)).log(log);
    for route in routes {
        if let Some(transport) = route.connect(url.clone())? {
            builder = builder.destination(
                Arc::clone(&route.name),
                Arc::new(transport),
                route.options.clone(),
            );
        }
    }
    Ok(builder.start())
}

/// Everything but sending: duplicates are found too, for which there is a log that is emptied as it fills.
async fn dry_run(
    mut chunks: Chunks,
    mut account: Account,
    clock: Clock,
    interrupt: &mut Interrupt,
    watch: &Watch,
) -> Result<Report, Failure> {
    let log = MemoryLog::default();
    let now = conversions_delivery::Clock::now(&clock);
    let mut input_failure = None;
    loop {
        let chunk = tokio::select! {
            biased;
            () = interrupt.asked() => break,
            chunk = chunks.recv() => chunk,
        };
        match chunk {
            None => break,
            Some(Err(error)) => {
                input_failure = Some(error.into());
                break;
            }
            Some(Ok(mut chunk)) => {
                let mut appended = Vec::with_capacity(chunk.routed.len());
                for routed in &mut chunk.routed {
                    let events = std::mem::take(&mut routed.events);
                    appended.push(
                        pass_through(&log, events, now)
                            .await
                            .map_err(|error| Failure::of(&error))?,
                    );
                }
                account.enter(chunk, &appended);
                watch.tick(None);
            }
        }
    }
    watch.clear();
    account.close();
    Ok(Report::new(account, Mode::DryRun, input_failure))
}

async fn pass_through(
    log: &MemoryLog,
    events: Vec<conversions_delivery::AcceptedEvent>,
    now: conversions_delivery::UnixMillis,
) -> Result<Appended, AppendError> {
    let Some(destination) = events.first().map(|event| Arc::clone(&event.destination)) else {
        return Ok(Appended::default());
    };
    let appended = log.append(AppendGroup::new(events), now).await?;
    let all = Wanted {
        destination: &destination,
        events: usize::MAX,
        bytes: usize::MAX,
    };
    let lease = log.lease(all, now).await?;
    let keys: Vec<_> = lease.events.iter().map(|event| event.key).collect();
    log.acknowledge(&destination, &keys, now).await?;
    Ok(appended)
}
