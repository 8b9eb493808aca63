//! `segue dead-letters list`.

use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;

use conversions_delivery::DeadLetterStore;
use segue_app::AppError;
use segue_insight::dead_letters::{DeadLetterRow, Selection};

use crate::cli::args::Format;
use crate::cli::dead_letters::args::ListArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::dead_letters::list::List;
use crate::render::prose::print;

/// Runs the command.
pub(super) fn run(args: &ListArgs) -> Result<Exit, Failure> {
    let selection = args.selection.selection()?;
    let log = args.log.log(args.selection.settings.as_deref())?;
    let letters = log.location.dead_letters()?;
    match args.format {
        Format::Json => write_json(&*letters, &selection)?,
        Format::Table => {
            let most = usize::try_from(args.rows).unwrap_or(usize::MAX);
            let list = List::read(&*letters, &selection, most)?;
            let awaiting = letters.awaiting_replay().map_err(AppError::from)?;
            print(&list.render(&log, selection.is_restricted(), awaiting))?;
        }
    }
    Ok(Exit::Done)
}

fn write_json(letters: &dyn DeadLetterStore, selection: &Selection) -> Result<(), Failure> {
    let mut output = BufWriter::new(io::stdout().lock());
    let mut written = Ok(());
    selection.visit(letters, |letter| {
        written = write_line(&mut output, &DeadLetterRow::of(&letter));
        if written.is_ok() {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })?;
    written
        .and_then(|()| output.flush())
        .map_err(|error| Failure::output(&error))
}

fn write_line(output: &mut impl Write, row: &DeadLetterRow) -> io::Result<()> {
    serde_json::to_writer(&mut *output, row)?;
    output.write_all(b"\n")
}
