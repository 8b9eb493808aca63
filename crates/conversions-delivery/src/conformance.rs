//! A conformance suite for implementations of [`EventLog`] (feature `conformance`).
//!
//! The log and a [`Model`] take the same random steps side by side. After each step the log must have done what the
//! model did, and in the end every unsettled event must come out of the log exactly once.
//!
//! A crate that implements a log depends on this crate with the feature in its `[dev-dependencies]` and has one test:
//!
//! ```
//! use std::sync::Arc;
//! use conversions_delivery::{MemoryLog, conformance};
//!
//! conformance::check(&|| Arc::new(MemoryLog::default()));
//! ```
//!
//! Logs that outlive the process take the steps of a [`Run`] one by one, and have crashes and openings in between.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test suite reports by panicking"
)]

use std::sync::Arc;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::{EventLog, UnixMillis};

mod model;
mod run;
pub use model::Model;
pub use run::{Run, lease, lease_keys};

/// The first second of 2026: the time at which a [`Run`] starts.
pub const NOW: UnixMillis = UnixMillis(1_767_225_600_000);

/// How far [`Step::Wait`] moves the clock, and how far ahead events are deferred: ten minutes, in milliseconds.
pub const TEN_MINUTES: i64 = 600_000;

/// What a log is asked to do.
#[derive(Clone, Debug)]
pub enum Step {
    /// Append a group of frames, each with this many events.
    Append(Vec<usize>),
    /// Append a frame of this many events, every third of them due in ten minutes.
    AppendAhead(usize),
    /// Append a frame of events, each with one of four `messageId`s.
    Repeat(Vec<u8>),
    /// Lease at most this many events.
    Lease(usize),
    /// Acknowledge every one, or every second, of the leased events.
    Acknowledge {
        /// 1 or 2.
        every: usize,
    },
    /// Release every one, or every second, of the leased events.
    Release {
        /// 1 or 2.
        every: usize,
    },
    /// Release every one, or every second, of the leased events until ten minutes from now.
    Defer {
        /// 1 or 2.
        every: usize,
    },
    /// Dead-letter the first of the leased events.
    DeadLetter,
    /// Let ten minutes pass.
    Wait,
}

/// Random steps, appending and leasing most often.
pub fn steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => vec(1..8_usize, 1..4).prop_map(Step::Append),
        1 => (1..8_usize).prop_map(Step::AppendAhead),
        1 => vec(0..4_u8, 1..4).prop_map(Step::Repeat),
        4 => (1..9_usize).prop_map(Step::Lease),
        3 => (1..3_usize).prop_map(|every| Step::Acknowledge { every }),
        2 => (1..3_usize).prop_map(|every| Step::Release { every }),
        1 => (1..3_usize).prop_map(|every| Step::Defer { every }),
        1 => Just(Step::DeadLetter),
        1 => Just(Step::Wait),
    ]
}

/// Checks that the logs which `open` makes, each of them empty, do what the model does.
///
/// # Panics
///
/// When one does not: with the shortest list of steps that shows it.
pub fn check(open: &dyn Fn() -> Arc<dyn EventLog>) {
    check_patiently(open, Duration::ZERO, 64);
}

/// As [`check`], for a log that is elsewhere: what was done may take up to `patience` until it shows. `lists` is how
/// many lists of steps are tried.
///
/// # Panics
///
/// As [`check`].
pub fn check_patiently(open: &dyn Fn() -> Arc<dyn EventLog>, patience: Duration, lists: u32) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    // 64 lists take a second with a log that syncs; failures are not saved, since they depend on the log.
    let config = Config {
        cases: lists,
        failure_persistence: None,
        ..Config::default()
    };
    let checked = TestRunner::new(config).run(&vec(steps(), 1..60), |steps| {
        runtime.block_on(async {
            let log = open();
            let mut run = Run {
                patience,
                ..Run::default()
            };
            for step in steps {
                assert!(run.step(&*log, &step).await, "{step:?} failed");
                run.check_backlog(&*log).await;
            }
            run.release_all(&*log).await;
            run.drain(&*log).await;
        });
        Ok(())
    });
    if let Err(error) = checked {
        panic!("{error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryLog;

    #[test]
    fn the_memory_log_conforms() {
        check(&|| Arc::new(MemoryLog::default()));
    }
}
