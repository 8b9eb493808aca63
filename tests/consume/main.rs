//! The real `segue consume` before a real broker and a sandbox: killed at random, with an expired token, asked to end.
//!
//! `cargo xtask brokers` installs the brokers, builds the command with all features, and runs this; plain `cargo test`
//! leaves it alone.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what went wrong by panicking"
)]
#![expect(
    clippy::print_stdout,
    reason = "what arrived is the result of these tests"
)]

mod deployed;
#[path = "../cluster/http.rs"]
#[expect(dead_code, reason = "nothing is posted here")]
mod http;
mod nats;
mod process;
mod scenarios;
mod stage;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use crate::scenarios::Scenario;

/// No scenario takes longer, on however slow a machine.
const PATIENCE: Duration = Duration::from_mins(3);

/// The programs that `cargo xtask brokers` names.
struct Programs {
    nats_server: PathBuf,
    segue: PathBuf,
}

fn main() -> ExitCode {
    let program = |name| std::env::var_os(name).map(PathBuf::from);
    let (Some(nats_server), Some(segue)) = (
        program("SEGUE_NATS_SERVER"),
        program("SEGUE_CONSUME_COMMAND"),
    ) else {
        println!("not run: `cargo xtask brokers` names the programs");
        return ExitCode::SUCCESS;
    };
    let programs = Programs { nats_server, segue };
    let filter = std::env::args()
        .nth(1)
        .filter(|name| !name.starts_with('-'));
    let runtime = Runtime::new().expect("a runtime");
    let wanted = |scenario: &&Scenario| {
        let filter = filter.as_ref();
        filter.is_none_or(|part| scenario.name().contains(part))
    };
    for scenario in Scenario::ALL.iter().filter(wanted) {
        let started = Instant::now();
        // A panic ends the program with its message, and the processes with it.
        let account = runtime
            .block_on(async { tokio::time::timeout(PATIENCE, scenario.run(&programs)).await });
        let account =
            account.unwrap_or_else(|_| panic!("{}: not done after {PATIENCE:?}", scenario.name()));
        println!(
            "consume {}: {account} ({} s)",
            scenario.name(),
            started.elapsed().as_secs()
        );
    }
    ExitCode::SUCCESS
}
