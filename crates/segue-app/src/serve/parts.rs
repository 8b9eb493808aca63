//! What an endpoint is put together from: its data folder, its log, a sandbox, the routes of operators.

use std::path::PathBuf;
use std::sync::Arc;

use conversions_delivery::EventLog;
use conversions_disk_log::DiskLogOptions;
use conversions_ingest::Operators;
use conversions_transport::GraphUrl;
use graph_sandbox::Sandbox;
use segue_console::Console;
use tempfile::TempDir;

use crate::clock::RunClock;
use crate::data_folder::DataFolder;
use crate::destinations::{self, ResolvedDestination, SandboxLimits};
use crate::error::AppError;
use crate::notice::Notice;
use crate::serve::health::Health;
use crate::serve::listening::{BoundAddresses, Listening};
use crate::serve::metrics::Registry;
use crate::serve::options::EndpointOptions;

/// Limits of a sandbox that runs for weeks.
const SANDBOX_LIMITS: SandboxLimits = SandboxLimits {
    events: 100_000,
    bytes: 64 << 20,
};

/// Where events are kept by default, relative to the working directory.
const DATA_FOLDER: &str = "segue-data";

/// The event log of a data folder, with the room that the settings give it.
pub(super) fn open_log(
    folder: &DataFolder,
    settings: &segue_settings::Endpoint,
    notice: impl Fn(Notice),
) -> Result<Arc<dyn EventLog>, AppError> {
    let options = DiskLogOptions {
        disk_bytes: settings.disk_bytes,
        ..DiskLogOptions::default()
    };
    Ok(Arc::new(folder.open_log(options, notice)?))
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
    ingest: String,
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
