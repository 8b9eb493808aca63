//! `cargo xtask ci`: every check in one go, stopping at the first that fails.
//!
//! Scenarios before brokers mostly wait for faults to pass. What only compiles runs beside them, at the lowest priority, and
//! its output is shown when it has ended.

mod beside;

use std::time::Instant;

use self::beside::Beside;
use crate::problem::Outcome;
use crate::{
    bench, broker_programs, brokers, cargo, clients, cluster, console, deny, docs, embed, features,
    fmt, generate, layers, lint, package, retry, semver, snapshots, terminal, test, tidy,
};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Begin with this step (a name of the list that a run prints).
    #[arg(long, value_parser = STEPS.map(|step| step.name))]
    from: Option<String>,
    /// Run this step alone.
    #[arg(long, value_parser = STEPS.map(|step| step.name), conflicts_with = "from")]
    only: Option<String>,
    /// Install with apt-get, as root, the programs that clients and brokers need and that are missing.
    #[arg(long)]
    install: bool,
}

/// One check: its name, what it promises, and its function.
struct Step {
    name: &'static str,
    promise: &'static str,
    check: fn(&Args) -> Outcome,
    when: When,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    /// In its turn.
    InTurn,
    /// Mostly waits: what only compiles runs beside it.
    Waits,
    /// Only compiles: it begins with the first step that waits, and has ended when the next one after those begins.
    Beside,
}

const fn step(name: &'static str, promise: &'static str, check: fn(&Args) -> Outcome) -> Step {
    Step {
        name,
        promise,
        check,
        when: When::InTurn,
    }
}

const fn waits(name: &'static str, promise: &'static str, check: fn(&Args) -> Outcome) -> Step {
    Step {
        when: When::Waits,
        ..step(name, promise, check)
    }
}

const fn beside(name: &'static str, promise: &'static str, check: fn(&Args) -> Outcome) -> Step {
    Step {
        when: When::Beside,
        ..step(name, promise, check)
    }
}

/// Quick steps come first. Tests come last, so that their results end the output.
#[rustfmt::skip]
const STEPS: [Step; 20] = [
    step("fmt",       "the code is formatted",                          |_| fmt::check()),
    step("tidy",      "the rules of the house hold",                    |_| tidy::check()),
    step("layers",    "edges between crates go downwards",              |_| layers::check()),
    step("lint",      "clippy finds nothing",                           |_| lint::check()),
    step("gen",       "generated documentation is up to date",          |_| generate::check()),
    step("deny",      "dependencies have the licences and sources that are allowed", |_| deny::check()),
    step("semver",    "the public API keeps what was promised",         |_| semver::check()),
    step("package",   "every crate makes a complete archive",           |_| package::check()),
    step("build",     "the programs that run before brokers compile",   |args| broker_programs::build(args.install).map(drop)),
    beside("compile", "all tests compile",                              |_| test::compile()),
    beside("features", "what features add is sound too",                |args| features::check(args.install)),
    beside("docs",    "the documentation builds without a warning",     |_| docs::check()),
    beside("embed",   "programs outside can use the crates",            |_| embed::check()),
    beside("bench",   "mapping costs no more instructions than it did", |_| bench::check_instructions()),
    waits("cluster",  "several machines lose no event, whatever dies",  |args| cluster::check(args.install)),
    waits("brokers",  "records of brokers are not lost, whatever dies", |args| brokers::check(args.install)),
    step("clients",   "real client libraries lose no event",            |args| clients::check(args.install)),
    step("console",   "the console works in a real browser",            |args| console::check(args.install)),
    step("test",      "all tests and doctests pass",                    |_| test::check()),
    step("snapshots", "no snapshot is pending, none without a test",    |_| snapshots::check_after_tests()),
];

pub(crate) fn run(args: &Args) -> Outcome {
    let start = Instant::now();
    let outcome = match &args.only {
        Some(only) => STEPS
            .iter()
            .filter(|step| step.name == only)
            .try_for_each(|step| step.run(args)),
        None => run_all(args),
    };
    if let Some(retried) = retry::summary() {
        println!("{}", terminal::bad(retried));
    }
    outcome?;
    if args.only.is_none() {
        println!(
            "{} in {}",
            terminal::good("all checks passed"),
            cargo::elapsed(start)
        );
    }
    Ok(())
}

fn run_all(args: &Args) -> Outcome {
    let first = STEPS
        .iter()
        .position(|step| Some(step.name) == args.from.as_deref())
        .unwrap_or(0);
    let steps = STEPS.iter().skip(first);
    let (besides, in_turn): (Vec<_>, Vec<_>) = steps.partition(|step| step.when == When::Beside);
    let mut besides = Some(besides);
    let mut beside = Beside::nothing();
    for step in in_turn {
        if step.when == When::Waits {
            if let Some(steps) = besides.take() {
                beside = Beside::start(steps.iter().map(|step| step.name), args.install)?;
            }
        } else if besides.is_none() {
            beside.finish()?;
        }
        step.run(args)?;
        beside.show()?;
    }
    besides
        .into_iter()
        .flatten()
        .try_for_each(|step| step.run(args))
}

impl Step {
    fn run(&self, args: &Args) -> Outcome {
        let start = Instant::now();
        cargo::heading(&format!("{}: {}", self.name, self.promise));
        (self.check)(args).inspect_err(|_| {
            println!("{} {}", terminal::bad("failed:"), self.name);
        })?;
        println!(
            "   {} {}",
            terminal::good("ok"),
            terminal::faint(cargo::elapsed(start))
        );
        Ok(())
    }
}
