//! The real client libraries, unmodified, before the real command: every event arrives once, whatever happens between.
//!
//! `cargo xtask clients` installs the libraries and runs this; plain `cargo test` leaves it alone. A library that is
//! not installed has its tests ignored.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what went wrong by panicking"
)]
#![expect(
    clippy::print_stdout,
    reason = "what arrived is the result of these tests"
)]

mod arrivals;
mod child;
mod client;
mod fault_proxy;
mod http;
mod page;
mod plan;
mod quick_start;
mod scenario;
mod server;
mod snippet;

use std::future::Future;
use std::process::ExitCode;
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use tokio::runtime::Runtime;

use crate::client::{Client, Tools};
use crate::scenario::Scenario;

/// No scenario takes longer, on however slow a machine.
const PATIENCE: Duration = Duration::from_mins(3);

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // Clients wait more than they work, but a browser does work.
    arguments.test_threads = arguments.test_threads.or(Some(4));
    let tools = Tools::from_environment();
    if !arguments.list && Client::ALL.into_iter().any(|client| tools.have(client)) {
        // Before the patience with any test begins.
        drop(e2e::binary::segue());
    }
    let mut trials = Vec::new();
    for client in Client::ALL {
        let installed = tools.have(client);
        let run = tools.clone();
        trials.push(trial(client, "quick_start", installed, async move {
            quick_start::run(client, &run).await
        }));
        for scenario in Scenario::of(client) {
            let tools = tools.clone();
            trials.push(trial(client, scenario.name(), installed, async move {
                scenario::run(client, scenario, &tools).await
            }));
        }
    }
    let installed = tools.have(Client::Browser);
    trials.push(trial(Client::Browser, "snippet", installed, async move {
        snippet::run(&tools).await
    }));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trial(
    client: Client,
    name: &str,
    installed: bool,
    run: impl Future<Output = String> + Send + 'static,
) -> Trial {
    let name = format!("{}::{name}", client.name());
    let shown = name.clone();
    let body = move || -> Result<(), Failed> {
        let outcome = Runtime::new()?.block_on(async { tokio::time::timeout(PATIENCE, run).await });
        let account = outcome.map_err(|_| format!("not done after {PATIENCE:?}"))?;
        println!("     {shown}: {account}");
        Ok(())
    };
    Trial::test(name, body).with_ignored_flag(!installed)
}
