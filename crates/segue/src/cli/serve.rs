//! `segue serve`: an endpoint of Segment's Tracking API whose events reach Meta, or a sandbox in this process.

use std::num::NonZero;
use std::path::PathBuf;
use std::thread::available_parallelism;

use clap::{Args, ValueHint};
use segue_app::Shutdown;
use segue_app::serve::{Endpoint, EndpointOptions, EndpointPlan, Role, SighupStream, log_warnings};
use segue_settings::write_key;
use tokio::runtime::{Builder, Handle};

use crate::cli::args::Format;
use crate::cli::{args, data_folder};
use crate::exit::Exit;
use crate::failure::{Failure, say_all, say_wrapped};
use crate::interrupt;
use crate::logging::LogFormat;
use crate::render::prose::print_plain;
use crate::render::{announcement, consumption, notice};

#[derive(Clone, Debug, Args)]
pub(crate) struct ServeArgs {
    /// Settings, in TOML or JSON by the file's extension: sources and destinations, or one destination
    ///
    /// `segue init` writes one. When it changes, or on SIGHUP, it is read again, with the secrets and the certificate that it
    /// names.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    settings: Option<PathBuf>,

    #[command(flatten)]
    common: EndpointArgs,

    /// What this machine does of the work; anything but all takes a log that several machines share
    #[arg(long, value_enum, default_value_t = RoleArg::All)]
    role: RoleArg,

    /// A write key that senders may use, if the settings have no sources; without one, a key is generated and printed
    /// (other users of this machine can read it in the list of processes, but not in the environment)
    #[arg(long, value_name = "KEY", env = "SEGUE_WRITE_KEY", hide_env_values = true, value_parser = write_key::parse)]
    write_key: Vec<String>,

    /// Where senders connect, by default 127.0.0.1:8080 or what the settings say; port 0 takes a free one
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
}

/// What `serve` and `consume` have in common.
#[derive(Clone, Debug, Args)]
pub(super) struct EndpointArgs {
    /// Send to a sandbox in this process, which answers like Meta; needs no pixel and no token
    #[arg(long)]
    sandbox: bool,

    /// Where operators find /metrics, /healthz, /readyz and /openapi.json; by default 127.0.0.1:8081
    #[arg(long, value_name = "ADDR")]
    ops_listen: Option<String>,

    /// Keep undelivered events in this folder; by default in ./segue-data, and with --sandbox in a temporary folder
    #[arg(long, env = data_folder::VARIABLE, value_name = "DIR", value_hint = ValueHint::DirPath)]
    data_dir: Option<PathBuf>,

    /// Write the addresses to this file, as JSON, once everything is running
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    ready_file: Option<PathBuf>,
}

/// What a machine does of the work.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum RoleArg {
    /// Take events and deliver them
    All,
    /// Take events, which others deliver; needs no token
    Ingest,
    /// Deliver what others have taken; listens for operators only
    Deliver,
}

impl ServeArgs {
    pub(super) fn run(&self, log_format: LogFormat) -> Result<Exit, Failure> {
        let options = EndpointOptions {
            settings: self.settings.clone(),
            role: match self.role {
                RoleArg::All => Role::All,
                RoleArg::Ingest => Role::Ingest,
                RoleArg::Deliver => Role::Deliver,
            },
            write_keys: self.write_key.clone(),
            listen: self.listen.clone(),
            ..EndpointOptions::default()
        };
        self.common.run(options, log_format, None)
    }
}

impl EndpointArgs {
    /// Runs an endpoint from its start to its end, and reports in this form what it has read from brokers, if it reads any.
    pub(super) fn run(
        &self,
        options: EndpointOptions,
        log_format: LogFormat,
        consumed: Option<Format>,
    ) -> Result<Exit, Failure> {
        let options = EndpointOptions {
            sandbox: self.sandbox,
            ops_listen: self.ops_listen.clone(),
            data_dir: self.data_dir.clone(),
            ..options
        };
        let runtime = args::runtime(Builder::new_multi_thread())?;
        // Delivery has threads of its own: the system gives it its share of the processor, however many senders there are.
        let mut delivering = Builder::new_multi_thread();
        delivering.worker_threads(available_parallelism().map_or(1, NonZero::get).div_ceil(2));
        delivering.thread_name("segue-deliver");
        let delivering = args::runtime(delivering)?;
        let ended =
            runtime.block_on(self.serve(options, log_format, consumed, delivering.handle()));
        runtime.shutdown_background();
        delivering.shutdown_background();
        ended
    }

    async fn serve(
        &self,
        options: EndpointOptions,
        log_format: LogFormat,
        consumed: Option<Format>,
        delivering: &Handle,
    ) -> Result<Exit, Failure> {
        let shutdown = match log_format {
            LogFormat::Text => interrupt::listen(),
            LogFormat::Json => interrupt::listen_and(|| tracing::info!("shutting down")),
        };
        // Before anything else: without a listener the signal ends the process.
        let sighups = SighupStream::listen();
        let settings = options.settings.clone();
        let plan = EndpointPlan::read(options)
            .inspect_err(|_| args::hint_at_unused_settings(settings.as_deref()))?;
        match log_format {
            LogFormat::Text => say_all(plan.warnings()),
            LogFormat::Json => log_warnings(plan.warnings()),
        }
        let tell = |told| say_wrapped(&notice::sentence(&told));
        let endpoint = Endpoint::start(plan, sighups, delivering, tell).await?;
        // The file comes last: a script that waits for it finds the announcement complete.
        announcement::print(&endpoint, log_format);
        if let Some(path) = &self.ready_file {
            endpoint.addresses.write(path)?;
        }
        let exit = tokio::select! {
            exit = until_the_end(shutdown, &endpoint) => exit,
            never = consumption::show(&endpoint), if consumed.is_some() => match never {},
        };
        let done = endpoint.stop().await;
        match consumed {
            Some(Format::Table) => say_wrapped(&done.to_string()),
            Some(Format::Json) => print_plain(&format!("{}\n", done.to_json()))?,
            None => {}
        }
        Ok(exit)
    }
}

/// Waits until the user asks for the end, or the event log has failed for good.
async fn until_the_end(mut shutdown: Shutdown, endpoint: &Endpoint) -> Exit {
    tokio::select! {
        () = shutdown.requested() => Exit::Done,
        () = endpoint.failed() => {
            tracing::error!("the event log or an input must be opened again: shutting down, so that a supervisor starts a new process");
            Exit::Incomplete
        }
    }
}
