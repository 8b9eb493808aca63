//! The engine, from outside, on tokio's paused clock: no test waits for time.

#![expect(clippy::expect_used, reason = "what a test takes for granted")]

mod arrivals;
mod basics;
mod destinations;
mod ends;
mod faults;
mod holds;
mod meta;
mod observer;
mod poison;
mod stage;
mod telemetry;
mod throttling;
