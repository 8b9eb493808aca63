//! `cargo xtask ci`: every check in one go, stopping at the first that fails.

use std::time::Instant;

use crate::problem::Outcome;
use crate::{
    bench, brokers, cargo, clients, cluster, console, deny, docs, embed, features, fmt, generate,
    layers, lint, package, retry, semver, snapshots, terminal, test, tidy,
};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Begin with this step (a name of the list that a run prints).
    #[arg(long, value_parser = STEPS.map(|step| step.name))]
    from: Option<String>,
    /// Install with apt-get, as root, the programs that clients and brokers need and that are missing.
    #[arg(long)]
    install: bool,
}

/// One check: its name, what it promises, and its function.
struct Step {
    name: &'static str,
    promise: &'static str,
    check: fn(&Args) -> Outcome,
}

const fn step(name: &'static str, promise: &'static str, check: fn(&Args) -> Outcome) -> Step {
    Step {
        name,
        promise,
        check,
    }
}

/// Quick steps come first. Tests come last, so that their results end the output.
#[rustfmt::skip]
const STEPS: [Step; 18] = [
    step("fmt",       "the code is formatted",                          |_| fmt::check()),
    step("tidy",      "the rules of the house hold",                        |_| tidy::check()),
    step("layers",    "edges between crates go downwards",              |_| layers::check()),
    step("lint",      "clippy finds nothing",                           |_| lint::check()),
    step("gen",       "generated documentation is up to date",          |_| generate::check()),
    step("docs",      "the documentation builds without a warning",     |_| docs::check()),
    step("deny",      "dependencies have the licences and sources that are allowed", |_| deny::check()),
    step("semver",    "the public API keeps what was promised",         |_| semver::check()),
    step("embed",     "programs outside can use the crates",            |_| embed::check()),
    step("features",  "what features add is sound too",                 |args| features::check(args.install)),
    step("package",   "every crate makes a complete archive",           |_| package::check()),
    step("bench",     "mapping costs no more instructions than it did", |_| bench::check_instructions()),
    step("clients",   "real client libraries lose no event",            |args| clients::check(args.install)),
    step("cluster",   "several machines lose no event, whatever dies",  |args| cluster::check(args.install)),
    step("brokers",   "records of brokers are not lost, whatever dies", |args| brokers::check(args.install)),
    step("console",   "the console works in a real browser",            |args| console::check(args.install)),
    step("test",      "all tests and doctests pass",                    |_| test::check()),
    step("snapshots", "no snapshot is pending, none without a test",    |_| snapshots::check_after_tests()),
];

pub(crate) fn run(args: &Args) -> Outcome {
    let start = Instant::now();
    let outcome = run_steps(args);
    if let Some(retried) = retry::summary() {
        println!("{}", terminal::bad(retried));
    }
    outcome?;
    println!(
        "{} in {}",
        terminal::good("all checks passed"),
        cargo::elapsed(start)
    );
    Ok(())
}

fn run_steps(args: &Args) -> Outcome {
    let first = STEPS
        .iter()
        .position(|step| Some(step.name) == args.from.as_deref())
        .unwrap_or(0);
    for step in STEPS.iter().skip(first) {
        let step_start = Instant::now();
        cargo::heading(&format!("{}: {}", step.name, step.promise));
        (step.check)(args).inspect_err(|_| {
            println!("{} {}", terminal::bad("failed:"), step.name);
        })?;
        println!(
            "   {} {}",
            terminal::good("ok"),
            terminal::faint(cargo::elapsed(step_start))
        );
    }
    Ok(())
}
