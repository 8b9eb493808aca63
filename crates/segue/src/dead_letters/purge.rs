//! `segue dead-letters purge`.

use std::io::{self, BufRead, IsTerminal, Write};
use std::ops::ControlFlow;

use conversions_delivery::{DeadLetterStore as _, Filter};
use serde_json::json;

use crate::cli::Format;
use crate::dead_letters::args::PurgeArgs;
use crate::dead_letters::open;
use crate::dead_letters::reasons::Counts;
use crate::dead_letters::selection::Selection;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::prose::print;
use crate::terminal::{Stream, counted};

/// Runs the command.
pub(crate) fn run(args: &PurgeArgs) -> Result<Exit, Failure> {
    let selection = Selection::of(&args.selection)?;
    let letters = open(&args.folder)?;
    let (mut ids, mut counts) = (Vec::new(), Counts::default());
    selection.visit(&letters, |letter| {
        ids.push(letter.id);
        counts.count(letter.reason);
        ControlFlow::Continue(())
    })?;
    let is_agreed = args.dry_run || ids.is_empty() || args.yes || ask(&counts)?;
    if !is_agreed {
        print("Nothing was removed.\n")?;
        return Ok(Exit::Incomplete);
    }
    // What somebody has agreed to, and nothing that has come since.
    let purged = letters
        .purge(&Filter::all().ids(ids), args.dry_run)
        .map_err(|error| Failure::of(&error))?;
    print(&match args.format {
        Format::Json if args.dry_run => {
            format!("{}\n", json!({ "purged": purged, "dry_run": true }))
        }
        Format::Json => format!("{}\n", json!({ "purged": purged })),
        Format::Table => for_people(purged, &counts, args.dry_run, selection.is_restricted),
    })?;
    Ok(Exit::Done)
}

fn for_people(purged: u64, counts: &Counts, dry_run: bool, is_restricted: bool) -> String {
    let what = counted(purged, "dead letter", "dead letters");
    let of = counts.in_words();
    match (purged, dry_run) {
        (0, _) if is_restricted => "No dead letter is like that: nothing is removed.\n".to_owned(),
        (0, _) => "There are no dead letters: nothing is to be removed.\n".to_owned(),
        (_, true) => format!(
            "{what} would be removed ({of}).\nNothing was done; the same command with --yes instead of --dry-run removes them for good.\n"
        ),
        (1, false) => format!("{what} was removed for good ({of}).\n"),
        (_, false) => format!("{what} were removed for good ({of}).\n"),
    }
}

/// Asks on a terminal. Where nobody can answer, `--yes` has to have been given.
fn ask(counts: &Counts) -> Result<bool, Failure> {
    let what = counted(counts.total(), "dead letter", "dead letters");
    let of = counts.in_words();
    if !io::stdin().is_terminal() || !Stream::Err.is_terminal() {
        return Err(Failure::sentence(format!(
            "purge would remove {what} for good ({of}), and nobody can be asked here: add --yes, or look first with --dry-run"
        )));
    }
    let failed = |error| Failure::sentence(format!("cannot ask: {error}"));
    let mut screen = anstream::stderr().lock();
    write!(screen, "Remove {what} for good ({of})? [y/N] ")
        .and_then(|()| screen.flush())
        .map_err(failed)?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(failed)?;
    Ok(is_yes(&answer))
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_yes() {
        assert!(is_yes("y\n") && is_yes(" Yes "));
        for no in ["", "\n", "n", "yeah", "1"] {
            assert!(!is_yes(no), "{no:?}");
        }
    }
}
