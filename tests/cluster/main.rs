//! Real NATS servers, nodes of the real command and a sandbox: what was answered with 200 arrives, whatever dies
//! meanwhile.
//!
//! `cargo xtask cluster` installs the server, builds the command with the features of brokers, and runs this; plain
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
#[path = "../shared/harness.rs"]
mod harness;
#[path = "../shared/http.rs"]
mod http;
#[path = "../shared/link.rs"]
mod link;
mod nats;
mod node;
mod ports;
#[path = "../shared/process.rs"]
mod process;
mod scenarios;
mod sender;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use crate::context::{Context, Programs};
use crate::harness::Arguments;
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
    let arguments = Arguments::of_program();
    let is_long = arguments.has("--long");
    // The servers that scenarios share end with it.
    let context = Context::new(Programs { nats_server, segue }, is_long);
    let chosen = Scenario::ALL.iter();
    let mut chosen: Vec<_> = chosen
        .filter(|scenario| arguments.choose(scenario.name))
        .collect();
    chosen.sort_by_key(|scenario| std::cmp::Reverse(scenario.seconds));
    let chosen = chosen.into_iter().map(|scenario| {
        let context = context.clone();
        harness::Scenario {
            name: scenario.name.to_owned(),
            start: Box::new(|| (scenario.run)(context)),
        }
    });
    let patience = if is_long { LONG_PATIENCE } else { PATIENCE };
    harness::run(chosen, AT_ONCE, patience)
}
