//! What delivery tells of its requests, on its way to the task that makes spans.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use conversions_delivery::Verdict;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Reports that wait for their spans, at most. More are dropped.
const MAX_WAITING: usize = 1024;

/// What happened to events.
pub(super) struct Report {
    pub(super) keys: Vec<u64>,
    pub(super) destination: Arc<str>,
    pub(super) ended: SystemTime,
    pub(super) told: Instant,
    pub(super) what: What,
}

/// What it is.
pub(super) enum What {
    Attempted {
        took: Duration,
        number: u32,
        outcome: &'static str,
        /// What Meta or the network said, if the request failed.
        verdict: Verdict,
        fbtrace_id: Option<String>,
    },
    Delivered,
    DeadLettered(&'static str),
}

/// Where delivery tells what happened.
#[derive(Clone)]
pub(super) struct Reports(mpsc::Sender<Report>);

/// What was told.
pub(super) struct Inbox(pub(super) mpsc::Receiver<Report>);

pub(super) fn reports() -> (Reports, Inbox) {
    let (sender, receiver) = mpsc::channel(MAX_WAITING);
    (Reports(sender), Inbox(receiver))
}

impl Reports {
    /// Tells it, unless too much waits: spans must not slow down delivery.
    pub(super) fn tell(&self, report: Report) {
        let _ = self.0.try_send(report);
    }
}
