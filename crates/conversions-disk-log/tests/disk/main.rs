//! The log on disk, from outside: what it keeps when the process, the power, the disk or its bytes fail.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "what a test takes for granted"
)]

mod damage;
mod dead_letters;
mod disk;
mod engine;
mod faults;
mod folder;
mod frames;
mod model;
mod room;
mod segments;
mod stage;
