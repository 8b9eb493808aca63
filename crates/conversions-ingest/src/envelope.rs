//! A body taken apart: its messages, what they have in common, and the write key in it.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::object::{Object, items, text};
use crate::refusal::Refusal;
use crate::shared::Shared;

/// What a body is expected to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One message.
    Single,
    /// A list `batch`, with what its messages have in common beside it.
    Batch {
        /// Messages at most.
        messages: usize,
        /// Bytes of what they have in common, at most: it is copied into each.
        shared_bytes: usize,
    },
    /// One message, or a list of them.
    Webhook {
        /// Messages at most.
        messages: usize,
    },
}

/// A body, borrowed.
pub(crate) struct Envelope<'a> {
    /// The messages as raw text; not all need be objects.
    pub(crate) messages: Vec<&'a str>,
    /// What they have in common.
    pub(crate) shared: Shared<'a>,
    write_key: Option<&'a str>,
}

impl<'a> Envelope<'a> {
    /// Takes a body apart.
    pub(crate) fn read(text: &'a str, shape: Shape) -> Result<Self, Refusal> {
        let text = text.trim_matches([' ', '\t', '\r', '\n']);
        match shape {
            Shape::Batch {
                messages,
                shared_bytes,
            } => Self::batch(text, messages, shared_bytes),
            Shape::Webhook { messages } if text.starts_with('[') => {
                Ok(Self::alone(list(text, messages)?))
            }
            Shape::Single | Shape::Webhook { .. } => Self::single(text),
        }
    }

    fn single(text: &'a str) -> Result<Self, Refusal> {
        Object::read(text).ok_or(Refusal::BadRequest)?;
        Ok(Self::alone(vec![text]))
    }

    fn alone(messages: Vec<&'a str>) -> Self {
        Self {
            messages,
            shared: Shared::default(),
            write_key: None,
        }
    }

    fn batch(text: &'a str, most: usize, shared_bytes: usize) -> Result<Self, Refusal> {
        let members: HashMap<Cow<'a, str>, &'a serde_json::value::RawValue> =
            serde_json::from_str(text).map_err(|_| Refusal::BadRequest)?;
        let find = |key: &str| {
            let raw = members.get(key)?.get();
            (raw != "null").then_some(raw)
        };
        let batch = find("batch").ok_or(Refusal::EmptyBatch)?;
        let common = ["context", "integrations", "sentAt", "timestamp"];
        let bytes: usize = common
            .iter()
            .filter_map(|key| find(key))
            .map(str::len)
            .sum();
        if bytes > shared_bytes {
            return Err(Refusal::MessageTooLarge);
        }
        Ok(Self {
            messages: list(batch, most)?,
            shared: Shared::of(find),
            write_key: find("writeKey"),
        })
    }

    /// The write keys in the body: beside the list, and in the first message.
    pub(crate) fn write_keys(&self) -> impl Iterator<Item = String> {
        let own = self.write_key.and_then(text).map(Cow::into_owned);
        let first = || {
            let message = Object::read(self.messages.first()?)?;
            message.get("writeKey").and_then(text).map(Cow::into_owned)
        };
        own.into_iter().chain(std::iter::once_with(first).flatten())
    }
}

fn list(text: &str, most: usize) -> Result<Vec<&str>, Refusal> {
    let list = items(text, most).ok_or(Refusal::BadRequest)?;
    if list.more {
        Err(Refusal::TooManyMessages)
    } else if list.items.is_empty() {
        Err(Refusal::EmptyBatch)
    } else {
        Ok(list.items)
    }
}

#[cfg(test)]
mod tests {
    use super::{Envelope, Shape};

    const BATCH: Shape = Shape::Batch {
        messages: 2,
        shared_bytes: 40,
    };

    fn code(text: &str, shape: Shape) -> &'static str {
        Envelope::read(text, shape).map_or_else(super::Refusal::code, |_| "fine")
    }

    #[test]
    fn every_shape_has_its_faults() {
        let large = format!(
            r#"{{"batch":[{{}}],"context":{{"a":"{}"}}}}"#,
            "x".repeat(40)
        );
        for (text, shape, expected) in [
            (" {} \r\n", Shape::Single, "fine"),
            ("[]", Shape::Single, "bad_request"),
            ("{", Shape::Single, "bad_request"),
            ("", Shape::Single, "bad_request"),
            (r#"{"batch":[{},1]}"#, BATCH, "fine"),
            (r#"{"batch":[{},{},{}]}"#, BATCH, "too_many_messages"),
            (r#"{"batch":[]}"#, BATCH, "empty_batch"),
            (r#"{"batch":null}"#, BATCH, "empty_batch"),
            ("{}", BATCH, "empty_batch"),
            (r#"{"batch":{}}"#, BATCH, "bad_request"),
            ("[{}]", BATCH, "bad_request"),
            (&large, BATCH, "message_too_large"),
            ("[{}]", Shape::Webhook { messages: 2 }, "fine"),
            ("{}", Shape::Webhook { messages: 2 }, "fine"),
            ("[]", Shape::Webhook { messages: 2 }, "empty_batch"),
        ] {
            assert_eq!(code(text, shape), expected, "{text}");
        }
    }

    #[test]
    fn write_keys_in_their_order() {
        let text = r#"{"writeKey":"a\u0062","batch":[{"writeKey":"c"},{"writeKey":"d"}]}"#;
        let envelope = Envelope::read(text, BATCH).unwrap_or_else(|_| panic!("a batch"));
        assert_eq!(envelope.write_keys().collect::<Vec<_>>(), ["ab", "c"]);
    }
}
