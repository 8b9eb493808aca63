//! Where events come from: files and standard input, gzip too, as chunks of whole lines.

pub(crate) mod chunks;
mod origin;
pub(crate) mod pipeline;

use std::io::IsTerminal;

use crate::failure::say;

pub(crate) use chunks::{Chunk, ChunkReader};
pub(crate) use origin::{InputError, Meter, Origin};

/// Says now what reading would say later, and that a terminal is waited for.
pub(crate) fn check(inputs: &[Origin]) -> Result<(), InputError> {
    inputs.iter().try_for_each(Origin::check)?;
    if inputs.contains(&Origin::StandardInput) && std::io::stdin().is_terminal() {
        say("Reading events from the terminal, one JSON object a line; Ctrl-D ends it.");
    }
    Ok(())
}
