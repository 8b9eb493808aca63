//! Runs tests that wait for other programs for a bounded time, and runs once more, alone, those that fail.
//!
//! A test that passes only then may show a rare fault. So each is named, with the reason of its failure, when it happens and
//! again at the end of `cargo xtask ci`.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::cargo::Cargo;
use crate::problem::Outcome;
use crate::terminal;

/// How much of a reason is shown.
const SHOWN: usize = 200;

/// Tests of one program.
pub(crate) struct Suite<'a> {
    /// What stands before the names of its tests.
    pub(crate) name: &'a str,
    /// Whether what fails is run once more.
    pub(crate) retry: bool,
    /// The advice when a test fails.
    pub(crate) next: &'a str,
}

impl Suite<'_> {
    /// Runs the tests by a command behind which names of tests may follow.
    pub(crate) fn run(&self, filters: &[String], command: impl Fn() -> Outcome<Cargo>) -> Outcome {
        let mut report = FailureReport::default();
        let outcome = command()?.arguments(filters).run_by_line(
            |line| {
                println!("{line}");
                report.read(line);
            },
            self.next,
        );
        // Without names something else is wrong than a test.
        if outcome.is_ok() || !self.retry || report.failures.is_empty() {
            return outcome;
        }
        let names = report.failures.iter().map(|failure| failure.name.as_str());
        let names: Vec<&str> = names.collect();
        println!(
            "{} once more, alone: {}",
            terminal::bad("failed:"),
            names.join(", ")
        );
        let again = command()?.arguments(["--exact"]).arguments(names);
        again.run(self.next)?;
        for Failure { name, reason } in report.failures {
            let sentence = format!("{name} failed once, then passed: {reason}");
            println!("{}", terminal::bad(sentence));
            retried().push(format!("{} {name} ({reason})", self.name));
        }
        Ok(())
    }
}

/// What failed and passed when it was run again, as one line; `None` when there was nothing.
pub(crate) fn summary() -> Option<String> {
    let retried = retried();
    let count = match retried.len() {
        0 => return None,
        1 => "1 test".to_owned(),
        count => format!("{count} tests"),
    };
    Some(format!(
        "{count} passed only when run again: {}",
        retried.join("; ")
    ))
}

fn retried() -> MutexGuard<'static, Vec<String>> {
    static RETRIED: Mutex<Vec<String>> = Mutex::new(Vec::new());
    RETRIED.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug, PartialEq, Eq)]
struct Failure {
    name: String,
    reason: String,
}

/// Reads the end of a test program's output: `---- NAME stdout ----`, and below it what the test said.
#[derive(Default)]
struct FailureReport {
    failures: Vec<Failure>,
    /// Whether the next line is what a test panicked with.
    is_message: bool,
    /// Whether the list of names has begun, below which nothing is said.
    is_over: bool,
}

impl FailureReport {
    fn read(&mut self, line: &str) {
        let name = line
            .strip_prefix("---- ")
            .and_then(|rest| rest.strip_suffix(" stdout ----"));
        if let Some(name) = name {
            self.is_over = false;
            self.is_message = false;
            self.failures.push(Failure {
                name: name.to_owned(),
                reason: String::new(),
            });
            return;
        }
        self.is_over |= line == "failures:";
        let Some(failure) = self.failures.last_mut().filter(|_| !self.is_over) else {
            return;
        };
        // What was printed before the panic says less.
        if std::mem::take(&mut self.is_message) || failure.reason.is_empty() {
            failure.reason = line.chars().take(SHOWN).collect();
        }
        self.is_message = line.contains("' panicked at ") || line.contains(") panicked at ");
    }
}

#[cfg(test)]
mod tests {
    use super::{Failure, FailureReport};

    fn read(text: &str) -> Vec<Failure> {
        let mut report = FailureReport::default();
        text.lines().for_each(|line| report.read(line));
        report.failures
    }

    fn failure(name: &str, reason: &str) -> Failure {
        Failure {
            name: name.to_owned(),
            reason: reason.to_owned(),
        }
    }

    #[test]
    fn failed_tests_of_cargo_are_read_with_the_message_of_their_panic() {
        let text = "running 3 tests\n.F\nfailures:\n\n---- log::waits stdout ----\nsent 5\n\n\
                    thread 'log::waits' (7) panicked at tests/nats.rs:5:9:\nnot within 3 s\nnote: run with `RUST_BACKTRACE=1`\n\
                    \n---- b stdout ----\nError: Closed\n\n\nfailures:\n    b\n    log::waits\n\n\
                    test result: FAILED. 1 passed; 2 failed; 0 ignored\n";
        assert_eq!(
            read(text),
            [
                failure("log::waits", "not within 3 s"),
                failure("b", "Error: Closed")
            ]
        );
    }

    #[test]
    fn failed_scenarios_are_read() {
        let text = "poison: all arrived (9 s)\nleader_killed: FAILED (20 s)\n\nfailures:\n\n\
                    ---- leader_killed stdout ----\n3 of 9 are missing\nlike a\n";
        assert_eq!(read(text), [failure("leader_killed", "3 of 9 are missing")]);
    }

    #[test]
    fn output_without_failures_names_none() {
        assert_eq!(read("running 1 test\n.\ntest result: ok. 1 passed\n"), []);
    }
}
