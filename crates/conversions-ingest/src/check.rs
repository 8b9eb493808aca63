//! What Segment's own endpoint refuses, with its codes.

use segment_spec::{Message, Raw};

use crate::object::{Object, is_blank, is_object, text};
use crate::options::Limits;
use crate::refusal::Refusal;

/// What is looked at: raw values, of which `null` is none.
#[derive(Debug, Default)]
struct Looks<'m> {
    user_id: Option<&'m str>,
    anonymous_id: Option<&'m str>,
    kind: Option<&'m str>,
    event: Option<&'m str>,
    message_id: Option<&'m str>,
    properties_are_object: bool,
    traits_are_object: bool,
    /// How many, if there may be too many.
    properties: usize,
}

/// Finds the first thing that Segment would refuse a message for. `kind` is the type that the path gives it.
pub(crate) fn check(
    message: &Object<'_>,
    kind: Option<&str>,
    limits: &Limits,
) -> Result<(), Refusal> {
    let properties = message.get("properties").unwrap_or("{}");
    // A member takes five bytes at least.
    let may_be_many = properties.len() / 5 >= limits.properties;
    let looks = Looks {
        user_id: message.get("userId"),
        anonymous_id: message.get("anonymousId"),
        kind: message.get("type"),
        event: message.get("event"),
        message_id: message.get("messageId"),
        properties_are_object: is_object(properties),
        traits_are_object: message.get("traits").is_none_or(is_object),
        properties: may_be_many
            .then(|| Object::read(properties))
            .flatten()
            .map_or(0, |properties| properties.len()),
    };
    looks.judge(kind, limits)
}

/// The same of a message that was read.
pub(crate) fn check_message(
    message: &Message<'_>,
    kind: Option<&str>,
    limits: &Limits,
) -> Result<(), Refusal> {
    fn some(raw: Option<Raw<'_>>) -> Option<&str> {
        raw.map(Raw::text).filter(|raw| *raw != "null")
    }
    let looks = Looks {
        user_id: some(message.user_id),
        anonymous_id: some(message.anonymous_id),
        kind: some(message.kind),
        event: some(message.event),
        message_id: some(message.message_id),
        properties_are_object: !message.properties.is_wrong_type(),
        traits_are_object: !message.traits.wrong_type,
        properties: message.properties.sent(),
    };
    looks.judge(kind, limits)
}

impl Looks<'_> {
    fn judge(&self, kind: Option<&str>, limits: &Limits) -> Result<(), Refusal> {
        self.check_ids()?;
        let own_kind = self.kind.and_then(text);
        if own_kind
            .as_deref()
            .or(kind)
            .is_none_or(|kind| kind == "track")
        {
            self.check_event()?;
        }
        if !self.properties_are_object {
            return Err(Refusal::PropertiesNotObject);
        }
        if !self.traits_are_object {
            return Err(Refusal::TraitsNotObject);
        }
        if self.properties > limits.properties {
            return Err(Refusal::TooManyProperties);
        }
        let id = self.message_id.and_then(text);
        if id.is_some_and(|id| id.chars().count() > limits.message_id_chars) {
            return Err(Refusal::MessageIdTooLong);
        }
        Ok(())
    }

    /// One of the two is needed; loose clients send numbers.
    fn check_ids(&self) -> Result<(), Refusal> {
        let mut found = false;
        for id in [self.user_id, self.anonymous_id] {
            let Some(id) = id.filter(|id| !is_blank(id)) else {
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

    fn check_event(&self) -> Result<(), Refusal> {
        match self.event {
            None => Err(Refusal::EventNotDefined),
            Some(event) if !event.starts_with('"') => Err(Refusal::EventNotString),
            Some(event) if is_blank(event) => Err(Refusal::EventNotDefined),
            Some(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use segment_spec::{Line, Message};

    use super::{check, check_message};
    use crate::object::Object;
    use crate::options::Limits;

    fn code(text: &str, kind: Option<&str>) -> &'static str {
        let message = Object::read(text).expect("an object");
        let limits = Limits {
            properties: 2,
            ..Limits::default()
        };
        let line = Line::new(text.as_bytes()).expect("a line");
        let read = Message::read(&line).expect("a message");
        let checked = check(&message, kind, &limits);
        assert_eq!(check_message(&read, kind, &limits), checked, "{text}");
        checked.map_or_else(super::Refusal::code, |()| "fine")
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
