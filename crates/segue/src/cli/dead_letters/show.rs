//! `segue dead-letters show ID`.

use segue_insight::dead_letters::{DeadLetterDetails, find};

use crate::cli::args::Format;
use crate::cli::dead_letters::args::ShowArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::dead_letters::details;
use crate::render::prose::print;
use crate::render::time::now;

/// Runs the command.
pub(super) fn run(args: &ShowArgs) -> Result<Exit, Failure> {
    let log = args.log.log(args.settings.as_deref())?;
    let letters = log.location.dead_letters()?;
    let letter = find(&*letters, args.id)?;
    print(&match args.format {
        Format::Json => {
            let details = serde_json::to_string(&DeadLetterDetails::of(&letter));
            details.map_err(|error| Failure::sentence(error.to_string()))? + "\n"
        }
        Format::Table => details::render(&letter, &log, now()),
    })?;
    Ok(Exit::Done)
}
