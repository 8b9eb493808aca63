//! `segue serve`: an endpoint of Segment's Tracking API whose events reach Meta, or a sandbox in this process.

mod announcement;
mod certificate;
mod configuration;
mod delivery;
mod health;
mod listening;
mod metrics;
mod reload;
mod sink;

use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::available_parallelism;

use clap::{Args, ValueHint};
use conversions_delivery::EventLog;
use conversions_disk_log::DiskLogOptions;
use conversions_ingest::{ConnectionOptions, Ingest, Operators};
use segue_settings::write_key;
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::context::Clock;
use crate::data_folder::{self, DataFolder};
use crate::exit::Exit;
use crate::failure::{Failure, say_all};
use crate::interrupt::Interrupt;
use crate::logging::LogFormat;
use crate::route;
use crate::serve::announcement::Announcement;
use crate::serve::configuration::Configuration;
use crate::serve::delivery::Delivery;
use crate::serve::health::Health;
use crate::serve::listening::{Listening, Ready};
use crate::serve::reload::{Hangups, Reloader};
use crate::serve::sink::LogSink;

/// Room for events in the memory of a sandbox that runs on and on: their number and bytes.
const SANDBOX_KEEPS: (usize, usize) = (100_000, 64 << 20);
/// Where events are kept when nobody says where, seen from the folder that the command is started in.
const DATA_FOLDER: &str = "segue-data";

#[derive(Clone, Debug, Args)]
pub(crate) struct ServeArgs {
    /// Settings, in TOML or JSON by the file's extension: sources and destinations, or one destination
    ///
    /// `segue init` writes one. When it changes, or on SIGHUP, it is read again, with the secrets and the certificate that it
    /// names.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) settings: Option<PathBuf>,

    /// Send to a sandbox in this process, which answers like Meta; needs no pixel and no token
    #[arg(long)]
    pub(crate) sandbox: bool,

    /// A write key that senders may use, if the settings name no sources; without any, one is made and printed
    /// (other users of this machine can read it in the list of processes, but not in the environment)
    #[arg(long, value_name = "KEY", env = "SEGUE_WRITE_KEY", hide_env_values = true, value_parser = write_key::parse)]
    pub(crate) write_key: Vec<String>,

    /// Where senders connect to, 127.0.0.1:8080 unless the settings say otherwise; port 0 takes a free one
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<String>,

    /// Where operators find /metrics, /healthz, /readyz and /openapi.json; 127.0.0.1:8081
    #[arg(long, value_name = "ADDR")]
    pub(crate) ops_listen: Option<String>,

    /// Keep what is not delivered yet in this folder; without it in ./segue-data, and with --sandbox in a temporary one
    #[arg(long, env = data_folder::VARIABLE, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) data_dir: Option<PathBuf>,

    /// Write where it listens to this file, as JSON, once it answers
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) ready_file: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(args: &ServeArgs, log_format: LogFormat) -> Result<Exit, Failure> {
    let cannot_start = |error: std::io::Error| Failure::sentence(format!("cannot start: {error}"));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(cannot_start)?;
    // Delivery has threads of its own: the system gives it its share of the processor, however many senders there are.
    let delivering = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(available_parallelism().map_or(1, NonZero::get).div_ceil(2))
        .thread_name("segue-deliver")
        .enable_all()
        .build()
        .map_err(cannot_start)?;
    let ended = runtime.block_on(serve(args, log_format, delivering.handle()));
    runtime.shutdown_background();
    delivering.shutdown_background();
    ended
}

