//! The endpoint over HTTP: requests of senders, their answers, and the events that reach the sink.

#![expect(
    clippy::expect_used,
    reason = "a test fails by panicking, and says what it had expected"
)]

mod bodies;
mod browsers;
mod captures;
mod connections;
mod keys;
mod messages;
mod operation;
mod pixels;
mod recorder;
mod records;
mod safety;
mod scripts;
mod silence;
mod support;
mod webhooks;
