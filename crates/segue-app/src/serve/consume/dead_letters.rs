//! Dead letters where the broker is the log: they go to where rejected records go.

use std::collections::BTreeMap;

use conversions_delivery::{DeadLetter, LogError, Verdict};
use conversions_input::{Payload, Rejection};

use super::rejects::Rejects;
use super::tracker::{Origin, ReaderId};

/// Writes dead letters to where rejected records of their input go.
#[derive(Debug)]
pub(super) struct DeadLetterWriter {
    rejects: BTreeMap<ReaderId, Rejects>,
}

impl DeadLetterWriter {
    pub(super) fn new(rejects: BTreeMap<ReaderId, Rejects>) -> Self {
        Self { rejects }
    }

    /// Writes a letter, with the event as it was sent; it is durable when this returns.
    ///
    /// # Errors
    ///
    /// The place does not take it at the moment; it is tried again.
    pub(super) async fn write(&self, origin: &Origin, letter: &DeadLetter) -> Result<(), LogError> {
        let Some(rejects) = self.rejects.get(&origin.reader) else {
            return Ok(());
        };
        let rejection = Rejection {
            position: origin.position.clone(),
            reason: reason(letter),
            payload: Payload::Bytes(letter.event.clone()),
        };
        let written = rejects.write(rejection).await;
        written.map_err(|reason| LogError::Unavailable { reason })
    }
}

/// Names and numbers only: the texts of Meta may quote values.
fn reason(letter: &DeadLetter) -> String {
    let mut reason = format!(
        "dead_letter at {}: {}",
        letter.destination,
        letter.reason.name()
    );
    let codes = letter.verdict.as_ref().map(|verdict: &Verdict| {
        let numbers = [
            ("status", verdict.status.map(i64::from)),
            ("code", verdict.code),
            ("subcode", verdict.subcode),
        ];
        numbers
            .into_iter()
            .filter_map(|(name, number)| Some(format!(", {name} {}", number?)))
            .collect::<String>()
    });
    reason.push_str(&codes.unwrap_or_default());
    reason
}
