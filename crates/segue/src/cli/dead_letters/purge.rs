//! `segue dead-letters purge`.

use std::io::{self, BufRead, IsTerminal, Write};

use segue_insight::dead_letters::{PurgePlan, ReasonCounts};
use serde_json::json;

use crate::cli::args::Format;
use crate::cli::dead_letters::args::PurgeArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::dead_letters::purge_sentence;
use crate::render::prose::print;
use crate::render::terminal::{Stream, counted};

/// Runs the command.
pub(super) fn run(args: &PurgeArgs) -> Result<Exit, Failure> {
    let selection = args.selection.selection()?;
    let log = args.log.log(args.selection.settings.as_deref())?;
    let letters = log.location.dead_letters()?;
    let plan = PurgePlan::make(&*letters, &selection)?;
    let counts = plan.counts.clone();
    let is_agreed = args.dry_run || plan.is_empty() || args.yes || ask(&counts)?;
    if !is_agreed {
        print("Nothing was removed.\n")?;
        return Ok(Exit::Incomplete);
    }
    let purged = plan.run(&*letters, args.dry_run)?;
    print(&match args.format {
        Format::Json if args.dry_run => {
            format!("{}\n", json!({ "purged": purged, "dry_run": true }))
        }
        Format::Json => format!("{}\n", json!({ "purged": purged })),
        Format::Table => purge_sentence(purged, &counts, args.dry_run, selection.is_restricted()),
    })?;
    Ok(Exit::Done)
}

/// Asks on a terminal. Without a terminal, `--yes` is required.
fn ask(counts: &ReasonCounts) -> Result<bool, Failure> {
    let what = counted(counts.total(), "dead letter", "dead letters");
    let of = counts.in_words();
    if !io::stdin().is_terminal() || !Stream::Err.is_terminal() {
        return Err(Failure::sentence(format!(
            "purge would remove {what} for good ({of}), and there is no terminal to confirm it: add --yes, or look first with --dry-run"
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
