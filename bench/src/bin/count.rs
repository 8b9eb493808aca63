//! Maps the same made-up messages again and again, for a program that counts its instructions.
//!
//! `count MIX EVENTS ROUNDS [--notes]`. Every run does the same: one thread, no clock, no file, no hash table with a random
//! order. The difference between two runs with different ROUNDS is the cost of mapping alone.

use std::hint::black_box;
use std::process::ExitCode;

use bench::corpus::{Corpus, Mix};
use conversions_mapping::{Mapping, Outcome, Settings};
use jiff::Timestamp;

/// The newest message, in Unix seconds.
const NEWEST: i64 = 1_785_585_600;
const SEED: u64 = 1;

/// What to map, and how often.
struct Arguments {
    mix: Mix,
    events: usize,
    rounds: usize,
    with_notes: bool,
}

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that is run by another"
)]
fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some(arguments) = Arguments::read(&words) else {
        eprintln!("count MIX EVENTS ROUNDS [--notes]");
        return ExitCode::FAILURE;
    };
    println!("{} events accepted, on {}", run(&arguments), features());
    ExitCode::SUCCESS
}

impl Arguments {
    fn read(words: &[String]) -> Option<Self> {
        let [mix, events, rounds, rest @ ..] = words else {
            return None;
        };
        Some(Self {
            mix: Mix::from_name(mix)?,
            events: events.parse().ok()?,
            rounds: rounds.parse().ok()?,
            with_notes: rest.iter().any(|word| word == "--notes"),
        })
    }
}

/// How many events were accepted in all rounds.
fn run(arguments: &Arguments) -> usize {
    let text = Corpus::lines(arguments.mix, SEED, NEWEST, arguments.events);
    let lines: Vec<&str> = text.lines().collect();
    let Ok(mapping) = Mapping::new(Settings::default()) else {
        return 0;
    };
    let now = Timestamp::from_second(NEWEST).unwrap_or_default();
    let mut worker = mapping.mapper().with_notes(arguments.with_notes);
    let mut out = String::with_capacity(64 << 10);
    let mut accepted = 0;
    for _ in 0..arguments.rounds {
        for line in &lines {
            out.clear();
            worker.map_bytes(line.as_bytes(), now, |outcome| {
                accepted += usize::from(matches!(outcome, Outcome::Accepted(_)));
                match outcome {
                    Outcome::Accepted(event) if !arguments.with_notes => {
                        event.event.write_json(&mut out);
                    }
                    outcome => outcome.write_json(&mut out),
                }
            });
            black_box(&out);
        }
    }
    accepted
}

/// The instruction sets of this processor for which our dependencies have code of their own.
fn features() -> String {
    let mut features = vec![std::env::consts::ARCH];
    #[cfg(target_arch = "x86_64")]
    for (name, is_there) in [
        ("sse4.1", std::arch::is_x86_feature_detected!("sse4.1")),
        ("avx2", std::arch::is_x86_feature_detected!("avx2")),
        ("sha", std::arch::is_x86_feature_detected!("sha")),
    ] {
        if is_there {
            features.push(name);
        }
    }
    features.join(" ")
}
