//! What an endpoint is put together from: its data folder, its log, a sandbox, the routes of operators.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use conversions_delivery::{Clock as _, DurableLog};
use conversions_disk_log::DiskLogOptions;
use conversions_ingest::{ConnectionOptions, Ingest, IngestOptions, Operators, Tls};
use conversions_transport::GraphUrl;
use graph_sandbox::Sandbox;
use segue_console::Console;
use segue_settings::{Endpoint, InputSettings};
use tempfile::TempDir;

use crate::clock::RunClock;
use crate::data_folder::DataFolder;
use crate::destinations::{self, ResolvedDestination, SandboxLimits};
use crate::error::AppError;
use crate::log_location::LogLocation;
use crate::notice::Notice;
use crate::open_log::OpenLog;
use crate::serve::configuration::{Configuration, ONLY_SOURCE};
use crate::serve::consume::{ConsumePlan, Consumer, ConsumerParts};
use crate::serve::delivery::Delivery;
use crate::serve::health::Health;
use crate::serve::listening::{BoundAddresses, Listening};
use crate::serve::metrics::Registry;
use crate::serve::options::{EndpointOptions, Role};
use crate::serve::otel::Spans;
use crate::serve::recorder::Recorder;
use crate::serve::server::Server;
use crate::serve::sink::LogSink;

/// Limits of a sandbox that runs for weeks.
const SANDBOX_LIMITS: SandboxLimits = SandboxLimits {
    events: 100_000,
    bytes: 64 << 20,
};

/// Where events are kept by default, relative to the working directory.
const DATA_FOLDER: &str = "segue-data";

/// How long delivery goes on when a process ends whose events are in memory only: what is not delivered is read again.
const DRAIN: Duration = Duration::from_secs(10);

/// The event log of an endpoint, with the room that the settings give it.
pub(super) async fn open_log(
    folder: &DataFolder,
    configuration: &Configuration,
    plan: Option<&ConsumePlan>,
    notice: impl Fn(Notice),
) -> Result<OpenLog, AppError> {
    let now = RunClock::default().now();
    if let Some(log) = plan.and_then(|plan| plan.log(now)) {
        return Ok(log);
    }
    let options = DiskLogOptions {
        disk_bytes: configuration.endpoint.disk_bytes,
        ..DiskLogOptions::default()
    };
    let destinations = configuration.destinations.iter();
    let names: Vec<_> = destinations.map(|one| one.name.to_string()).collect();
    let location = LogLocation::of_settings(&configuration.settings.log, folder.clone())?;
    location.open(options, &names, notice).await
}

/// How long delivery goes on at the end.
pub(super) fn drain(plan: Option<&ConsumePlan>) -> Duration {
    match plan {
        Some(plan) if plan.is_tracked() => DRAIN,
        _ => Duration::ZERO,
    }
}

/// Begins to read inputs, if there are any.
pub(super) async fn start_consumer(
    plan: Option<ConsumePlan>,
    ingest: &Ingest,
    delivery: &Arc<Delivery>,
    health: &Arc<Health>,
    durable: Option<Arc<dyn DurableLog>>,
) -> Result<Option<Consumer>, AppError> {
    let Some(plan) = plan else {
        return Ok(None);
    };
    let parts = ConsumerParts {
        ingest: ingest.clone(),
        delivery: Arc::clone(delivery),
        health: Arc::clone(health),
        clock: RunClock::default(),
    };
    // Clients of brokers make large futures.
    let consumer = Box::pin(Consumer::start(plan, parts, durable));
    Ok(Some(consumer.await?))
}

/// The part that takes messages, and hands their events to the log.
pub(super) fn ingest(
    options: IngestOptions,
    delivery: &Arc<Delivery>,
    health: &Arc<Health>,
    recorder: &Recorder,
    spans: Option<Spans>,
) -> Result<Ingest, AppError> {
    let (delivery, health) = (Arc::clone(delivery), Arc::clone(health));
    let sink = LogSink::new(delivery, health, recorder.clone(), spans);
    Ok(Ingest::new(options, Arc::new(sink))?)
}

