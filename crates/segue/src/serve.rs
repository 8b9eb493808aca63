//! `segue serve`: an endpoint of Segment's Tracking API whose events reach Meta, or a sandbox in this process.

mod announcement;
mod configuration;
mod delivery;
mod listening;
mod sink;
mod write_key;

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueHint};
use conversions_delivery::{DiskLogOptions, EventLog, FinishOptions};
use conversions_ingest::{ConnectionOptions, Ingest, Operators};
use tokio::sync::watch;

use crate::context::Clock;
use crate::data_folder::{self, DataFolder};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::route;
use crate::serve::announcement::Announcement;
use crate::serve::configuration::Configuration;
use crate::serve::delivery::Delivery;
use crate::serve::listening::{Listening, Ready};
use crate::serve::sink::LogSink;

/// Room for events in the memory of a sandbox that runs on and on: their number and bytes.
const SANDBOX_KEEPS: (usize, usize) = (100_000, 64 << 20);
/// Where events are kept when nobody says where, seen from the folder that the command is started in.
const DATA_FOLDER: &str = "segue-data";

#[derive(Clone, Debug, Args)]
pub(crate) struct ServeArgs {
    /// Settings, in TOML or JSON by the file's extension: sources and destinations, or one destination
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) settings: Option<PathBuf>,

    /// Send to a sandbox in this process, which answers like Meta; needs no pixel and no token
    #[arg(long)]
    pub(crate) sandbox: bool,

    /// A write key that senders may use, if the settings name no sources; without any, one is made and printed
    #[arg(long, value_name = "KEY", value_parser = write_key::parse)]
    pub(crate) write_key: Vec<String>,

    /// Where senders connect to; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub(crate) listen: String,

    /// Where operators find /metrics, /healthz, /readyz and /openapi.json
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8081")]
    pub(crate) ops_listen: String,

    /// Keep what is not delivered yet in this folder; without it in ./segue-data, and with --sandbox in a temporary one
    #[arg(long, env = data_folder::VARIABLE, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) data_dir: Option<PathBuf>,

    /// Write where it listens to this file, as JSON, once it answers
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) ready_file: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(args: &ServeArgs) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::sentence(format!("cannot start: {error}")))?;
    let ended = runtime.block_on(serve(args));
    runtime.shutdown_background();
    ended
}

async fn serve(args: &ServeArgs) -> Result<Exit, Failure> {
    let mut interrupt = Interrupt::listen();
    let made_key = write_key::make();
    let configuration = Configuration::read(args, &made_key)?;
    let ingest_at = Listening::bind("--listen", &args.listen).await?;
    let ops_at = Listening::bind("--ops-listen", &args.ops_listen).await?;

    let (folder, temporary) = data_folder(args)?;
    let log: Arc<dyn EventLog> = Arc::new(folder.open_log(DiskLogOptions::default())?);
    let clock = Clock(None);
    let sandbox = if args.sandbox {
        Some(route::start_sandbox(clock, &configuration.routes, SANDBOX_KEEPS).await?)
    } else {
        None
    };
    let sandbox_url = sandbox.as_ref().map(route::url_of).transpose()?;
    let delivery = Delivery::start(&configuration.routes, clock, sandbox_url.as_ref(), log)?;
    let delivery = Arc::new(delivery);
    let sink = Arc::new(LogSink::new(Arc::clone(&delivery)));
    let ingest = Ingest::new(configuration.ingest.clone(), sink)
        .map_err(|error| Failure::sentence(error.to_string()))?;

    let ready = Ready {
        ingest: ingest_at.url("http"),
        ops: ops_at.url("http"),
        sandbox: sandbox.as_ref().map(|sandbox| sandbox.url().to_owned()),
    };
    let (stop_ingest, ingest_stopped) = watch::channel(false);
    let (stop_ops, ops_stopped) = watch::channel(false);
    let serving = tokio::spawn(conversions_ingest::serve(
        ingest_at.listener,
        ingest.router(),
        ConnectionOptions::default(),
        until(ingest_stopped),
    ));
    let operating = tokio::spawn(conversions_ingest::serve(
        ops_at.listener,
        Operators::new().router(),
        ConnectionOptions::default(),
        until(ops_stopped),
    ));
    if let Some(path) = &args.ready_file {
        ready.write(path)?;
    }
    Announcement {
        ready: &ready,
        made_key: configuration.uses_made_key.then_some(&made_key),
        folder: &folder,
        is_temporary: temporary.is_some(),
    }
    .print();

    interrupt.asked().await;
    // Whoever is being answered is answered; only then does the log close.
    stop_ingest.send_replace(true);
    let _ = serving.await;
    delivery.finish(FinishOptions::default()).await;
    stop_ops.send_replace(true);
    let _ = operating.await;
    if let Some(sandbox) = sandbox {
        sandbox.shutdown().await;
    }
    Ok(Exit::Done)
}

async fn until(mut told: watch::Receiver<bool>) {
    // Nobody left to tell is the end as well.
    let _ = told.wait_for(|told| *told).await;
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
