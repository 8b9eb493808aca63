//! The endpoint over HTTP: what senders send, and what they and the sink get.

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
mod safety;
mod silence;
mod support;
mod webhooks;
