//! What every input promises, against real brokers: `nats-server` on the path or where `SEGUE_NATS_SERVER` says. Where a
//! broker is missing its tests say so and end. `cargo xtask brokers` installs and names them.

#![cfg_attr(
    feature = "nats",
    expect(clippy::print_stdout, reason = "a test says why it does nothing")
)]
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "tests end at what they take for granted"
)]

mod fixture;
mod memory;
#[cfg(feature = "nats")]
mod nats;
#[cfg(feature = "nats")]
mod process;
#[cfg(feature = "nats")]
mod sharing;
mod suite;
