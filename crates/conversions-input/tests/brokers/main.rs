//! What every input promises, against real brokers. `SEGUE_NATS_SERVER` names the program of a NATS server, `SEGUE_TANSU` that of
//! Tansu, which speaks Kafka's protocol; `SEGUE_TEST_KAFKA=host:port` is a Kafka of one's own instead. Where a broker is
//! missing its tests say so and end. `cargo xtask brokers` installs and names them.

#![cfg_attr(
    any(feature = "kafka", feature = "nats"),
    expect(clippy::print_stdout, reason = "a test says why it does nothing")
)]
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "tests end at what they take for granted"
)]

#[cfg(any(feature = "kafka", feature = "nats"))]
mod certificates;
mod checkpoints;
mod fixture;
#[cfg(feature = "kafka")]
mod front;
#[cfg(feature = "kafka")]
mod kafka;
#[cfg(feature = "kafka")]
mod kafka_access;
#[cfg(feature = "kafka")]
mod kafka_broker;
mod memory;
#[cfg(feature = "nats")]
mod nats;
#[cfg(feature = "nats")]
mod nats_access;
#[cfg(feature = "nats")]
mod nats_outage;
#[cfg(feature = "nats")]
mod nats_replicated;
#[cfg(any(feature = "kafka", feature = "nats"))]
mod process;
#[cfg(any(feature = "kafka", feature = "nats"))]
mod sharing;
#[cfg(any(feature = "kafka", feature = "nats"))]
mod stalls;
#[cfg(feature = "nats")]
mod standing_still;
mod suite;
