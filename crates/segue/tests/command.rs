//! The command's contract, driven through the real binary: what it prints where, and how it exits.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot run the command has failed"
)]

#[path = "command/bad_input.rs"]
mod bad_input;
#[path = "command/data_folder.rs"]
mod data_folder;
#[path = "command/explain_and_check.rs"]
mod explain_and_check;
#[path = "command/first_minutes.rs"]
mod first_minutes;
#[cfg(unix)]
#[path = "command/interrupted.rs"]
mod interrupted;
#[path = "command/map.rs"]
mod map;
#[path = "command/move_in.rs"]
mod move_in;
#[path = "command/run.rs"]
mod run;
#[path = "command/send.rs"]
mod send;
#[cfg(target_os = "linux")]
#[path = "command/terminal.rs"]
mod terminal;
