//! Refuses the messages that Segment's own endpoint refuses, with its codes.

use segment_spec::{Kind, Message, Raw};

use crate::options::Limits;
use crate::refusal::Refusal;

/// Finds the first thing that Segment would refuse a message for. `kind` is the type that the path gives it.
pub(crate) fn check(
    message: &Message<'_>,
    kind: Option<&str>,
    limits: &Limits,
) -> Result<(), Refusal> {
    check_ids(message)?;
    let own_kind = message.kind.and_then(Raw::as_str);
    if own_kind
        .as_deref()
        .or(kind)
        .is_none_or(|kind| kind == "track")
    {
        check_event(message.event)?;
    }
    if message.properties.is_wrong_type() {
        return Err(Refusal::PropertiesNotObject);
    }
    if message.traits.wrong_type {
        return Err(Refusal::TraitsNotObject);
    }
    if message.properties.sent() > limits.properties {
        return Err(Refusal::TooManyProperties);
    }
    let id = message.message_id.and_then(Raw::as_str);
    if id.is_some_and(|id| id.chars().count() > limits.message_id_chars) {
        return Err(Refusal::MessageIdTooLong);
    }
    Ok(())
}

/// One of the two ids is needed. Segment's own clients in loosely typed languages send numbers.
fn check_ids(message: &Message<'_>) -> Result<(), Refusal> {
    let mut found = false;
    for id in [message.user_id, message.anonymous_id] {
        let Some(id) = id.filter(|id| !id.is_blank()) else {
            continue;
        };
        if !matches!(id.kind(), Kind::String | Kind::Number) {
            return Err(Refusal::IdNotString);
        }
        found = true;
    }
    if found {
        Ok(())
    } else {
        Err(Refusal::NoUserAnonId)
    }
}

fn check_event(event: Option<Raw<'_>>) -> Result<(), Refusal> {
    match event {
        None => Err(Refusal::EventNotDefined),
        Some(event) if event.is_blank() => Err(Refusal::EventNotDefined),
        Some(event) if event.kind() != Kind::String => Err(Refusal::EventNotString),
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use segment_spec::{Line, Message};

    use super::check;
    use crate::options::Limits;

    fn code(text: &str, kind: Option<&str>) -> &'static str {
        let limits = Limits {
            properties: 2,
            ..Limits::default()
        };
        let line = Line::new(text.as_bytes()).expect("a line");
        let message = Message::read(&line).expect("a message");
        check(&message, kind, &limits).map_or_else(super::Refusal::code, |()| "fine")
    }

    #[test]
    fn each_fault_has_the_code_that_segment_gives_it() {
        let long = format!(
            r#"{{"userId":"u","event":"E","messageId":"{}"}}"#,
            "é".repeat(100)
        );
        for (message, expected) in [
            (r#"{"userId":"u","event":"E"}"#, "fine"),
            (
                r#"{"userId":7,"anonymousId":null,"event":"E","properties":null}"#,
                "fine",
            ),
            (r#"{"event":"E"}"#, "no_user_anon_id"),
            (r#"{"userId":" ","event":"E"}"#, "no_user_anon_id"),
            (r#"{"userId":{},"event":"E"}"#, "id_not_string"),
            (r#"{"userId":"u"}"#, "event_not_defined"),
            (r#"{"userId":"u","event":""}"#, "event_not_defined"),
            (r#"{"userId":"u","event":{}}"#, "event_not_string"),
            (
                r#"{"userId":"u","event":"E","properties":[]}"#,
                "properties_not_object",
            ),
            (
                r#"{"userId":"u","event":"E","traits":"x"}"#,
                "traits_not_object",
            ),
            (
                r#"{"userId":"u","event":"E","properties":{"a":1,"b":2,"c":3}}"#,
                "too_many_properties",
            ),
            (
                r#"{"userId":"u","event":"E","properties":{"a":1,"a":2,"a":3}}"#,
                "too_many_properties",
            ),
            (
                r#"{"userId":"u","event":"E","properties":{"a":1,"b":2}}"#,
                "fine",
            ),
            (&long, "message_id_too_long"),
        ] {
            assert_eq!(code(message, None), expected, "{message}");
        }
    }

    #[test]
    fn only_track_calls_need_an_event() {
        assert_eq!(code(r#"{"userId":"u","type":"identify"}"#, None), "fine");
        assert_eq!(code(r#"{"userId":"u"}"#, Some("identify")), "fine");
        assert_eq!(
            code(r#"{"userId":"u","type":"track"}"#, Some("identify")),
            "event_not_defined"
        );
    }
}
