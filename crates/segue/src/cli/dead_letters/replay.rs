//! `segue dead-letters replay`.

use segue_insight::dead_letters::{replay, replay_json};

use crate::cli::args::Format;
use crate::cli::dead_letters::args::ReplayArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::dead_letters::replay::{Sender, render};
use crate::render::prose::print;
use crate::render::time::now;

/// Runs the command.
pub(super) fn run(args: &ReplayArgs) -> Result<Exit, Failure> {
    let selection = args.selection.selection()?;
    let log = args.log.log(args.selection.settings.as_deref())?;
    let letters = log.location.dead_letters()?;
    let now = args.now.unwrap_or_else(now);
    let replayed = replay(&*letters, &selection, now, args.dry_run)?;
    print(&match args.format {
        Format::Json => format!("{}\n", replay_json(&replayed, args.dry_run)),
        Format::Table => {
            let sender = Sender::of(&log);
            render(&replayed, args.dry_run, selection.is_restricted(), &sender)
        }
    })?;
    if replayed.refused.is_empty() || args.dry_run {
        Ok(Exit::Done)
    } else {
        Ok(Exit::Incomplete)
    }
}
