//! Three real NATS servers, two nodes of the real command and a sandbox: what was answered with 200 arrives, whatever
//! dies meanwhile.
//!
//! `cargo xtask cluster` installs the server, builds the command with the feature `nats`, and runs this; plain
//! `cargo test` leaves it alone.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what went wrong by panicking"
)]
#![expect(
    clippy::print_stdout,
    reason = "what arrived is the result of these tests"
)]

mod brokers;
mod cluster;
mod http;
mod node;
mod scenarios;
mod sender;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use crate::scenarios::Scenario;

/// No scenario takes longer, on however slow a machine.
const PATIENCE: Duration = Duration::from_mins(4);

/// The programs that `cargo xtask cluster` names.
struct Programs {
    nats_server: PathBuf,
    segue: PathBuf,
}

fn main() -> ExitCode {
    let program = |name| std::env::var_os(name).map(PathBuf::from);
    let (Some(nats_server), Some(segue)) = (
        program("SEGUE_NATS_SERVER"),
        program("SEGUE_CLUSTER_COMMAND"),
    ) else {
        println!("not run: `cargo xtask cluster` names the programs");
        return ExitCode::SUCCESS;
    };
    let programs = Programs { nats_server, segue };
    let filter = std::env::args()
        .nth(1)
        .filter(|name| !name.starts_with('-'));
    let runtime = Runtime::new().expect("a runtime");
    for scenario in Scenario::ALL {
        if filter
            .as_ref()
            .is_some_and(|part| !scenario.name().contains(part))
        {
            continue;
        }
        let started = Instant::now();
        // A panic ends the program with its message, and the processes with it.
        let account = runtime
            .block_on(async { tokio::time::timeout(PATIENCE, scenario.run(&programs)).await });
        let account =
            account.unwrap_or_else(|_| panic!("{}: not done after {PATIENCE:?}", scenario.name()));
        println!(
            "{}: {account} ({} s)",
            scenario.name(),
            started.elapsed().as_secs()
        );
    }
    ExitCode::SUCCESS
}
