//! One event, and where every field of it comes from.

mod abbreviate;
mod event_fields;
mod explanation;

use conversions_files::{ByteCounter, Chunk, ChunkReader, InputError, Origin};
use conversions_mapping::Mapping;
use jiff::Timestamp;

pub use event_fields::event_fields;
pub use explanation::{ExplainedField, ExplainedWarning, Explanation, UnusedSource};

/// Explains the event in a line of an input, or the first one without a `line`. `None` when the line is blank or does not
/// exist.
///
/// # Errors
///
/// When the input cannot be read.
pub fn explain_line(
    origin: &Origin,
    line: Option<u64>,
    mapping: &Mapping,
    now: Timestamp,
) -> Result<Option<Explanation>, InputError> {
    let found = find_line(origin, line)?;
    Ok(found.map(|(number, line)| {
        let mut mapper = mapping.mapper().with_notes(true);
        mapper.map_bytes(&line, now, |outcome| Explanation::of(&outcome, number))
    }))
}

/// The line of this number, or the first one that is not blank.
fn find_line(origin: &Origin, wanted: Option<u64>) -> Result<Option<(u64, Vec<u8>)>, InputError> {
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
