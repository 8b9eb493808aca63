//! `segue map`: every line's outcome as a line of JSON, or just the events.

use std::io::{self, Write};
use std::sync::Arc;

use conversions_mapping::{Mapper, Outcome};

use crate::cli::MapArgs;
use crate::context::{Clock, mapping};
use crate::exit::Exit;
use crate::failure::{Failure, say};
use crate::input::pipeline::{self, Piece};
use crate::input::{self, Meter, Origin};
use crate::tally::Tally;

/// What one chunk of input becomes.
#[derive(Default)]
struct MappedText {
    text: String,
    tally: Tally,
}

/// Runs the command.
pub(crate) fn run(args: &MapArgs) -> Result<Exit, Failure> {
    let mapping = Arc::new(mapping(&args.settings)?);
    let inputs = Origin::from_arguments(&args.files);
    input::check(&inputs)?;
    let clock = Clock(args.now);
    let events_only = args.events_only;
    let work = move |piece: &Piece, done: &mut MappedText| {
        done.text.clear();
        let mapper = mapping.mapper().with_notes(!events_only);
        map_chunk(mapper, piece, clock, events_only, done);
    };

    let mut tally = Tally::default();
    let mut output = io::stdout().lock();
    pipeline::run(
        inputs,
        Meter::default(),
        pipeline::available_workers(),
        work,
        |done| {
            tally.take(&mut done.tally);
            output.write_all(done.text.as_bytes())
        },
    )?;
    output.flush().map_err(|error| Failure::output(&error))?;
    if events_only {
        say(&tally.to_string());
    }
    Ok(Exit::Done)
}

fn map_chunk(
    mut mapper: Mapper<'_>,
    piece: &Piece,
    clock: Clock,
    events_only: bool,
    done: &mut MappedText,
) {
    let now = clock.now();
    let MappedText { text, tally } = done;
    for (_, line) in piece.chunk.lines() {
        mapper.map_bytes(line, now, |outcome| {
            tally.count(&outcome);
            match (events_only, outcome) {
                (false, outcome) => outcome.write_json(text),
                (true, Outcome::Accepted(accepted)) => accepted.event.write_json(text),
                (true, Outcome::Skipped(_) | Outcome::Rejected(_)) => return,
            }
            text.push('\n');
        });
    }
}
