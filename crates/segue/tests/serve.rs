//! `segue serve` through the real binary: what it says, what it takes, and that nothing that it acknowledged is lost.
#![cfg(unix)]
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot run the command has failed"
)]

#[path = "serve/console.rs"]
mod console;
#[path = "serve/contract.rs"]
mod contract;
#[path = "serve/full_disk.rs"]
mod full_disk;
#[path = "serve/history.rs"]
mod history;
#[path = "serve/http.rs"]
mod http;
#[path = "serve/killed.rs"]
mod killed;
#[path = "serve/many.rs"]
mod many;
#[path = "serve/memory.rs"]
mod memory;
#[path = "serve/memory_disk.rs"]
mod memory_disk;
#[path = "serve/memory_groups.rs"]
mod memory_groups;
#[path = "serve/monitoring.rs"]
mod monitoring;
#[path = "serve/personal.rs"]
mod personal;
#[path = "serve/reload.rs"]
mod reload;
#[path = "serve/server.rs"]
mod server;
