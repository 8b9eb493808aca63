//! What Segment's own endpoint refuses, with its codes.

use crate::object::{Object, is_blank, is_object, text};
use crate::options::Limits;
use crate::refusal::Refusal;

/// Finds the first thing that Segment would refuse a message for. `kind` is the type that the path gives it.
pub(crate) fn check(
    message: &Object<'_>,
    kind: Option<&str>,
    limits: &Limits,
) -> Result<(), Refusal> {
    check_ids(message)?;
    let own_kind = message.get("type").and_then(text);
    if own_kind
        .as_deref()
        .or(kind)
        .is_none_or(|kind| kind == "track")
    {
        check_event(message)?;
    }
    for (key, refusal) in [
        ("properties", Refusal::PropertiesNotObject),
        ("traits", Refusal::TraitsNotObject),
    ] {
        if message.get(key).is_some_and(|value| !is_object(value)) {
            return Err(refusal);
        }
    }
    let properties = message.get("properties").unwrap_or_default();
    // A member takes five bytes at least.
    if properties.len() / 5 >= limits.properties
        && Object::read(properties).is_some_and(|properties| properties.len() > limits.properties)
    {
        return Err(Refusal::TooManyProperties);
    }
    let id = message.get("messageId").and_then(text);
    if id.is_some_and(|id| id.chars().count() > limits.message_id_chars) {
        return Err(Refusal::MessageIdTooLong);
    }
    Ok(())
}

/// One of the two is needed; loose clients send numbers.
fn check_ids(message: &Object<'_>) -> Result<(), Refusal> {
    let mut found = false;
    for key in ["userId", "anonymousId"] {
        let Some(id) = message.get(key).filter(|id| !is_blank(id)) else {
            continue;
        };
        if id.starts_with(['{', '[', 't', 'f']) {
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

fn check_event(message: &Object<'_>) -> Result<(), Refusal> {
    match message.get("event") {
        None => Err(Refusal::EventNotDefined),
        Some(event) if !event.starts_with('"') => Err(Refusal::EventNotString),
        Some(event) if is_blank(event) => Err(Refusal::EventNotDefined),
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::object::Object;
    use crate::options::Limits;

    fn code(message: &str, kind: Option<&str>) -> &'static str {
        let message = Object::read(message).expect("an object");
        let limits = Limits {
            properties: 2,
            ..Limits::default()
        };
        check(&message, kind, &limits).map_or_else(super::Refusal::code, |()| "fine")
    }

    #[test]
    fn segment_s_codes() {
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
