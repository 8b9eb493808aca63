//! The sandbox over HTTP: its answers, and what it stores.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails with it")]

mod any_bytes;
#[cfg(unix)]
mod command;
mod duplicates;
mod faults;
mod listening;
mod received;
mod requests;
mod support;
mod switch;
