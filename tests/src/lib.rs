//! Journeys and laws that cross crates; see `tests/`, and `cases/` for what becomes of which message.

pub mod arbitrary;
pub mod binary;
pub mod case;
pub mod json_text;
pub mod laws;
pub mod mapped;
pub mod names;
pub mod shown;
pub mod statements;
