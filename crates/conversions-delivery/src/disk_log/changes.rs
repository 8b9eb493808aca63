//! What is written to the log, one kind of change per file.

mod absorb;
mod append;
mod put_aside;
mod requeue;
mod settle;

pub(super) use absorb::Absorb;
pub(super) use append::Append;
pub(super) use put_aside::PutAside;
pub(super) use requeue::Requeue;
pub(super) use settle::{Outcome, Settle};
