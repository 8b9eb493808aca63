//! `fortnight FOLDER`: writes the history of the last fourteen days, of which this is one, into a data folder, for somebody who looks at it.

use std::path::Path;
use std::process::ExitCode;

use bench::fortnight::{DAY, Fortnight};

#[expect(clippy::print_stderr, reason = "a program that is run by another")]
fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("fortnight FOLDER");
        return ExitCode::FAILURE;
    };
    let now = jiff::Timestamp::now().as_second() / 60;
    let begin = (now / DAY - 13) * DAY;
    let mut fortnight = match Fortnight::open(Path::new(&folder), begin, 0) {
        Ok(fortnight) => fortnight,
        Err(error) => {
            eprintln!("fortnight: {error}");
            return ExitCode::FAILURE;
        }
    };
    for minute in 0..now - begin {
        fortnight.count(minute);
        fortnight.finish(minute);
    }
    ExitCode::SUCCESS
}
