//! What is written to the log, one kind of change per file.

mod append;
mod checkpoint;
mod defer;
mod requeue;
mod rescue;
mod settle;

pub(crate) use append::Append;
pub(crate) use checkpoint::Checkpoint;
pub(crate) use defer::Defer;
pub(crate) use requeue::Requeue;
pub(crate) use rescue::{Rescue, segment_to_rescue};
pub(crate) use settle::{Outcome, settle};
