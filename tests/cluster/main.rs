//! Real NATS servers, nodes of the real command and a sandbox: what was answered with 200 arrives, whatever dies
//! meanwhile.
//!
//! `cargo xtask cluster` installs the server, builds the command with the feature `nats`, and runs this; plain
//! `cargo test` leaves it alone. Scenarios mostly wait, so several run at once.
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
mod context;
mod http;
mod link;
mod nats;
mod node;
mod ports;
mod scenarios;
mod sender;

use std::any::Any;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::context::{Context, Programs};
use crate::scenarios::Scenario;

/// No scenario takes longer, on however slow a machine.
const PATIENCE: Duration = Duration::from_mins(4);
const LONG_PATIENCE: Duration = Duration::from_mins(20);
/// Scenarios at once. More of them would wait for the processor instead of for faults.
const AT_ONCE: usize = 6;

fn main() -> ExitCode {
    let program = |name| std::env::var_os(name).map(PathBuf::from);
    let (Some(nats_server), Some(segue)) = (
        program("SEGUE_NATS_SERVER"),
        program("SEGUE_CLUSTER_COMMAND"),
    ) else {
        println!("not run: `cargo xtask cluster` names the programs");
        return ExitCode::SUCCESS;
    };
    let (options, names): (Vec<_>, Vec<_>) = std::env::args()
        .skip(1)
        .partition(|argument| argument.starts_with('-'));
    let is_long = options.iter().any(|option| option == "--long");
    let context = Context::new(Programs { nats_server, segue }, is_long);
    let chosen = Scenario::ALL.iter().filter(|scenario| {
        names.is_empty()
            || names
                .iter()
                .any(|part| scenario.name.contains(part.as_str()))
    });
    let mut chosen: Vec<_> = chosen.collect();
    chosen.sort_by_key(|scenario| std::cmp::Reverse(scenario.seconds));
    let runtime = Runtime::new().expect("a runtime");
    let failed = runtime.block_on(run_all(&context, chosen.into()));
    // The shared servers end with this.
    drop(context);
    if failed.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("failed: {}", failed.join(", "));
    ExitCode::FAILURE
}

/// Runs scenarios, and returns the names of those that failed.
async fn run_all(context: &Context, mut waiting: VecDeque<&'static Scenario>) -> Vec<&'static str> {
    let mut running = JoinSet::new();
    let mut failed = Vec::new();
    loop {
        while running.len() < AT_ONCE
            && let Some(scenario) = waiting.pop_front()
        {
            running.spawn(run(context.clone(), scenario));
        }
        match running.join_next().await {
            Some(Ok(None)) => {}
            Some(Ok(Some(name))) => failed.push(name),
            Some(Err(error)) => failed.push(if error.is_panic() {
                "a panic"
            } else {
                "cancelled"
            }),
            None => return failed,
        }
    }
}

/// Runs a scenario on a thread of its own, and returns its name when it failed.
async fn run(context: Context, scenario: &'static Scenario) -> Option<&'static str> {
    let started = Instant::now();
    let patience = if context.is_long {
        LONG_PATIENCE
    } else {
        PATIENCE
    };
    let thread = std::thread::spawn(move || {
        let runtime = Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let scenario = (scenario.run)(context);
            let account = tokio::time::timeout(patience, scenario).await;
            account.unwrap_or_else(|_| panic!("not done after {patience:?}"))
        })
    });
    let ended = tokio::task::spawn_blocking(|| thread.join());
    let outcome = ended.await.expect("joined");
    let seconds = started.elapsed().as_secs();
    match outcome {
        Ok(account) => {
            println!("{}: {account} ({seconds} s)", scenario.name);
            None
        }
        Err(panic) => {
            println!(
                "{} FAILED after {seconds} s: {}",
                scenario.name,
                message_of(&*panic)
            );
            Some(scenario.name)
        }
    }
}

fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    text.unwrap_or_else(|| "a panic without words".to_owned())
}
