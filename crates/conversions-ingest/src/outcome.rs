//! What became of the messages of a request, in numbers.

use std::sync::Arc;

/// What became of a message at one destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// An event was formed and is safe.
    Accepted,
    /// Not for the destination; nothing is wrong.
    Skipped,
    /// Should have been sent and cannot be.
    Rejected,
}

impl Verdict {
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

/// How many messages of a request met the same fate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeCount {
    /// Name of the destination; `None` when the message was refused before any.
    pub destination: Option<Arc<str>>,
    /// What became of them.
    pub verdict: Verdict,
    /// The stable name of the reason; empty for accepted ones.
    pub reason: &'static str,
    /// How many.
    pub count: u64,
}

/// Counts outcomes. There are few different ones in a request, so a list will do.
#[derive(Debug, Default)]
pub(crate) struct Tally(Vec<OutcomeCount>);

impl Tally {
    pub(crate) fn add(
        &mut self,
        destination: Option<&Arc<str>>,
        verdict: Verdict,
        reason: &'static str,
    ) {
        let same = |known: &&mut OutcomeCount| {
            known.verdict == verdict
                && known.reason == reason
                && known.destination.as_ref() == destination
        };
        match self.0.iter_mut().find(same) {
            Some(known) => known.count += 1,
            None => self.0.push(OutcomeCount {
                destination: destination.cloned(),
                verdict,
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
    use super::{Tally, Verdict};

    #[test]
    fn equal_fates_are_counted_together() {
        let (mut tally, shop) = (Tally::default(), "shop".into());
        tally.add(Some(&shop), Verdict::Accepted, "");
        tally.add(Some(&shop), Verdict::Skipped, "not_track");
        tally.add(Some(&shop), Verdict::Accepted, "");
        tally.add(None, Verdict::Rejected, "event_not_string");
        let counts: Vec<_> = tally.as_slice().iter().map(|one| one.count).collect();
        assert_eq!(counts, [2, 1, 1]);
    }
}
