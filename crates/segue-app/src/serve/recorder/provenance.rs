//! Where the fields of an event came from, for some of the events.
//!
//! Mapping without notes is what makes `serve` fast. A message is mapped once more, with notes, so many times a second.

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use conversions_history::trace::{FieldProvenance, Provenance};
use conversions_ingest::RecordedMessage;
use conversions_mapping::{Mapped, Outcome};

/// Messages that are mapped with notes each second.
const PER_SECOND: u32 = 20;
/// Fields that are listed of an event.
const MAX_FIELDS: usize = 100;

/// Lets about so many messages a second pass: a few more when threads ask at the same moment.
#[derive(Debug, Default)]
pub(super) struct ProvenanceLimit {
    second: AtomicI64,
    passed: AtomicU32,
}

impl ProvenanceLimit {
    fn admits(&self, second: i64) -> bool {
        // Nearly always the answer is no, and reading does not disturb the other threads.
        if self.second.load(Ordering::Relaxed) != second {
            self.second.store(second, Ordering::Relaxed);
            self.passed.store(0, Ordering::Relaxed);
        } else if self.passed.load(Ordering::Relaxed) >= PER_SECOND {
            return false;
        }
        self.passed.fetch_add(1, Ordering::Relaxed) < PER_SECOND
    }

    /// Where the fields of a message's event came from, if it is this message's turn.
    pub(super) fn provenance(&self, recorded: &RecordedMessage<'_>) -> Option<Provenance> {
        let (message, at_destination) = (recorded.message?, recorded.mapped?);
        if matches!(at_destination.outcome, Outcome::Skipped(_))
            || !self.admits(recorded.received_at.as_second())
        {
            return None;
        }
        let mut noting = at_destination.mapping.mapper().with_notes(true);
        match noting.map_message(message, recorded.received_at) {
            Outcome::Accepted(mapped) => Some(of(&mapped)),
            Outcome::Rejected(rejection) => rejection.mapped.as_deref().map(of),
            Outcome::Skipped(_) => None,
        }
    }
}

fn of(mapped: &Mapped<'_>) -> Provenance {
    let field = |note: &conversions_mapping::Note<'_>| {
        Some(FieldProvenance {
            field: note.field.as_ref()?.to_string(),
            source: note
                .from
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
            effect: note.effect.name().to_owned(),
        })
    };
    let warnings = mapped.warnings.iter();
    Provenance {
        fields: mapped
            .notes
            .iter()
            .filter_map(field)
            .take(MAX_FIELDS)
            .collect(),
        warnings: warnings.map(|warning| warning.name().to_owned()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_messages_a_second_are_admitted() {
        let limit = ProvenanceLimit::default();
        for second in [100, 101, 99] {
            let admitted = (0..50).filter(|_| limit.admits(second)).count();
            assert_eq!(admitted, PER_SECOND as usize);
        }
    }
}
