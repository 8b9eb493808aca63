//! Journeys and laws that cross crates; see `tests/`, and `cases/` for what happens to which event.

pub mod case;
pub mod json_text;
pub mod statements;
