//! What became of the messages of a request.

use std::sync::Arc;

use serde::Serialize;

/// What became of a message at one destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutcomeKind {
    /// Its event was stored.
    Accepted,
    /// It is not for the destination; nothing is wrong.
    Skipped,
    /// It should be sent, and cannot be.
    Rejected,
}

impl OutcomeKind {
    /// The stable name: `accepted`, `skipped`, `rejected`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Skipped => "skipped",
            Self::Rejected => "rejected",
        }
    }
}

/// How many messages of a request had the same outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeCount {
    /// Name of the destination; `None` when the message was refused before any.
    pub destination: Option<Arc<str>>,
    /// What became of them.
    pub kind: OutcomeKind,
    /// The stable name of the reason; empty for accepted ones.
    pub reason: &'static str,
    /// How many.
    pub count: u64,
}

/// Rejected messages of a batch that its answer lists at most.
pub(crate) const MAX_LISTED: usize = 100;

/// A message of a batch that was rejected while others were accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct RejectedItem {
    /// Its position in the batch, from 0.
    pub(crate) index: usize,
    /// The code of the reason.
    pub(crate) code: &'static str,
}

/// Counts outcomes. A request has few different ones, so a list is faster than a map.
#[derive(Debug, Default)]
pub(crate) struct OutcomeCounts(Vec<OutcomeCount>);

impl OutcomeCounts {
    /// Counts one message.
    pub(crate) fn add(
        &mut self,
        destination: Option<&Arc<str>>,
        kind: OutcomeKind,
        reason: &'static str,
    ) {
        let same = |known: &&mut OutcomeCount| {
            known.kind == kind
                && known.reason == reason
                && known.destination.as_ref() == destination
        };
        match self.0.iter_mut().find(same) {
            Some(known) => known.count += 1,
            None => self.0.push(OutcomeCount {
                destination: destination.cloned(),
                kind,
                reason,
                count: 1,
            }),
        }
    }

    pub(crate) fn as_slice(&self) -> &[OutcomeCount] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{OutcomeCounts, OutcomeKind};

    #[test]
    fn equal_outcomes_are_counted_together() {
        let (mut counts, shop) = (OutcomeCounts::default(), "shop".into());
        counts.add(Some(&shop), OutcomeKind::Accepted, "");
        counts.add(Some(&shop), OutcomeKind::Skipped, "not_track");
        counts.add(Some(&shop), OutcomeKind::Accepted, "");
        counts.add(None, OutcomeKind::Rejected, "event_not_string");
        let counts: Vec<_> = counts.as_slice().iter().map(|one| one.count).collect();
        assert_eq!(counts, [2, 1, 1]);
    }
}