/// The names of inputs.
pub(super) fn input_names(inputs: &[InputSettings]) -> Vec<String> {
    inputs.iter().map(|input| input.name.clone()).collect()
}

/// Who reads which inputs, if the endpoint reads any.
pub(super) fn consume_plan(configuration: &Configuration) -> Option<ConsumePlan> {
    let inputs = &configuration.inputs;
    let destinations_of = |name: &str| {
        let sources = configuration.ingest.sources.iter();
        let of_source = sources.filter(|source| &*source.name == name);
        of_source
            .flat_map(|source| &source.destinations)
            .map(|destination| destination.name.to_string())
            .collect()
    };
    (!inputs.is_empty()).then(|| ConsumePlan::new(inputs, ONLY_SOURCE, destinations_of))
}

/// The listener of senders, if this endpoint takes events.
pub(super) async fn bind_senders(role: Role, address: &str) -> Result<Option<Listening>, AppError> {
    match role {
        Role::Deliver | Role::Consume => Ok(None),
        Role::All | Role::Ingest => Listening::bind("--listen", address).await.map(Some),
    }
}

/// Serves senders, if this endpoint takes events.
pub(super) fn start_senders(
    at: Option<Listening>,
    router: axum::Router,
    endpoint: &Endpoint,
    tls: Option<Tls>,
) -> Option<Server> {
    let connection = ConnectionOptions {
        tls,
        ..endpoint.connection.clone()
    };
    at.map(|at| Server::start(at, router, connection))
}

/// Where senders connect, if this endpoint takes events.
pub(super) fn senders_url(at: Option<&Listening>, has_tls: bool) -> Option<String> {
    let scheme = if has_tls { "https" } else { "http" };
    at.map(|at| at.url(scheme))
}

/// The operators' routes, with the console if there is one.
pub(super) fn operators_router(
    metrics: Arc<Registry>,
    health: &Arc<Health>,
    console: Option<Console>,
) -> axum::Router {
    let readiness = Arc::clone(health);
    let operators = Operators::new()
        .with_metrics(move || metrics.render())
        .with_readiness(move || readiness.ready());
    match console {
        Some(console) => operators
            .with_openapi(segue_console::OPENAPI)
            .router()
            .merge(console.router()),
        None => operators.router(),
    }
}

/// Where everything answers.
pub(super) fn addresses(
    ingest: Option<String>,
    ops: &Listening,
    console: Option<String>,
    sandbox: Option<&Sandbox>,
) -> BoundAddresses {
    BoundAddresses {
        ingest,
        ops: ops.url("http"),
        console,
        sandbox: sandbox.map(|sandbox| sandbox.url().to_owned()),
    }
}

/// A sandbox for these destinations and its address, if the options want one.
pub(super) async fn start_sandbox(
    options: &EndpointOptions,
    clock: RunClock,
    destinations: &[ResolvedDestination],
    console_url: Option<String>,
) -> Result<(Option<Sandbox>, Option<GraphUrl>), AppError> {
    if !options.sandbox {
        return Ok((None, None));
    }
    let sandbox =
        destinations::start_sandbox(clock, destinations, SANDBOX_LIMITS, console_url).await?;
    let url = destinations::sandbox_url(&sandbox)?;
    Ok((Some(sandbox), Some(url)))
}

/// The data folder, and what removes a temporary one.
pub(super) fn data_folder(
    options: &EndpointOptions,
) -> Result<(DataFolder, Option<TempDir>), AppError> {
    if let Some(path) = &options.data_dir {
        return Ok((DataFolder::new(path), None));
    }
    if !options.sandbox {
        return Ok((DataFolder::new(PathBuf::from(DATA_FOLDER)), None));
    }
    let temporary = tempfile::Builder::new()
        .prefix("segue-")
        .tempdir()
        .map_err(|error| {
            AppError::System(format!(
                "cannot create a temporary folder ({error}): name a folder with --data-dir"
            ))
        })?;
    Ok((DataFolder::new(temporary.path()), Some(temporary)))
}
