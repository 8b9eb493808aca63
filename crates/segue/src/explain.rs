//! `segue explain`: one event, and where every field of it comes from.

mod abbreviate;
mod explanation;
mod for_people;

use std::io::{self, Write};
use std::path::PathBuf;

use crate::cli::{ExplainArgs, Format};
use crate::context::{Clock, mapping};
use crate::exit::Exit;
use crate::explain::explanation::Explanation;
use crate::failure::Failure;
use crate::input;
use conversions_files::{ByteCounter, Chunk, ChunkReader, Origin};

/// Runs the command.
pub(crate) fn run(args: &ExplainArgs) -> Result<Exit, Failure> {
    let mapping = mapping(&args.settings)?;
    let files: Vec<PathBuf> = args.file.iter().cloned().collect();
    let inputs = Origin::from_arguments(&files);
    input::check(&inputs)?;
    let now = Clock(args.now).now();
    for origin in &inputs {
        let Some((number, line)) = find_line(origin, args.line)? else {
            return Err(Failure::sentence(match args.line {
                Some(number) => format!(
                    "{origin} has no event in line {number}: the line is blank, or there are fewer"
                ),
                None => format!("{origin} has no event in it"),
            }));
        };
        let mut mapper = mapping.mapper().with_notes(true);
        let explanation = mapper.map_bytes(&line, now, |outcome| Explanation::of(&outcome, number));
        let text = match args.format {
            Format::Table => for_people::render(&explanation),
            Format::Json => format!("{}\n", explanation.to_json()),
        };
        let written = io::stdout().lock().write_all(text.as_bytes());
        written.map_err(|error| Failure::output(&error))?;
    }
    Ok(Exit::Done)
}

/// The line of this number, or the first one that is not blank.
fn find_line(origin: &Origin, wanted: Option<u64>) -> Result<Option<(u64, Vec<u8>)>, Failure> {
    let mut reader = ChunkReader::new(origin.open(&ByteCounter::default())?);
    let mut chunk = Chunk::default();
    while reader
        .read(&mut chunk)
        .map_err(|error| origin.failed(error))?
    {
        let mut lines = chunk.lines();
        let found = lines.find(|(number, _)| wanted.is_none_or(|wanted| *number == wanted));
        if let Some((number, line)) = found {
            return Ok(Some((number, line.to_vec())));
        }
        if wanted.is_some_and(|wanted| reader.next_line() > wanted) {
            break;
        }
    }
    Ok(None)
}
