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

mod broker;
mod deployed;
#[path = "../cluster/http.rs"]
#[expect(dead_code, reason = "nothing is posted here")]
mod http;
#[cfg(feature = "kafka")]
mod kafka;
mod nats;
mod process;
mod programs;
#[cfg(feature = "kafka")]
mod rubbish;
mod scenarios;
mod stage;

use std::panic::resume_unwind;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::programs::Programs;
use crate::scenarios::Scenario;

/// No scenario takes longer, on however slow a machine.
const PATIENCE: Duration = Duration::from_mins(3);

/// They mostly wait, so that many run at a time.
const AT_ONCE: usize = 4;

fn main() -> ExitCode {
    let Some(programs) = Programs::named() else {
        println!("not run: `cargo xtask brokers` names the programs");
        return ExitCode::SUCCESS;
    };
    let filter = std::env::args()
        .nth(1)
        .filter(|name| !name.starts_with('-'));
    Runtime::new()
        .expect("a runtime")
        .block_on(run(programs, filter.unwrap_or_default()));
    ExitCode::SUCCESS
}

/// Runs the scenarios whose name contains the filter.
async fn run(programs: Programs, filter: String) {
    let programs = Arc::new(programs);
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    let kinds = programs.brokers().into_iter();
    let all = kinds.flat_map(|kind| Scenario::all(kind).into_iter().map(move |one| (kind, one)));
    for (kind, scenario) in all {
        let name = scenario.name(kind);
        if !name.contains(&filter) {
            continue;
        }
        let (programs, room) = (Arc::clone(&programs), Arc::clone(&room));
        running.spawn(async move {
            let _room = room.acquire_owned().await.expect("it is never closed");
            let started = Instant::now();
            let account = tokio::time::timeout(PATIENCE, scenario.run(kind, &programs)).await;
            let account = account.unwrap_or_else(|_| panic!("{name}: not done after {PATIENCE:?}"));
            let seconds = started.elapsed().as_secs();
            println!("consume {name}: {account} ({seconds} s)");
        });
    }
    while let Some(ended) = running.join_next().await {
        // A panic ends the program with its message, and the processes with it.
        if let Err(error) = ended {
            resume_unwind(error.into_panic());
        }
    }
}
