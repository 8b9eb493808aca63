//! Inputs of a command are checked before anything else is done.

use std::io::IsTerminal;

use conversions_files::{InputError, Origin};

use crate::failure::say;

/// Reports an input that cannot be read, and tells the user when the command waits for a terminal.
pub(crate) fn check(inputs: &[Origin]) -> Result<(), InputError> {
    inputs.iter().try_for_each(Origin::check)?;
    if inputs.contains(&Origin::StandardInput) && std::io::stdin().is_terminal() {
        say("Reading events from the terminal, one JSON object a line; Ctrl-D ends it.");
    }
    Ok(())
}
