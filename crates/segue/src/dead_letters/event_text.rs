//! The text of a stored event, without what Meta takes in clear: the IP address and the user agent.

use std::borrow::Cow;
use std::fmt::{self, Write};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::terminal::visible;

/// The members of `user_data` that are stored in clear.
const IN_CLEAR: [&str; 2] = ["client_ip_address", "client_user_agent"];

/// What stands in their place where they are not left out.
const NOTE: &str = "\"(not shown: it is in the stored event only)\"";

/// The event on one line, without IP address and user agent; every other value is written as it was sent. `None` when it
/// is not the JSON text of an event.
pub(crate) fn without_client(event: &[u8]) -> Option<String> {
    rewritten(event, None)
}

/// The event for programs, with notes in the place of IP address and user agent.
pub(crate) fn with_notes(event: &[u8]) -> Option<Box<RawValue>> {
    RawValue::from_string(rewritten(event, Some(NOTE))?).ok()
}

/// The event for eyes: as [`with_notes`], indented, and nothing in it steers a terminal.
pub(crate) fn for_people(event: &[u8]) -> Option<String> {
    let mut text = String::new();
    indent(&mut text, with_notes(event)?.get(), 0)?;
    Some(harmless(&text))
}

/// JSON over several lines in which JSON's own escapes stand for what would steer a terminal.
fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        let mut bytes = [0; 4];
        if c == '\n' || matches!(visible(c.encode_utf8(&mut bytes)), Cow::Borrowed(_)) {
            shown.push(c);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(shown, "\\u{:04x}", u32::from(c));
        }
    }
    shown
}

fn rewritten(event: &[u8], note: Option<&str>) -> Option<String> {
    let Members(mut members) = serde_json::from_slice(event).ok()?;
    for (name, value) in &mut members {
        if name == "user_data"
            && let Ok(Members(mut inner)) = serde_json::from_str(value.get())
        {
            inner.retain(|(name, _)| note.is_some() || !is_in_clear(name));
            let inner = inner.iter().map(|(name, value)| {
                let note = note.filter(|_| is_in_clear(name));
                (name.as_str(), note.unwrap_or(value.get()))
            });
            *value = RawValue::from_string(object(inner)).ok()?;
        }
    }
    Some(object(
        members
            .iter()
            .map(|(name, value)| (name.as_str(), value.get())),
    ))
}

fn is_in_clear(name: &str) -> bool {
    IN_CLEAR.contains(&name)
}

fn object<'m>(members: impl Iterator<Item = (&'m str, &'m str)>) -> String {
    let members: Vec<_> = members
        .map(|(name, value)| format!("{}:{value}", name_text(name)))
        .collect();
    format!("{{{}}}", members.join(","))
}

fn name_text(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}

/// Writes a value over several lines, its members in their order, its numbers and texts as they were. `None` when it is
/// nested too deeply for the reader.
fn indent(text: &mut String, value: &str, depth: usize) -> Option<()> {
    let margin = "  ".repeat(depth + 1);
    let lines = match value.as_bytes().first() {
        Some(b'{') => {
            let Members(members) = serde_json::from_str(value).ok()?;
            members
                .into_iter()
                .map(|(name, value)| (format!("{}: ", name_text(&name)), value))
                .collect()
        }
        Some(b'[') => {
            let items: Vec<Box<RawValue>> = serde_json::from_str(value).ok()?;
            items
                .into_iter()
                .map(|item| (String::new(), item))
                .collect()
        }
        _ => Vec::new(),
    };
    let (Some(opening), Some(closing), false) = (
        value.get(..1),
        value.get(value.len() - 1..),
        lines.is_empty(),
    ) else {
        text.push_str(value);
        return Some(());
    };
    text.push_str(opening);
    for (number, (name, value)) in lines.iter().enumerate() {
        let comma = if number == 0 { "" } else { "," };
        // Writing to a String cannot fail.
        let _ = write!(text, "{comma}\n{margin}{name}");
        indent(text, value.get(), depth + 1)?;
    }
    let _ = write!(text, "\n{}{closing}", "  ".repeat(depth));
    Some(())
}

/// The members of an object in their order, values as they were written.
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
    fn for_eyes_it_is_indented_in_its_own_order() {
        insta::assert_snapshot!(for_people(EVENT.as_bytes()).expect("an event"));
    }

    #[test]
    fn nothing_steers_the_terminal() {
        let event = "{\"event_name\":\"a\u{9b}2J\u{202e}b\\u001b\"}";
        let shown = for_people(event.as_bytes()).expect("an event");
        assert_eq!(
            shown,
            "{\n  \"event_name\": \"a\\u009b2J\\u202eb\\u001b\"\n}"
        );
        let as_json: serde_json::Value = serde_json::from_str(&shown).expect("JSON still");
        assert_eq!(as_json["event_name"], "a\u{9b}2J\u{202e}b\u{1b}");
    }
}
