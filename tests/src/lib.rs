//! Tests that cross crates: `tests/` has journeys and laws, `cases/` the expected outcome of single messages.

pub mod arbitrary;
pub mod binary;
pub mod case;
pub mod command_line;
pub mod exchange;
pub mod json_text;
pub mod laws;
pub mod mapped;
pub mod names;
pub mod pages;
pub mod shown;
pub mod statements;
