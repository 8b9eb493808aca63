//! What the messages of a batch have in common.

use facebook_conversions::write_str;
use segment_spec::{ContextDefaults, Kind, Message, Raw};

/// Members that stand beside the list of a batch and count for every message that does not say otherwise.
#[derive(Default)]
pub(crate) struct BatchDefaults<'a> {
    context: Option<ContextDefaults<'a>>,
    integrations: Option<Raw<'a>>,
    sent_at: Option<Raw<'a>>,
    timestamp: Option<Raw<'a>>,
    bytes: usize,
}

impl<'a> BatchDefaults<'a> {
    /// Takes the members `context`, `integrations`, `sentAt` and `timestamp`. A member that is `null` counts as absent,
    /// and so does a `context` or `integrations` that is not an object.
    pub(crate) fn new(
        [context, integrations]: [Option<Raw<'a>>; 2],
        [sent_at, timestamp]: [Option<Raw<'a>>; 2],
    ) -> Self {
        let all = [context, integrations, sent_at, timestamp];
        Self {
            context: context.and_then(ContextDefaults::read),
            integrations: integrations.filter(|raw| raw.kind() == Kind::Object),
            sent_at,
            timestamp,
            bytes: all.iter().flatten().map(|raw| raw.text().len()).sum(),
        }
    }

    /// Bytes of all of them.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Gives a message the members that it lacks. Single entries of `integrations` are
    /// [merged](Self::merge_integrations) instead.
    pub(crate) fn fill(&self, message: &mut Message<'a>) {
        if is_absent(message.integrations) && self.integrations.is_some() {
            message.integrations = self.integrations;
        }
        if let Some(context) = &self.context {
            context.fill(&mut message.context);
        }
        if is_absent(message.sent_at) {
            message.sent_at = self.sent_at;
        }
        // Some clients write the time of sending beside the batch, and when it happened into the message.
        if is_absent(message.timestamp)
            && is_absent(message.original_timestamp)
            && self.timestamp.is_some()
        {
            message.timestamp = self.timestamp;
        }
    }

    /// The `integrations` of a message, with the entries that they lack; `None` if they are no object or lack none.
    pub(crate) fn merge_integrations(&self, own: Option<Raw<'_>>) -> Option<String> {
        let shared = self.integrations?.members()?;
        let (nulls, values): (Vec<_>, Vec<_>) = own?
            .members()?
            .partition(|member| member.value.kind() == Kind::Null);
        let mut merged = String::from("{");
        // Of repeated keys the last one counts: a value of the message wins, its `null` gives way.
        for member in nulls.into_iter().chain(shared).chain(values) {
            if merged.len() > 1 {
                merged.push(',');
            }
            write_str(&member.key, &mut merged);
            merged.push(':');
            merged.push_str(member.value.text());
        }
        merged.push('}');
        Some(merged)
    }
}

/// Whether a member is missing or `null`.
fn is_absent(raw: Option<Raw<'_>>) -> bool {
    raw.is_none_or(|raw| raw.kind() == Kind::Null)
}
