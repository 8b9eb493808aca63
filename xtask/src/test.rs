//! `cargo xtask test`: all tests and doctests by plain `cargo test`, or those that match a filter.

use std::time::Instant;

use crate::cargo::{self, Cargo};
use crate::problem::Outcome;
use crate::snapshots;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Run only tests whose name contains this.
    filter: Option<String>,
    /// Only this package.
    #[arg(short, long)]
    package: Vec<String>,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let mut arguments = TEST.to_vec();
    if args.package.is_empty() {
        arguments.push("--workspace");
    }
    for package in &args.package {
        arguments.extend(["--package", package.as_str()]);
    }
    arguments.push("--");
    arguments.extend(args.filter.as_deref());
    test(Cargo::new(arguments), NEXT)
}

/// Everything, leaving pending snapshots alone and noting which snapshots the tests asked for.
pub(crate) fn check() -> Outcome {
    snapshots::forget_references()?;
    let cargo = Cargo::new(TEST).arguments(["--workspace"]);
    let file = snapshots::references_file();
    test(
        cargo
            .env("INSTA_UPDATE", "no")
            .env(snapshots::REFERENCES_VARIABLE, file),
        NEXT,
    )
}

const TEST: [&str; 3] = ["test", "--quiet", "--no-fail-fast"];

const NEXT: &str = "run one test alone with `cargo xtask test NAME`; when a snapshot differs, `cargo xtask test` and \
                    then `cargo xtask snapshots review`";

/// Runs tests, shows what is worth it of cargo's output, and adds up; `next` is the advice when one fails.
pub(crate) fn test(cargo: Cargo, next: &str) -> Outcome {
    let start = Instant::now();
    let mut total = Tally::default();
    let outcome = cargo.run_by_line(
        |line| {
            let tally = Tally::of(line);
            total.add(tally.unwrap_or_default());
            if is_worth_showing(line, tally) {
                println!("{line}");
            }
        },
        next,
    );
    let Tally {
        passed,
        failed,
        ignored,
    } = total;
    println!(
        "{passed} passed, {failed} failed, {ignored} ignored in {}",
        cargo::elapsed(start)
    );
    outcome
}

/// Empty lines, test programs without a test to run and single tests that pass are not.
fn is_worth_showing(line: &str, tally: Option<Tally>) -> bool {
    let nothing_ran = tally.is_some_and(|tally| tally == Tally::default());
    let passes = line.starts_with("test ") && line.ends_with(" ... ok");
    !(nothing_ran || passes || line.is_empty() || line == "running 0 tests")
}

/// What a test program says at its end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Tally {
    /// Reads `test result: ok. 5 passed; 0 failed; 1 ignored; …`.
    fn of(line: &str) -> Option<Self> {
        let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let count = |what: &str| {
            let mut counts = counts
                .split("; ")
                .filter_map(|count| count.strip_suffix(what));
            counts.next()?.trim().parse().ok()
        };
        Some(Self {
            passed: count("passed")?,
            failed: count("failed")?,
            ignored: count("ignored")?,
        })
    }

    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }
}

#[cfg(test)]
mod tests {
    use super::{Tally, is_worth_showing};

    #[test]
    fn results_are_read() {
        let line = "test result: FAILED. 5 passed; 2 failed; 1 ignored; 0 measured; 9 filtered out; finished in 0.30s";
        assert_eq!(
            Tally::of(line),
            Some(Tally {
                passed: 5,
                failed: 2,
                ignored: 1
            })
        );
        assert_eq!(Tally::of("running 5 tests"), None);
    }

    #[test]
    fn programs_without_a_test_are_left_out() {
        let empty = "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 9 filtered out; finished in 0.00s";
        assert!(!is_worth_showing(empty, Tally::of(empty)));
        assert!(!is_worth_showing("", None));
        assert!(!is_worth_showing("test lower-case-currency   ... ok", None));
        assert!(is_worth_showing(
            "test lower-case-currency   ... FAILED",
            None
        ));
        assert!(is_worth_showing("running 5 tests", None));
    }
}
