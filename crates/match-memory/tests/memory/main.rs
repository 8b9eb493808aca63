//! The memory from outside: what it tells of whom, in which order it learns, and what it keeps when things go wrong.

#![expect(clippy::expect_used, reason = "what a test takes for granted")]

mod canary;
mod crash;
mod fixture;
mod forget;
mod order;
mod read_only;
mod recall;
