//! `loops EVENTS ROUNDS MIX|FILE…`: times the steps of mapping, and the baseline, on one thread.
//!
//! Processor time is measured. The loops take turns, so that a slow moment of the machine slows down all of them; the median
//! of each is printed, a JSON object a line. The time of day is that of the made-up messages,
//! 2026-08-01T12:00:00Z, for files too.

use std::hint::black_box;
use std::process::ExitCode;

use bench::baseline::{self, NaiveMapper};
use bench::corpus::{Corpus, Mix};
use conversions_mapping::{Mapper, Mapping, Outcome, Settings};
use jiff::Timestamp;
use rustix::time::{ClockId, Timespec, clock_gettime};
use segment_spec::{Line, Message};

/// The newest message, in Unix seconds.
const NEWEST: i64 = 1_785_585_600;
const SEED: u64 = 1;

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that is run by another"
)]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((events, rounds, names)) = read(&arguments) else {
        eprintln!("loops EVENTS ROUNDS MIX|FILE…");
        return ExitCode::FAILURE;
    };
    let Ok(mapping) = Mapping::new(Settings::default()) else {
        return ExitCode::FAILURE;
    };
    for name in names {
        let text = match Mix::from_name(name) {
            Some(mix) => Ok(Corpus::lines(mix, SEED, NEWEST, events)),
            None => std::fs::read_to_string(name),
        };
        let text = match text {
            Ok(text) => text,
            Err(error) => {
                eprintln!("{name}: {error}");
                return ExitCode::FAILURE;
            }
        };
        let lines: Vec<&[u8]> = text.lines().take(events).map(str::as_bytes).collect();
        let bytes = lines.iter().map(|line| line.len() + 1).sum::<usize>() / lines.len().max(1);
        for (which, nanos) in time_all(&mapping, &lines, rounds) {
            println!(r#"{{"mix":"{name}","loop":"{which}","nanos":{nanos},"bytes":{bytes}}}"#);
        }
    }
    ExitCode::SUCCESS
}

fn read(arguments: &[String]) -> Option<(usize, usize, &[String])> {
    let [events, rounds, names @ ..] = arguments else {
        return None;
    };
    Some((events.parse().ok()?, rounds.parse().ok()?, names))
}

/// What a loop does with a line.
type Work<'m> = Box<dyn FnMut(&[u8]) + 'm>;
/// A loop's name, and what it does.
type Body<'m> = (&'static str, Work<'m>);

/// The median time for an event of each loop, in nanoseconds.
fn time_all(mapping: &Mapping, lines: &[&[u8]], rounds: usize) -> Vec<(&'static str, i128)> {
    let mut bodies = bodies(mapping);
    let mut times = vec![Vec::new(); bodies.len()];
    for _ in 0..rounds {
        for ((_, body), times) in bodies.iter_mut().zip(&mut times) {
            let start = processor_nanos();
            for line in lines {
                body(line);
            }
            times.push((processor_nanos() - start) / lines.len().max(1) as i128);
        }
    }
    let medians = times.into_iter().map(|mut times| {
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap_or_default()
    });
    bodies.iter().map(|(name, _)| *name).zip(medians).collect()
}

/// Processor time of this thread, which other programs do not change.
fn processor_nanos() -> i128 {
    let Timespec { tv_sec, tv_nsec } = clock_gettime(ClockId::ThreadCPUTime);
    i128::from(tv_sec) * 1_000_000_000 + i128::from(tv_nsec)
}

fn bodies(mapping: &Mapping) -> Vec<Body<'_>> {
    let mut mapper = NaiveMapper::default();
    vec![
        (
            "baseline: skip",
            Box::new(|line| {
                black_box(baseline::skip(line));
            }),
        ),
        ("baseline: hash 8", Box::new(|_| baseline::hash_eight())),
        (
            "baseline: naive mapper",
            Box::new(move |line| {
                black_box(mapper.map(line));
            }),
        ),
        (
            "read",
            Box::new(|line| {
                if let Ok(line) = Line::new(line) {
                    black_box(Message::read(&line).is_ok());
                }
            }),
        ),
        ("map", mapped(mapping.mapper(), false)),
        (
            "map with notes",
            mapped(mapping.mapper().with_notes(true), true),
        ),
    ]
}

/// All of it: read, map, normalize, hash, validate, write.
fn mapped(mut worker: Mapper<'_>, with_notes: bool) -> Work<'_> {
    let now = Timestamp::from_second(NEWEST).unwrap_or_default();
    let mut out = String::new();
    Box::new(move |line| {
        out.clear();
        worker.map_bytes(line, now, |outcome| match outcome {
            Outcome::Accepted(event) if !with_notes => event.event.write_json(&mut out),
            outcome => outcome.write_json(&mut out),
        });
        black_box(&out);
    })
}
