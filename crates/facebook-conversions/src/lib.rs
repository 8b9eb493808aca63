//! Meta's Conversions API as types: server events, the normalization and hashing of customer information, what Meta
//! accepts, what it answers and what each answer means.
//!
//! No network, no clock, no environment and no async runtime: the time of day is a parameter, and sending is somebody
//! else's job. Nothing here knows where an event came from.
//!
//! Everything may depend on this crate; it depends on nothing of this workspace, so that any Rust project can use
//! just the hashing, the validation or the error table.

pub mod error_table;
pub mod hashed;
pub mod normalize;
pub mod reply;
pub mod usage;