async fn serve(
    args: &ServeArgs,
    log_format: LogFormat,
    delivering: &Handle,
) -> Result<Exit, Failure> {
    let interrupt = match log_format {
        LogFormat::Text => Interrupt::listen(),
        LogFormat::Json => Interrupt::listen_and(|| tracing::info!("ending, as asked")),
    };
    let hangups = Hangups::listen();
    let made_key = write_key::make();
    let configuration = Configuration::read(args, &made_key)?;
    match log_format {
        LogFormat::Text => say_all(&configuration.warnings),
        LogFormat::Json => reload::log_all(&configuration.warnings),
    }
    let fixed = configuration.fixed.clone();
    let ingest_at = Listening::bind("--listen", &fixed.listen).await?;
    let ops_at = Listening::bind("--ops-listen", &fixed.ops_listen).await?;
    let metrics = metrics::start()?;

    let (folder, temporary) = data_folder(args)?;
    let log: Arc<dyn EventLog> = Arc::new(folder.open_log(DiskLogOptions {
        disk_bytes: fixed.disk_bytes,
        ..DiskLogOptions::default()
    })?);
    let clock = Clock(None);
    let sandbox = if args.sandbox {
        Some(route::start_sandbox(clock, &configuration.routes, SANDBOX_KEEPS).await?)
    } else {
        None
    };
    let sandbox_url = sandbox.as_ref().map(route::url_of).transpose()?;
    let delivery = Arc::new(Delivery::start(
        configuration.routes,
        clock,
        sandbox_url,
        log,
        delivering,
    )?);
    let health = Arc::new(Health::default());
    let sink = Arc::new(LogSink::new(Arc::clone(&delivery), Arc::clone(&health)));
    let ingest = Ingest::new(configuration.ingest, sink).map_err(|error| Failure::of(&error))?;
    let tls = configuration.certificate.map(|one| one.tls()).transpose()?;

    let ready = Ready {
        ingest: ingest_at.url(if tls.is_some() { "https" } else { "http" }),
        ops: ops_at.url("http"),
        sandbox: sandbox.as_ref().map(|sandbox| sandbox.url().to_owned()),
    };
    let ops = Operators::new().with_metrics(metrics);
    let asked = Arc::clone(&health);
    let ops = ops.with_readiness(move || asked.ready()).router();
    let senders = Served::start(
        ingest_at,
        ingest.router(),
        ConnectionOptions {
            tls: tls.clone(),
            ..fixed.connection.clone()
        },
    );
    let operators = Served::start(ops_at, ops, ConnectionOptions::default());
    let reloader = Reloader {
        args: args.clone(),
        made_key: made_key.clone(),
        ingest,
        delivery: Arc::clone(&delivery),
        tls,
        fixed,
    };
    let reloading = tokio::spawn(reloader.run(configuration.files, hangups));
    if let Some(path) = &args.ready_file {
        ready.write(path)?;
    }
    Announcement {
        ready: &ready,
        made_key: configuration.uses_made_key.then_some(&made_key),
        folder: &folder,
        is_temporary: temporary.is_some(),
    }
    .print(log_format);

    let exit = until_the_end(interrupt, &delivery).await;
    health.stops();
    reloading.abort();
    // Whoever is being answered is answered; only then does delivery end.
    senders.stop().await;
    delivery.finish().await;
    operators.stop().await;
    if let Some(sandbox) = sandbox {
        sandbox.shutdown().await;
    }
    Ok(exit)
}

/// Waits until somebody wants the end, or it makes no sense to go on.
async fn until_the_end(mut interrupt: Interrupt, delivery: &Delivery) -> Exit {
    tokio::select! {
        () = interrupt.asked() => Exit::Done,
        () = delivery.failed() => {
            tracing::error!("the event log must be opened again: ending, so that whatever watches over this starts it anew");
            Exit::Incomplete
        }
    }
}

/// A listener that is being served.
struct Served {
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

impl Served {
    fn start(at: Listening, router: axum::Router, options: ConnectionOptions) -> Self {
        let (stop, mut told) = watch::channel(false);
        let stopped = async move {
            // Nobody left to tell is the end as well.
            let _ = told.wait_for(|told| *told).await;
        };
        let task = tokio::spawn(conversions_ingest::serve(
            at.listener,
            router,
            options,
            stopped,
        ));
        Self { stop, task }
    }

    /// Ends it once all have their answers.
    async fn stop(self) {
        self.stop.send_replace(true);
        let _ = self.task.await;
    }
}

/// The data folder, and what removes it at the end if it is a temporary one.
fn data_folder(args: &ServeArgs) -> Result<(DataFolder, Option<tempfile::TempDir>), Failure> {
    if let Some(path) = &args.data_dir {
        return Ok((DataFolder { path: path.clone() }, None));
    }
    if !args.sandbox {
        let path = PathBuf::from(DATA_FOLDER);
        return Ok((DataFolder { path }, None));
    }
    let temporary = tempfile::Builder::new()
        .prefix("segue-")
        .tempdir()
        .map_err(|error| {
            Failure::sentence(format!(
                "no temporary folder can be made ({error}): name one with --data-dir"
            ))
        })?;
    let path = temporary.path().to_owned();
    Ok((DataFolder { path }, Some(temporary)))
}
