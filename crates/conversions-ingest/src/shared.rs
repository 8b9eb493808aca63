//! What the messages of a batch have in common.

use segment_spec::Raw;

use crate::enrich::Additions;
use crate::object::{Object, is_object};

/// Members that stand beside the list of a batch and count for every message that does not say otherwise.
#[derive(Default)]
pub(crate) struct Shared<'a> {
    context: Object<'a>,
    integrations: Object<'a>,
    pub(crate) sent_at: Option<Raw<'a>>,
    pub(crate) timestamp: Option<Raw<'a>>,
}

impl<'a> Shared<'a> {
    /// Of the members that count, the objects first.
    pub(crate) fn of(
        [context, integrations]: [Option<Raw<'a>>; 2],
        [sent_at, timestamp]: [Option<Raw<'a>>; 2],
    ) -> Self {
        let object = |raw: Option<Raw<'a>>| {
            raw.and_then(|raw| Object::read(raw.text()))
                .unwrap_or_default()
        };
        Self {
            context: object(context),
            integrations: object(integrations),
            sent_at,
            timestamp,
        }
    }

    /// Whether it adds to the objects of a message.
    pub(crate) fn has_objects(&self) -> bool {
        !self.context.is_empty() || !self.integrations.is_empty()
    }

    /// Completes a message, lastly with what the request adds to its context. Objects are merged member by member, not
    /// deeper: the traits of one user must not mix with those of another. What the message says wins.
    pub(crate) fn complete(&self, message: &mut Object<'a>, additions: &Additions) {
        if (!self.context.is_empty() || !additions.is_empty())
            && let Some(mut context) = own("context", message)
        {
            context.fill_from(&self.context);
            additions.apply(&mut context);
            let context = context.to_json();
            message.set("context", context);
        }
        if !self.integrations.is_empty()
            && let Some(mut integrations) = own("integrations", message)
        {
            integrations.fill_from(&self.integrations);
            let integrations = integrations.to_json();
            message.set("integrations", integrations);
        }
        if let (Some(sent_at), None) = (self.sent_at, message.get("sentAt")) {
            message.set("sentAt", sent_at.text());
        }
        // Some clients write the time of sending here, and when it happened into the message.
        let has_time = ["timestamp", "originalTimestamp"]
            .iter()
            .any(|key| message.get(key).is_some());
        if let (Some(timestamp), false) = (self.timestamp, has_time) {
            message.set("timestamp", timestamp.text());
        }
    }
}

/// A member that is an object, or is missing; `None` if it is something else, which then stands.
fn own<'m>(key: &str, message: &'m Object<'_>) -> Option<Object<'m>> {
    match message.get(key) {
        Some(own) if is_object(own) => Object::read(own),
        Some(_) => None,
        None => Some(Object::default()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Raw, Shared};
    use crate::enrich::Additions;
    use crate::object::Object;

    fn completed(batch: &str, message: &str) -> String {
        let batch = Raw::read(batch).expect("a batch");
        let objects = ["context", "integrations"].map(|key| batch.get(key));
        let shared = Shared::of(objects, ["sentAt", "timestamp"].map(|key| batch.get(key)));
        let mut message = Object::read(message).expect("a message");
        shared.complete(&mut message, &Additions::default());
        message.to_json()
    }

    #[test]
    fn the_message_wins_member_by_member() {
        let batch = r#"{"context":{"ip":"1.1.1.1","traits":{"email":"a"}},"integrations":{"All":false,"X":1.0}}"#;
        let message =
            r#"{"context":{"ip":"2.2.2.2","traits":{"phone":1}},"integrations":{"X":2.50}}"#;
        assert_eq!(
            completed(batch, message),
            r#"{"context":{"ip":"2.2.2.2","traits":{"phone":1}},"integrations":{"X":2.50,"All":false}}"#
        );
    }

    #[test]
    fn what_the_message_lacks_is_added_as_it_stands() {
        let batch = r#"{"context":{"n":0.10},"sentAt":"s","timestamp":"t"}"#;
        assert_eq!(
            completed(batch, r#"{"event":"E","context":null}"#),
            r#"{"event":"E","context":{"n":0.10},"sentAt":"s","timestamp":"t"}"#
        );
        assert_eq!(
            completed(batch, r#"{"originalTimestamp":"o","context":7}"#),
            r#"{"originalTimestamp":"o","context":7,"sentAt":"s"}"#
        );
    }

    proptest! {
        #[test]
        fn merging_is_the_union_and_the_message_wins(
            shared in prop::collection::btree_map("[a-d]{1,2}", 0..9u8, 0..6),
            own in prop::collection::btree_map("[a-d]{1,2}", 10..19u8, 0..6),
        ) {
            let json = |map| serde_json::to_string(map).expect("JSON");
            let merged = completed(
                &format!(r#"{{"context":{}}}"#, json(&shared)),
                &format!(r#"{{"context":{}}}"#, json(&own)),
            );
            let merged: serde_json::Value = serde_json::from_str(&merged).expect("JSON");
            let mut expected = shared;
            expected.extend(own);
            prop_assert_eq!(&merged["context"], &serde_json::to_value(expected).expect("JSON"));
        }
    }
}
