//! Why events were given up, and what to do about it.

use std::collections::BTreeMap;

use conversions_delivery::DeadLetterReason;

/// What a reason means, as a sentence.
#[must_use]
pub fn meaning(reason: DeadLetterReason) -> &'static str {
    match reason {
        DeadLetterReason::Refused => "Meta refused the event, alone in its request.",
        DeadLetterReason::EventTimeTooOld => {
            "It became too old for Meta before it could be delivered."
        }
        DeadLetterReason::TooLarge => "It is larger than Meta accepts, alone in its request.",
        DeadLetterReason::RetriesExhausted => {
            "Meta kept answering with an error that may be temporary, or may be due to the event."
        }
        DeadLetterReason::Damaged => "Its record was damaged on the disk.",
        DeadLetterReason::PoisonFrame => {
            "Machine after machine got it from the cluster, and none of them finished it."
        }
        _ => "",
    }
}

/// What to do about it, as a sentence.
#[must_use]
pub fn advice(reason: DeadLetterReason) -> &'static str {
    match reason {
        DeadLetterReason::Refused => {
            "A replay sends the same event again: it helps if the cause was not in the event. Otherwise purge it."
        }
        DeadLetterReason::EventTimeTooOld => {
            "Meta no longer accepts it. Export it if you want to keep it, then purge it."
        }
        DeadLetterReason::TooLarge => {
            "It would be refused again. Make events smaller at their source, then purge it."
        }
        DeadLetterReason::RetriesExhausted => "Replay it.",
        DeadLetterReason::Damaged => "It cannot be sent. Check the disk, then purge it.",
        DeadLetterReason::PoisonFrame => {
            "Find out whether machines died or lost their connection at that time. If they did for another reason, replay it."
        }
        _ => "",
    }
}

/// How many dead letters there are of each reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReasonCounts(pub BTreeMap<DeadLetterReason, u64>);

impl ReasonCounts {
    /// Counts one.
    pub fn count(&mut self, reason: DeadLetterReason) {
        *self.0.entry(reason).or_default() += 1;
    }

    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// As in `refused 2, too_large 1`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let words = self
            .0
            .iter()
            .map(|(reason, count)| format!("{reason} {count}"));
        words.collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_explained() {
        for reason in DeadLetterReason::ALL {
            for text in [meaning(reason), advice(reason)] {
                assert!(text.ends_with('.') && text.len() > 9, "{reason}: {text}");
            }
        }
    }
}
