//! The pages over made-up data, as a browser and a program ask for them.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

mod access;
mod api;
mod browser;
mod live;
mod made_up;
mod pages;
