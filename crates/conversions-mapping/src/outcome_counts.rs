//! Counts of what became of messages.

use std::collections::BTreeMap;

use facebook_conversions::validation::Violation;
use serde::Serialize;
use serde_json::Value;

use crate::outcome::{MessageFault, Outcome, RejectReason, SkipReason};

/// What became of the messages read so far: `read` = `accepted` + all of `skipped` + all of `rejected`.
///
/// ```
/// use conversions_mapping::{Mapping, OutcomeCounts, Settings};
///
/// let mapping = Mapping::new(Settings::default())?;
/// let now = "2026-11-20T12:00:00Z".parse()?;
/// let mut counts = OutcomeCounts::default();
/// for line in [&br#"{"type":"page"}"#[..], b"[]"] {
///     mapping.mapper().map_bytes(line, now, |outcome| counts.count(&outcome));
/// }
/// assert_eq!((counts.read, counts.total_skipped(), counts.total_rejected()), (2, 1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OutcomeCounts {
    /// All messages; blank lines are none.
    pub read: u64,
    /// Messages with an event to send.
    pub accepted: u64,
    /// Messages that are not for the destination, by the name of the [`SkipReason`].
    pub skipped: BTreeMap<&'static str, u64>,
    /// Messages that should have been sent and cannot be, by the name of the [`RejectReason`].
    pub rejected: BTreeMap<&'static str, u64>,
}

impl OutcomeCounts {
    /// Reads the JSON that `Serialize` wrote, perhaps by another version. A reason that this version does not know counts
    /// as `not_track` or `not_a_message`, so that the sums stay right.
    #[must_use]
    pub fn from_json(value: &Value) -> Self {
        let reasons =
            |kind: &str, known: &dyn Fn(&str) -> Option<&'static str>, other: &'static str| {
                let mut counts = BTreeMap::new();
                for (name, count) in value[kind].as_object().into_iter().flatten() {
                    *counts.entry(known(name).unwrap_or(other)).or_default() +=
                        count.as_u64().unwrap_or(0);
                }
                counts
            };
        let skip = |name: &str| {
            SkipReason::ALL
                .iter()
                .map(|skip| skip.name())
                .find(|known| *known == name)
        };
        let reject = |name: &str| {
            let faults = MessageFault::ALL.iter().map(|fault| fault.name());
            let mut all = faults.chain(Violation::ALL.iter().map(|violation| violation.name()));
            all.find(|known| *known == name)
        };
        Self {
            read: value["read"].as_u64().unwrap_or(0),
            accepted: value["accepted"].as_u64().unwrap_or(0),
            skipped: reasons("skipped", &skip, SkipReason::NotTrack.name()),
            rejected: reasons("rejected", &reject, MessageFault::NotAMessage.name()),
        }
    }

    /// Counts an outcome.
    pub fn count(&mut self, outcome: &Outcome<'_>) {
        match outcome {
            Outcome::Accepted(_) => self.count_accepted(),
            Outcome::Skipped(reason) => self.count_skipped(*reason),
            Outcome::Rejected(rejection) => self.count_rejected(rejection.reason),
        }
    }

    /// Counts an accepted message.
    pub fn count_accepted(&mut self) {
        self.read += 1;
        self.accepted += 1;
    }

    /// Counts a skipped message.
    pub fn count_skipped(&mut self, reason: SkipReason) {
        self.read += 1;
        *self.skipped.entry(reason.name()).or_default() += 1;
    }

    /// Counts a rejected message.
    pub fn count_rejected(&mut self, reason: RejectReason) {
        self.read += 1;
        *self.rejected.entry(reason.name()).or_default() += 1;
    }

    /// Counts an accepted message as skipped instead: only the event log finds duplicates.
    pub fn move_to_skipped(&mut self, reason: SkipReason) {
        self.accepted = self.accepted.saturating_sub(1);
        *self.skipped.entry(reason.name()).or_default() += 1;
    }

    /// Adds other counts and leaves them at zero.
    pub fn merge(&mut self, other: &mut Self) {
        self.read += std::mem::take(&mut other.read);
        self.accepted += std::mem::take(&mut other.accepted);
        for (own, others) in [
            (&mut self.skipped, &mut other.skipped),
            (&mut self.rejected, &mut other.rejected),
        ] {
            for (reason, count) in std::mem::take(others) {
                *own.entry(reason).or_default() += count;
            }
        }
    }

    /// All skipped messages.
    #[must_use]
    pub fn total_skipped(&self) -> u64 {
        self.skipped.values().sum()
    }

    /// All rejected messages.
    #[must_use]
    pub fn total_rejected(&self) -> u64 {
        self.rejected.values().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_as_they_were_written() {
        let mut counts = OutcomeCounts::default();
        counts.count_accepted();
        counts.count_accepted();
        counts.move_to_skipped(SkipReason::Duplicate);
        counts.count_skipped(SkipReason::NotTrack);
        counts.count_rejected(RejectReason::Message(MessageFault::InvalidJson));
        let written = serde_json::to_value(&counts).unwrap();
        assert_eq!(OutcomeCounts::from_json(&written), counts);
    }

    #[test]
    fn unknown_reasons_keep_their_counts() {
        let counts = OutcomeCounts::from_json(&serde_json::json!({
            "read": 5, "accepted": 0, "skipped": {"of_the_future": 2}, "rejected": {"of_the_past": 3},
        }));
        assert_eq!((counts.total_skipped(), counts.total_rejected()), (2, 3));
    }
}
