//! valgrind as a child process.

use std::path::Path;
use std::process::Command;
use std::thread;

use super::saved_counts::{Counts, Machine};
use crate::problem::{Outcome, Problem};

/// The mixes of `bench/src/corpus.rs`.
const MIXES: [&str; 5] = ["shop", "tiny", "orders", "escapes", "non-ascii"];
const EVENTS: u64 = 300;
const ROUNDS: u64 = 2;
/// The only variable of the environment besides `PATH`: the environment changes the counts.
const ENVIRONMENT: (&str, &str) = ("LC_ALL", "C");

/// An installed valgrind.
pub(super) struct Valgrind {
    version: String,
}

/// The result of one run.
struct Run {
    instructions: u64,
    processor: String,
}

impl Valgrind {
    pub(super) fn found() -> Option<Self> {
        let version = first_line(Command::new("valgrind").arg("--version"))?;
        Some(Self {
            version: version.trim_start_matches("valgrind-").to_owned(),
        })
    }

    /// Counts for all mixes, with notes and without.
    pub(super) fn count(&self, program: &Path) -> Outcome<(Machine, Counts)> {
        let of_mix = |mix: &'static str| {
            let nothing = run(program, mix, 0, false)?;
            let (plain, noted) = (
                run(program, mix, ROUNDS, false)?,
                run(program, mix, ROUNDS, true)?,
            );
            let per_event = |run: &Run| {
                run.instructions.saturating_sub(nothing.instructions) / (EVENTS * ROUNDS)
            };
            let counts = [
                (mix.to_owned(), per_event(&plain)),
                (format!("{mix} with notes"), per_event(&noted)),
            ];
            Ok((nothing.processor, counts))
        };
        let mut counts = Counts::new();
        let mut processor = String::new();
        let results: Vec<Outcome<_>> = thread::scope(|scope| {
            let threads = MIXES.map(|mix| scope.spawn(move || of_mix(mix)));
            threads
                .into_iter()
                .filter_map(|thread| thread.join().ok())
                .collect()
        });
        for result in results {
            let (seen, found) = result?;
            processor = seen;
            counts.extend(found);
        }
        let machine = Machine {
            rustc: first_line(Command::new("rustc").arg("--version"))
                .and_then(|line| line.split(' ').nth(1).map(str::to_owned))
                .unwrap_or_default(),
            valgrind: self.version.clone(),
            processor,
        };
        Ok((machine, counts))
    }
}

fn run(program: &Path, mix: &str, rounds: u64, with_notes: bool) -> Outcome<Run> {
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([mix, &EVENTS.to_string(), &rounds.to_string()])
        .env_clear()
        .env(ENVIRONMENT.0, ENVIRONMENT.1);
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    if with_notes {
        command.arg("--notes");
    }
    let output = command
        .output()
        .map_err(|error| failed(&error.to_string()))?;
    let (answer, report) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    let accepted = format!("{} events accepted, on ", EVENTS * rounds);
    let processor = answer.trim().strip_prefix(&accepted);
    processor
        .zip(collected(&report))
        .filter(|_| output.status.success())
        .map(|(processor, instructions)| Run {
            instructions,
            processor: processor.to_owned(),
        })
        .ok_or_else(|| failed(report.lines().last().unwrap_or_default()))
}

/// The figure behind `Collected :`, which comes after the number of the process.
fn collected(report: &str) -> Option<u64> {
    let figure = report
        .lines()
        .find_map(|line| line.split_once("Collected : "))?
        .1;
    figure.trim().parse().ok()
}

/// The first line that a program prints, if it runs at all.
fn first_line(command: &mut Command) -> Option<String> {
    let output = command
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .next()
        .map(str::to_owned)
}

fn failed(what: &str) -> Problem {
    Problem::new(
        format!("counting under valgrind failed: {what}"),
        "run `valgrind --tool=callgrind` with the program that was built, and read what it says",
    )
}

#[cfg(test)]
mod tests {
    use super::collected;

    #[test]
    fn the_count_is_read_out_of_the_report() {
        let report = "==26973== Events    : Ir\n==26973== Collected : 55322745\n==26973== \n";
        assert_eq!(collected(report), Some(55_322_745));
        assert_eq!(collected("==1== \n"), None);
    }
}
