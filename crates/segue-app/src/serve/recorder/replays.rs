//! What is kept of an event that was a dead letter.

use std::borrow::Cow;

use conversions_delivery::ReplayedEvent;
use conversions_history::trace::ReplayRecord;
use serde::Deserialize;

use super::names::shown;

/// The members of a server event by which it is found. Text that is no server event has none.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ReplayedMembers<'a> {
    #[serde(borrow)]
    event_name: Cow<'a, str>,
    #[serde(borrow)]
    event_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    custom_data: CustomData<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CustomData<'a> {
    #[serde(borrow)]
    order_id: Option<Cow<'a, str>>,
}

impl<'a> ReplayedMembers<'a> {
    pub(super) fn of(event: &'a [u8]) -> Self {
        serde_json::from_slice(event).unwrap_or_default()
    }

    pub(super) fn record(
        &'a self,
        destination: &'a str,
        replay: &ReplayedEvent<'_>,
    ) -> ReplayRecord<'a> {
        ReplayRecord {
            destination,
            at: replay.at.0,
            replay_of: replay.replay_of.0,
            key: replay.key.0,
            event: shown(&self.event_name),
            ids: [
                self.event_id.as_deref(),
                self.custom_data.order_id.as_deref(),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_known_by_its_ids_and_its_name_whatever_its_text_is() {
        let members = |text: &str| {
            let members = ReplayedMembers::of(text.as_bytes());
            let CustomData { order_id } = members.custom_data;
            let text = |id: Option<Cow<'_, str>>| id.unwrap_or_default().into_owned();
            [
                members.event_name.into_owned(),
                text(members.event_id),
                text(order_id),
            ]
        };
        for (text, expected) in [
            (
                r#"{"event_name":"Purchase","event_id":"m\u002d1","custom_data":{"order_id":"7","value":1}}"#,
                ["Purchase", "m-1", "7"],
            ),
            (r#"{"event_name":"Lead","user_data":{}}"#, ["Lead", "", ""]),
            (r#"{"event_name":7}"#, ["", "", ""]),
            ("no JSON", ["", "", ""]),
        ] {
            assert_eq!(members(text), expected, "{text}");
        }
    }
}
