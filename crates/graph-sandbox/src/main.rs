//! The sandbox as a command of its own.

use std::{io, io::Write as _, net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::Parser;
use graph_sandbox::{Builder, Sandbox, Totals};

/// A local stand-in for Meta's Conversions API, to develop and test against.
#[derive(Debug, Parser)]
#[command(name = "graph-sandbox", version)]
struct Options {
    /// Where to listen; port 0 picks a free port
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,

    /// Allow an address that other machines can reach: the sandbox has no authentication
    #[arg(long)]
    allow_any_address: bool,

    /// A valid access token, may be repeated; without it every token is valid
    #[arg(
        long,
        value_name = "TOKEN",
        env = "GRAPH_SANDBOX_ACCESS_TOKEN",
        hide_env_values = true
    )]
    access_token: Vec<String>,

    /// An existing pixel, may be repeated; without it every number is a pixel
    #[arg(long, value_name = "ID")]
    pixel_id: Vec<String>,

    /// Write {"sandbox": "http://…"} to this file once it listens
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print_error(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> io::Result<()> {
    // Before the ready file is written: a program that reads it may send a signal at once.
    let mut shutdown = ShutdownSignals::listen()?;
    let mut builder = Sandbox::builder().listen(options.listen);
    if options.allow_any_address {
        builder = builder.allow_any_address();
    }
    builder = options
        .access_token
        .into_iter()
        .fold(builder, Builder::access_token);
    builder = options
        .pixel_id
        .into_iter()
        .fold(builder, Builder::pixel_id);
    let sandbox = builder.start().await.map_err(|error| {
        io::Error::new(
            error.kind(),
            format!("cannot listen on {}: {error}", options.listen),
        )
    })?;

    if let Some(file) = options.ready_file {
        std::fs::write(&file, format!("{{\"sandbox\":\"{}\"}}\n", sandbox.url())).map_err(
            |error| {
                io::Error::new(
                    error.kind(),
                    format!("cannot write {}: {error}", file.display()),
                )
            },
        )?;
    }
    print(&welcome(sandbox.url()));
    shutdown.received().await?;
    let edge = sandbox.edge().clone();
    sandbox.shutdown().await;
    print(&summary(&edge.totals()));
    Ok(())
}

/// Ctrl-C, and SIGTERM on Unix.
struct ShutdownSignals {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 2],
}

impl ShutdownSignals {
    #[cfg(unix)]
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        Ok(Self {
            signals: [
                signal(SignalKind::interrupt())?,
                signal(SignalKind::terminate())?,
            ],
        })
    }

    #[cfg(unix)]
    async fn received(&mut self) -> io::Result<()> {
        let [interrupt, terminate] = &mut self.signals;
        tokio::select! {
            _ = interrupt.recv() => Ok(()),
            _ = terminate.recv() => Ok(()),
        }
    }

    #[cfg(not(unix))]
    fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    async fn received(&mut self) -> io::Result<()> {
        tokio::signal::ctrl_c().await
    }
}

#[expect(clippy::print_stderr, reason = "this is the command's own output")]
fn print_error(error: &io::Error) {
    eprintln!("graph-sandbox: {error}");
}

/// Writes to standard output. A closed pipe is no reason to stop.
fn print(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

fn welcome(url: &str) -> String {
    format!(
        "graph-sandbox listens on {url} (Ctrl-C stops it)\n\
         \n\
         Try it:\n\
         \x20 curl {url}/v26.0/1234567890/events -H 'Authorization: Bearer any' --json \\\n\
         \x20   '{{\"data\":[{{\"event_name\":\"Lead\",\"event_time\":'$(date +%s)',\"action_source\":\"website\",\"user_data\":{{\"external_id\":\"u-1\"}}}}]}}'\n\
         \n\
         Events received: {url}/ (as JSON: {url}/events)"
    )
}

fn summary(totals: &Totals) -> String {
    format!(
        "\n{} events received in {} requests, {} discarded as duplicates, {} requests refused",
        totals.events_received, totals.requests, totals.deduplicated, totals.refused_requests,
    )
}
