//! Counts of what became of the lines.

use std::collections::BTreeMap;
use std::fmt;

use conversions_mapping::{MessageFault, Outcome, RejectReason, SkipReason};
use facebook_conversions::validation::Violation;
use serde::Serialize;
use serde_json::Value;

use crate::terminal::{counted, grouped};

/// What became of the lines read so far: read = accepted + skipped + rejected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Tally {
    /// Lines that were not blank.
    pub(crate) read: u64,
    /// Lines with an event to send.
    pub(crate) accepted: u64,
    /// Lines that are not for this destination, by reason.
    pub(crate) skipped: BTreeMap<&'static str, u64>,
    /// Lines that should have been sent and cannot be, by reason.
    pub(crate) rejected: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// Reads what its `Serialize` wrote. Reasons that are not known any more are counted under their nearest kin, so
    /// that sums stay right.
    pub(crate) fn read(value: &Value) -> Self {
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

    pub(crate) fn count(&mut self, outcome: &Outcome<'_>) {
        match outcome {
            Outcome::Accepted(_) => self.accept(),
            Outcome::Skipped(reason) => self.skip(*reason),
            Outcome::Rejected(rejection) => self.reject(rejection.reason),
        }
    }

    pub(crate) fn accept(&mut self) {
        self.read += 1;
        self.accepted += 1;
    }

    pub(crate) fn skip(&mut self, reason: SkipReason) {
        self.read += 1;
        *self.skipped.entry(reason.name()).or_default() += 1;
    }

    pub(crate) fn reject(&mut self, reason: RejectReason) {
        self.read += 1;
        *self.rejected.entry(reason.name()).or_default() += 1;
    }

    /// What was accepted is skipped after all.
    pub(crate) fn take_back(&mut self, reason: SkipReason) {
        self.accepted = self.accepted.saturating_sub(1);
        *self.skipped.entry(reason.name()).or_default() += 1;
    }

    /// Adds another tally and empties it.
    pub(crate) fn take(&mut self, other: &mut Self) {
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

    pub(crate) fn total_skipped(&self) -> u64 {
        self.skipped.values().sum()
    }

    pub(crate) fn total_rejected(&self) -> u64 {
        self.rejected.values().sum()
    }
}

/// One line for people.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} read", counted(self.read, "line", "lines"))?;
        write!(f, ", {} accepted", grouped(self.accepted))?;
        for (what, reasons) in [("skipped", &self.skipped), ("rejected", &self.rejected)] {
            write!(f, ", {} {what}", grouped(reasons.values().sum()))?;
            let reasons: Vec<_> = reasons
                .iter()
                .map(|(reason, count)| format!("{reason} {}", grouped(*count)))
                .collect();
            if !reasons.is_empty() {
                write!(f, " ({})", reasons.join(", "))?;
            }
        }
        Ok(())
    }
}
