//! `segue dead-letters export`.

use std::io::{self, BufWriter};
use std::path::Path;

use segue_insight::dead_letters::{ClientData, ExportError, export, export_to_file};

use crate::cli::dead_letters::args::ExportArgs;
use crate::exit::Exit;
use crate::failure::{Failure, say_wrapped};
use crate::render::dead_letters::export_sentence;

/// Runs the command.
pub(super) fn run(args: &ExportArgs) -> Result<Exit, Failure> {
    let selection = args.selection.selection()?;
    let log = args.log.log(args.selection.settings.as_deref())?;
    let letters = log.location.dead_letters()?;
    let exported = if let Some(path) = &args.output {
        export_to_file(&*letters, &selection, path)
    } else {
        let mut output = BufWriter::new(io::stdout().lock());
        export(&*letters, &selection, ClientData::LeftOut, &mut output)
    };
    let exported = exported.map_err(|error| match (error, &args.output) {
        (ExportError::DeadLetters(error), _) => error.into(),
        (ExportError::Write(error), Some(path)) => file_failure(path, &error),
        (ExportError::Write(error), None) => Failure::output(&error),
    })?;
    say_wrapped(&export_sentence(exported, args.output.as_deref()));
    Ok(Exit::Done)
}

fn file_failure(path: &Path, error: &io::Error) -> Failure {
    let reason = match error.kind() {
        io::ErrorKind::AlreadyExists => "there is a file of that name already".to_owned(),
        io::ErrorKind::NotFound => "its folder does not exist".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    };
    Failure::sentence(format!("cannot export to {}: {reason}", path.display()))
}
