//! What is written to the log, one kind of change per file.

mod absorb;
mod append;
mod put_aside;
mod requeue;
mod settle;

pub(crate) use absorb::Absorb;
pub(crate) use append::Append;
pub(crate) use put_aside::PutAside;
pub(crate) use requeue::Requeue;
pub(crate) use settle::{Outcome, Settle};
