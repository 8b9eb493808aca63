//! `corpus MIX EVENTS NEWEST`: writes made-up messages to standard output, the newest at that Unix second.

use std::io::{self, Write};
use std::process::ExitCode;

use bench::corpus::{Corpus, Mix};

const SEED: u64 = 1;

#[expect(clippy::print_stderr, reason = "a program that is run by another")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((mix, events, newest)) = read(&arguments) else {
        eprintln!("corpus MIX EVENTS NEWEST");
        return ExitCode::FAILURE;
    };
    match write(Corpus::new(mix, SEED, newest), events) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("corpus: {error}");
            ExitCode::FAILURE
        }
    }
}

fn read(arguments: &[String]) -> Option<(Mix, usize, i64)> {
    let [mix, events, newest] = arguments else {
        return None;
    };
    Some((
        Mix::from_name(mix)?,
        events.parse().ok()?,
        newest.parse().ok()?,
    ))
}

fn write(mut corpus: Corpus, events: usize) -> io::Result<()> {
    let mut output = io::stdout().lock();
    let mut text = String::new();
    let mut left = events;
    while left > 0 {
        let now = left.min(1000);
        text.clear();
        corpus.write_lines(now, &mut text);
        output.write_all(text.as_bytes())?;
        left -= now;
    }
    output.flush()
}
