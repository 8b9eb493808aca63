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

/// Runs all tests without writing pending snapshots, and records which snapshots the tests use.
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

/// Builds all tests, and runs none.
pub(crate) fn compile() -> Outcome {
    Cargo::new(["test", "--quiet", "--workspace", "--no-run"])
        .run("correct what the compiler says above")
}

const TEST: [&str; 3] = ["test", "--quiet", "--no-fail-fast"];

const NEXT: &str = "run one test alone with `cargo xtask test NAME`; when a snapshot differs, `cargo xtask test` and \
                    then `cargo xtask snapshots review`";

/// Runs tests, shows the useful lines of the output, and adds up the results; `next` is the advice when a test fails.
pub(crate) fn test(cargo: Cargo, next: &str) -> Outcome {
    let start = Instant::now();
    let mut total = TestCounts::default();
    let outcome = cargo.run_by_line(
        |line| {
            let counts = TestCounts::of(line);
            total.add(counts.unwrap_or_default());
            if is_worth_showing(line, counts) {
                println!("{line}");
            }
        },
        next,
    );
    let TestCounts {
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

/// Leaves out empty lines, test programs that ran no test, and single tests that passed.
fn is_worth_showing(line: &str, counts: Option<TestCounts>) -> bool {
    let nothing_ran = counts.is_some_and(|counts| counts == TestCounts::default());
    let passes = line.starts_with("test ") && line.ends_with(" ... ok");
    !(nothing_ran || passes || line.is_empty() || line == "running 0 tests")
}

/// The result line of a test program.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct TestCounts {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl TestCounts {
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
    use super::{TestCounts, is_worth_showing};

    #[test]
    fn a_result_line_is_read() {
        let line = "test result: FAILED. 5 passed; 2 failed; 1 ignored; 0 measured; 9 filtered out; finished in 0.30s";
        assert_eq!(
            TestCounts::of(line),
            Some(TestCounts {
                passed: 5,
                failed: 2,
                ignored: 1
            })
        );
        assert_eq!(TestCounts::of("running 5 tests"), None);
    }

    #[test]
    fn test_programs_that_ran_no_test_are_left_out() {
        let empty = "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 9 filtered out; finished in 0.00s";
        assert!(!is_worth_showing(empty, TestCounts::of(empty)));
        assert!(!is_worth_showing("", None));
        assert!(!is_worth_showing("test lower-case-currency   ... ok", None));
        assert!(is_worth_showing(
            "test lower-case-currency   ... FAILED",
            None
        ));
        assert!(is_worth_showing("running 5 tests", None));
    }
}
