//! The JSON text of a stored event without what Meta takes in clear: the IP address and the user agent.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

/// The members of `user_data` that are stored in clear.
const IN_CLEAR: [&str; 2] = ["client_ip_address", "client_user_agent"];

/// Replaces them in an event that is shown.
const NOTE: &str = "\"(not shown: it is in the stored event only)\"";

/// The event on one line, without IP address and user agent. Every other value is written as it was sent. `None` when the
/// text is not a JSON object.
#[must_use]
pub fn without_client(event: &[u8]) -> Option<String> {
    serde_json::to_string(&rewritten(event, None)?).ok()
}

/// The event for programs, with a note in place of IP address and user agent.
#[must_use]
pub fn with_notes(event: &[u8]) -> Option<Box<RawValue>> {
    let text = serde_json::to_string(&rewritten(event, Some(NOTE))?).ok()?;
    RawValue::from_string(text).ok()
}

/// The event for people: as [`with_notes`], each member on a line of its own.
#[must_use]
pub fn with_notes_on_lines(event: &[u8]) -> Option<String> {
    serde_json::to_string_pretty(&rewritten(event, Some(NOTE))?).ok()
}

fn rewritten(event: &[u8], note: Option<&str>) -> Option<Members> {
    let mut members: Members = serde_json::from_slice(event).ok()?;
    for (name, value) in &mut members.0 {
        if name == "user_data"
            && let Ok(Members(mut inner)) = serde_json::from_str(value.get())
        {
            let is_in_clear = |name: &str| IN_CLEAR.contains(&name);
            match note {
                None => inner.retain(|(name, _)| !is_in_clear(name)),
                Some(note) => {
                    for (_, value) in inner.iter_mut().filter(|(name, _)| is_in_clear(name)) {
                        *value = RawValue::from_string(note.to_owned()).ok()?;
                    }
                }
            }
            *value = serde_json::value::to_raw_value(&Members(inner)).ok()?;
        }
    }
    Some(members)
}

/// The members of an object in their order; values keep their text.
struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = r#"{"event_name":"Purchase","value":19.90,"user_data":{"em":["62a1"],"client_ip_address":"203.0.113.7","client_user\u005fagent":"Mozilla","fbc":"fb.1"},"custom_data":{"list":[],"big":12345678901234567890123,"items":[{"id":"a"},2]}}"#;

    #[test]
    fn address_and_user_agent_are_left_out_and_nothing_else_changes() {
        let text = without_client(EVENT.as_bytes()).expect("an event");
        insta::assert_snapshot!(text, @r#"{"event_name":"Purchase","value":19.90,"user_data":{"em":["62a1"],"fbc":"fb.1"},"custom_data":{"list":[],"big":12345678901234567890123,"items":[{"id":"a"},2]}}"#);
        let untouched = r#"{"user_data":{},"x":"client_ip_address"}"#;
        assert_eq!(
            without_client(untouched.as_bytes()).as_deref(),
            Some(untouched)
        );
        for no_event in ["", "[]", "{\"a\":", "\u{0}"] {
            assert_eq!(without_client(no_event.as_bytes()), None);
        }
    }

    #[test]
    fn for_people_each_member_has_a_line() {
        insta::assert_snapshot!(with_notes_on_lines(EVENT.as_bytes()).expect("an event"), @r#"
        {
          "event_name": "Purchase",
          "value": 19.90,
          "user_data": {"em":["62a1"],"client_ip_address":"(not shown: it is in the stored event only)","client_user_agent":"(not shown: it is in the stored event only)","fbc":"fb.1"},
          "custom_data": {"list":[],"big":12345678901234567890123,"items":[{"id":"a"},2]}
        }
        "#);
    }
}
