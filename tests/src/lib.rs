//! Journeys and laws that cross crates; see `tests/`.
