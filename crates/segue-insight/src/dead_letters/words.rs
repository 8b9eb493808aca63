//! What can be shown of a dead letter to those who see pages, but not the data folder.

use conversions_delivery::DeadLetter;
use conversions_mapping::is_printable;
use serde_json::Value;

/// What Meta takes in clear, and may quote.
const IN_CLEAR: [&str; 2] = ["client_ip_address", "client_user_agent"];
const HIDDEN: &str = "(not shown)";

/// An event name, unless it could hold contact data.
#[must_use]
pub fn shown_label(label: &str) -> String {
    if is_printable(label) {
        label.to_owned()
    } else {
        HIDDEN.to_owned()
    }
}

/// An id of an event, unless it is an e-mail address or a telephone number. Long numbers are ids of orders more often.
#[must_use]
pub fn shown_id(id: &str) -> String {
    if id.contains(['@', '\u{ff20}', '\u{fe6b}']) || id.starts_with('+') {
        HIDDEN.to_owned()
    } else {
        id.to_owned()
    }
}

/// Meta's words on a dead letter: the message for developers, the title and the message for people. Where they quote the
/// event's IP address or user agent, a note stands instead.
#[must_use]
pub fn words_without_client(letter: &DeadLetter) -> Vec<String> {
    let Some(verdict) = &letter.verdict else {
        return Vec::new();
    };
    let event: Value = serde_json::from_slice(&letter.event).unwrap_or_default();
    let in_clear = IN_CLEAR.map(|name| event["user_data"][name].as_str().unwrap_or_default());
    let without = |words: &String| {
        let quoted = in_clear.iter().filter(|value| !value.is_empty());
        quoted.fold(words.clone(), |words, value| words.replace(value, HIDDEN))
    };
    let words = [
        &verdict.message,
        &verdict.error_user_title,
        &verdict.error_user_msg,
    ];
    words.into_iter().flatten().map(without).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use conversions_delivery::{DeadLetterReason, EventKey, UnixMillis, Verdict};

    use super::*;

    #[test]
    fn quoted_client_data_is_not_shown() {
        let letter = DeadLetter {
            id: EventKey(1),
            destination: "shop".into(),
            test_event_code: None,
            event: r#"{"user_data":{"client_ip_address":"203.0.113.7","client_user_agent":""}}"#
                .into(),
            event_time: 0,
            max_age: Duration::ZERO,
            line: None,
            reason: DeadLetterReason::Refused,
            verdict: Some(Verdict {
                message: Some("203.0.113.7 is no address".to_owned()),
                error_user_title: Some("Invalid".to_owned()),
                ..Verdict::default()
            }),
            attempts: 1,
            first_at: UnixMillis(0),
            last_at: UnixMillis(0),
        };
        assert_eq!(
            words_without_client(&letter),
            ["(not shown) is no address", "Invalid"]
        );
        assert_eq!(shown_label("ada@example.com"), HIDDEN);
        assert_eq!(shown_label("Order Completed"), "Order Completed");
        assert_eq!(shown_id("+15551234567"), HIDDEN);
        assert_eq!(shown_id("100045678"), "100045678");
    }
}
