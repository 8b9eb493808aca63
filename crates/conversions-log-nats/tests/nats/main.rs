//! Tests against real servers. They need `nats-server`: on the path, or where `SEGUE_NATS_SERVER` says. Without it each
//! says so and ends.

#![expect(
    clippy::expect_used,
    reason = "tests end at what they take for granted"
)]

mod acknowledging;
mod conformance;
mod damage;
mod dead_letters;
mod groups;
mod nodes;
mod poison;
mod proxy;
mod server;
mod streams;
mod three_servers;
mod times;
