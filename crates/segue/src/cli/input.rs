//! Checks inputs before anything else is done.

use std::io::IsTerminal;

use conversions_files::{InputError, Origin};

use crate::failure::say;

/// Reports an input that cannot be read, and announces that the command waits for a terminal.
pub(crate) fn check(inputs: &[Origin]) -> Result<(), InputError> {
    inputs.iter().try_for_each(Origin::check)?;
    announce_terminal(inputs);
    Ok(())
}

/// Tells a person at a terminal that the command waits for input.
pub(crate) fn announce_terminal(inputs: &[Origin]) {
    if inputs.contains(&Origin::StandardInput) && std::io::stdin().is_terminal() {
        say("Reading events from the terminal, one JSON object a line; Ctrl-D ends it.");
    }
}
