//! A message made complete: the type that the path gives, what the batch and the request add, times, an id.
//!
//! Completing happens in place, on a message that has been read: a value that is missing is set to a text that the
//! batch, the request or [`GeneratedValues`] own. The message's own text is never written anew.

use std::time::Duration;

use jiff::Timestamp;
use segment_spec::{Message, Raw};
use uuid::Uuid;

use crate::request::batch_defaults::BatchDefaults;
use crate::request::clock_skew;
use crate::request::enrichment::Enrichment;

/// How the messages of one request are completed.
pub(crate) struct Completion<'r> {
    /// The type of messages that have none.
    pub(crate) kind: Option<&'static str>,
    /// What the batch says about each of its messages.
    pub(crate) defaults: &'r BatchDefaults<'r>,
    /// What the request adds.
    pub(crate) enrichment: Enrichment,
    /// When the request came in.
    pub(crate) received_at: Timestamp,
    /// The same as JSON.
    pub(crate) received_at_json: String,
    /// How far off a sender's clock may be; `None` for messages whose times have been corrected before.
    pub(crate) clock_tolerance: Option<Duration>,
}

/// JSON texts of values that one message lacks. The completed message borrows them.
#[derive(Debug, Default)]
pub(crate) struct GeneratedValues {
    integrations: Option<String>,
    kind: Option<String>,
    message_id: Option<String>,
    timestamp: Option<String>,
}

impl Completion<'_> {
    /// Bytes that a message may grow by.
    pub(crate) fn bytes(&self) -> usize {
        self.defaults.bytes() + self.enrichment.bytes()
    }

    /// Completes a message. Its own members stay as they are, except times that are corrected for clock skew.
    pub(crate) fn complete<'m>(
        &'m self,
        message: &mut Message<'m>,
        generated: &'m mut GeneratedValues,
    ) {
        generated.integrations = self.defaults.merge_integrations(message.integrations);
        self.defaults.fill(message);
        self.enrichment.fill(&mut message.context);
        if self.clock_tolerance.is_some() || is_missing(message.received_at) {
            message.received_at = Some(Raw::trusted(&self.received_at_json));
        }
        generated.timestamp = self
            .clock_tolerance
            .and_then(|tolerance| clock_skew::correct(message, self.received_at, tolerance));
        generated.kind = self
            .kind
            .filter(|_| is_missing(message.kind))
            .map(|kind| format!("\"{kind}\""));
        generated.message_id =
            is_missing(message.message_id).then(|| format!("\"api-{}\"", Uuid::new_v4()));

        // All texts are written; from here on the message may borrow them.
        let generated: &'m GeneratedValues = generated;
        set(&mut message.integrations, generated.integrations.as_deref());
        set(&mut message.timestamp, generated.timestamp.as_deref());
        set(&mut message.kind, generated.kind.as_deref());
        set(&mut message.message_id, generated.message_id.as_deref());
    }
}

fn is_missing(raw: Option<Raw<'_>>) -> bool {
    raw.is_none_or(Raw::is_blank)
}

fn set<'m>(member: &mut Option<Raw<'m>>, json: Option<&'m str>) {
    if let Some(json) = json {
        *member = Some(Raw::trusted(json));
    }
}

#[cfg(test)]
mod tests;
