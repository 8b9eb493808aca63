//! The real `segue consume` before a real broker and a sandbox: killed at random, with an expired token, asked to end.
//!
//! `cargo xtask brokers` installs the brokers, builds the command with their features, and runs this; plain `cargo test`
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
mod consumer;
mod deployed;
#[path = "../shared/harness.rs"]
mod harness;
#[path = "../shared/http.rs"]
#[expect(dead_code, reason = "nothing is posted here")]
mod http;
#[cfg(feature = "kafka")]
mod kafka;
#[cfg(feature = "kafka")]
#[path = "../shared/link.rs"]
#[expect(dead_code, reason = "connections are cut, nothing is withheld")]
mod link;
mod nats;
mod outages;
#[path = "../shared/process.rs"]
mod process;
mod programs;
#[cfg(feature = "kafka")]
mod rubbish;
mod scenarios;
mod stage;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use crate::harness::Arguments;
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
    let programs = Arc::new(programs);
    let arguments = Arguments::of_program();
    let kinds = programs.brokers().into_iter();
    let all = kinds.flat_map(|kind| Scenario::all(kind).into_iter().map(move |one| (kind, one)));
    let chosen = all.filter(|(kind, scenario)| arguments.choose(&scenario.name(*kind)));
    let chosen = chosen.map(|(kind, scenario)| {
        let programs = Arc::clone(&programs);
        harness::Scenario {
            name: scenario.name(kind),
            start: Box::new(move || Box::pin(async move { scenario.run(kind, &programs).await })),
        }
    });
    harness::run(chosen, AT_ONCE, PATIENCE)
}
