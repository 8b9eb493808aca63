//! `segue serve`: an endpoint of Segment's Tracking API whose events reach Meta, or a sandbox in this process.

use std::num::NonZero;
use std::path::PathBuf;
use std::thread::available_parallelism;

use clap::{Args, ValueHint};
use segue_app::Shutdown;
use segue_app::serve::{Endpoint, EndpointOptions, EndpointPlan, Role, SighupStream, log_warnings};
use segue_settings::write_key;
use tokio::runtime::Handle;

use crate::cli::{args, data_folder};
use crate::exit::Exit;
use crate::failure::{Failure, say_all, say_wrapped};
use crate::interrupt;
use crate::logging::LogFormat;
use crate::render::{announcement, notice};

#[derive(Clone, Debug, Args)]
pub(crate) struct ServeArgs {
    /// Settings, in TOML or JSON by the file's extension: sources and destinations, or one destination
    ///
    /// `segue init` writes one. When it changes, or on SIGHUP, it is read again, with the secrets and the certificate that it
    /// names.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    settings: Option<PathBuf>,

    /// Send to a sandbox in this process, which answers like Meta; needs no pixel and no token
    #[arg(long)]
    sandbox: bool,

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

    /// Where operators find /metrics, /healthz, /readyz and /openapi.json; by default 127.0.0.1:8081
    #[arg(long, value_name = "ADDR")]
    ops_listen: Option<String>,

    /// Keep undelivered events in this folder; by default in ./segue-data, and with --sandbox in a temporary folder
    #[arg(long, env = data_folder::VARIABLE, value_name = "DIR", value_hint = ValueHint::DirPath)]
    data_dir: Option<PathBuf>,

    /// Write the addresses to this file, as JSON, once the endpoint answers
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
        let cannot_start =
            |error: std::io::Error| Failure::sentence(format!("cannot start: {error}"));
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
        let ended = runtime.block_on(self.serve(log_format, delivering.handle()));
        runtime.shutdown_background();
        delivering.shutdown_background();
        ended
    }

    async fn serve(&self, log_format: LogFormat, delivering: &Handle) -> Result<Exit, Failure> {
        let shutdown = match log_format {
            LogFormat::Text => interrupt::listen(),
            LogFormat::Json => interrupt::listen_and(|| tracing::info!("shutting down")),
        };
        // Before anything else: without a listener the signal ends the process.
        let sighups = SighupStream::listen();
        let plan = EndpointPlan::read(self.options()).inspect_err(|_| {
            args::hint_at_unused_settings(self.settings.as_deref());
        })?;
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
        let exit = until_the_end(shutdown, &endpoint).await;
        endpoint.stop().await;
        Ok(exit)
    }

    fn options(&self) -> EndpointOptions {
        EndpointOptions {
            settings: self.settings.clone(),
            role: match self.role {
                RoleArg::All => Role::All,
                RoleArg::Ingest => Role::Ingest,
                RoleArg::Deliver => Role::Deliver,
            },
            sandbox: self.sandbox,
            write_keys: self.write_key.clone(),
            listen: self.listen.clone(),
            ops_listen: self.ops_listen.clone(),
            data_dir: self.data_dir.clone(),
            ..EndpointOptions::default()
        }
    }
}

/// Waits until the user asks for the end, or the event log has failed for good.
async fn until_the_end(mut shutdown: Shutdown, endpoint: &Endpoint) -> Exit {
    tokio::select! {
        () = shutdown.requested() => Exit::Done,
        () = endpoint.failed() => {
            tracing::error!("the event log must be opened again: shutting down, so that a supervisor starts a new process");
            Exit::Incomplete
        }
    }
}
