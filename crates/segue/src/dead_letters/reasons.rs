//! Why events are given up, in words for people, and what they can do about it.

use std::collections::BTreeMap;

use conversions_delivery::DeadLetterReason;

/// What a reason means.
pub(crate) fn meaning(reason: DeadLetterReason) -> &'static str {
    match reason {
        DeadLetterReason::Refused => "Meta refused the event, alone in its request.",
        DeadLetterReason::EventTimeTooOld => {
            "It grew older than Meta takes events before it could be delivered."
        }
        DeadLetterReason::TooLarge => "It is larger than Meta takes, alone in its request.",
        DeadLetterReason::RetriesExhausted => {
            "Meta kept answering with an error that may pass, or may be due to the event."
        }
        DeadLetterReason::Damaged => "Its record was damaged on the disk.",
        _ => "",
    }
}

/// What to do about it.
pub(crate) fn advice(reason: DeadLetterReason) -> &'static str {
    match reason {
        DeadLetterReason::Refused => {
            "A replay sends the same event again: it helps when the cause was not in the event. If it was, purge it."
        }
        DeadLetterReason::EventTimeTooOld => {
            "Meta does not take it any more. Export it if it is to be kept, then purge it."
        }
        DeadLetterReason::TooLarge => {
            "It would be refused again. Make events smaller where they come from, then purge it."
        }
        DeadLetterReason::RetriesExhausted => "Replay it.",
        DeadLetterReason::Damaged => "It cannot be sent. Look at the disk, then purge it.",
        _ => "",
    }
}

/// How many there are of each reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts(pub(crate) BTreeMap<DeadLetterReason, u64>);

impl Counts {
    pub(crate) fn count(&mut self, reason: DeadLetterReason) {
        *self.0.entry(reason).or_default() += 1;
    }

    pub(crate) fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// As in `refused 2, too_large 1`.
    pub(crate) fn in_words(&self) -> String {
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
