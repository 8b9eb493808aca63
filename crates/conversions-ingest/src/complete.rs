//! The short way to a complete message: one that needs nothing added in its objects is completed after it was read, and
//! not written and read again.

use segment_spec::{Message, Raw};
use uuid::Uuid;

use crate::compose::Composer;
use crate::object::is_blank;
use crate::shared::Shared;
use crate::skew::{self, Times};

/// Texts of values that a message did not have.
#[derive(Debug, Default)]
pub(crate) struct Made {
    kind: String,
    message_id: String,
    timestamp: String,
}

impl Composer<'_> {
    /// Whether messages can be completed after they were read.
    pub(crate) fn takes_short_way(&self, shared: &Shared<'_>) -> bool {
        self.additions.is_empty() && !shared.has_objects()
    }

    /// Completes a message that was read, as [`compose`](Self::compose) does when it writes one.
    pub(crate) fn complete<'m>(
        &'m self,
        message: &mut Message<'m>,
        shared: &Shared<'m>,
        made: &'m mut Made,
    ) {
        let is_missing = |raw: Option<Raw<'_>>| raw.is_none_or(|raw| is_blank(raw.text()));
        message.sent_at = some(message.sent_at).or(shared.sent_at);
        let time = some(message.timestamp).or(some(message.original_timestamp));
        if time.is_none() {
            message.timestamp = shared.timestamp.or(message.timestamp);
        }
        let is_straight = self.clock_tolerance.is_some();
        if is_straight || is_missing(message.received_at) {
            message.received_at = Raw::read(&self.received_at_json);
        }
        let times = Times {
            timestamp: some(message.timestamp).map(Raw::text),
            original: some(message.original_timestamp).map(Raw::text),
            sent_at: some(message.sent_at).map(Raw::text),
        };
        let corrected = self
            .clock_tolerance
            .and_then(|tolerance| skew::corrected(times, self.received_at, tolerance));
        let original = corrected.map(|corrected| {
            made.timestamp = corrected.timestamp.unwrap_or_default();
            corrected.original
        });
        let kind = self.kind.filter(|_| is_missing(message.kind));
        if let Some(kind) = kind {
            made.kind = format!("\"{kind}\"");
        }
        let lacks_id = is_missing(message.message_id);
        if lacks_id {
            made.message_id = format!("\"api-{}\"", Uuid::new_v4());
        }
        // All texts are made: from here on they are only lent.
        let made: &'m Made = made;
        if let Some(original) = original {
            message.original_timestamp = Raw::read(original);
            let corrected = Raw::read(&made.timestamp);
            message.timestamp = corrected.or(message.original_timestamp);
        }
        if kind.is_some() {
            message.kind = Raw::read(&made.kind);
        }
        if lacks_id {
            message.message_id = Raw::read(&made.message_id);
        }
    }
}

/// A value that is there: `null` counts as absent.
fn some(raw: Option<Raw<'_>>) -> Option<Raw<'_>> {
    raw.filter(|raw| raw.text() != "null")
}
