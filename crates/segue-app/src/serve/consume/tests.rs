//! Journeys from a topic in memory to a receiver that fails on demand: no position moves over what is not settled.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, and says what it had expected"
)]

mod delivered;
mod kills;
mod stage;
mod stored;
