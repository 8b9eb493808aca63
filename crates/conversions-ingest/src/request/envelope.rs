//! The body of a request: its messages, what they have in common, and the write key in it.

use std::borrow::Cow;

use segment_spec::{Kind, ObjectWithList, Raw};

use crate::refusal::Refusal;
use crate::request::batch_defaults::BatchDefaults;

/// What a body is expected to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyShape {
    /// One message.
    Single,
    /// A list `batch`, with what its messages have in common beside it.
    Batch {
        /// Messages at most.
        messages: usize,
        /// Bytes of what they have in common, at most: it is added to each of them.
        default_bytes: usize,
    },
    /// One message, or a list of them.
    Webhook {
        /// Messages at most.
        messages: usize,
    },
}

/// What JSON allows around a value.
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// A body, taken apart.
pub(crate) struct Envelope<'a> {
    /// The texts of the messages. Those of a list are JSON, of any kind; the only one of a single call is whatever begins
    /// like an object, and shows to be one when it is read.
    pub(crate) messages: Vec<&'a str>,
    /// What they have in common.
    pub(crate) defaults: BatchDefaults<'a>,
    write_key: Option<Raw<'a>>,
}

impl<'a> Envelope<'a> {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// When it is not JSON, or not of this shape.
    pub(crate) fn read(text: &'a str, shape: BodyShape) -> Result<Self, Refusal> {
        if let BodyShape::Batch {
            messages,
            default_bytes,
        } = shape
        {
            return Self::batch(text, messages, default_bytes);
        }
        let text = text.trim_matches(BLANKS);
        match shape {
            BodyShape::Webhook { messages } if text.starts_with('[') => {
                let body = Raw::read(text).ok_or(Refusal::BadRequest)?;
                Ok(Self::messages_only(list(body, messages)?))
            }
            _ if text.starts_with('{') => Ok(Self::messages_only(vec![text])),
            _ => Err(Refusal::BadRequest),
        }
    }

    fn messages_only(messages: Vec<&'a str>) -> Self {
        Self {
            messages,
            defaults: BatchDefaults::default(),
            write_key: None,
        }
    }

    fn batch(text: &'a str, max_messages: usize, default_bytes: usize) -> Result<Self, Refusal> {
        // One more than are taken shows that there are too many.
        let body = ObjectWithList::read(text, "batch", max_messages.saturating_add(1))
            .ok_or(Refusal::BadRequest)?;
        let [mut batch, mut write_key] = [None; 2];
        let [mut context, mut integrations, mut sent_at, mut timestamp] = [None; 4];
        for member in body.members {
            // Of repeated keys the last one counts.
            let place = match &*member.key {
                "batch" => &mut batch,
                "context" => &mut context,
                "integrations" => &mut integrations,
                "sentAt" => &mut sent_at,
                "timestamp" => &mut timestamp,
                "writeKey" => &mut write_key,
                _ => continue,
            };
            *place = Some(member.value).filter(|value| value.kind() != Kind::Null);
        }
        let batch = batch.ok_or(Refusal::EmptyBatch)?;
        let defaults = BatchDefaults::new([context, integrations], [sent_at, timestamp]);
        if defaults.bytes() > default_bytes {
            return Err(Refusal::MessageTooLarge);
        }
        if batch.kind() != Kind::Array {
            return Err(Refusal::BadRequest);
        }
        Ok(Self {
            messages: texts(body.items, max_messages)?,
            defaults,
            write_key,
        })
    }

    /// The write keys in the body: beside the list, and in the first message.
    pub(crate) fn write_keys(&self) -> impl Iterator<Item = String> {
        let text = |raw: Raw<'a>| raw.as_str().map(Cow::into_owned);
        let own = self.write_key.and_then(text);
        let first = move || {
            Raw::read(self.messages.first()?)?
                .get("writeKey")
                .and_then(text)
        };
        own.into_iter().chain(std::iter::once_with(first).flatten())
    }
}

fn list(raw: Raw<'_>, max_messages: usize) -> Result<Vec<&str>, Refusal> {
    let items = raw.items().ok_or(Refusal::BadRequest)?;
    texts(items.take(max_messages.saturating_add(1)), max_messages)
}

/// The texts of some messages, but not more than these.
fn texts<'a>(
    messages: impl IntoIterator<Item = Raw<'a>>,
    max_messages: usize,
) -> Result<Vec<&'a str>, Refusal> {
    let messages: Vec<_> = messages.into_iter().map(Raw::text).collect();
    match messages.len() {
        0 => Err(Refusal::EmptyBatch),
        count if count > max_messages => Err(Refusal::TooManyMessages),
        _ => Ok(messages),
    }
}

#[cfg(test)]
mod tests {
    use super::{BodyShape, Envelope};

    const BATCH: BodyShape = BodyShape::Batch {
        messages: 2,
        default_bytes: 40,
    };

    fn code(text: &str, shape: BodyShape) -> &'static str {
        Envelope::read(text, shape).map_or_else(super::Refusal::code, |_| "fine")
    }

    #[test]
    fn a_body_of_another_shape_is_refused() {
        let large = format!(
            r#"{{"batch":[{{}}],"context":{{"a":"{}"}}}}"#,
            "x".repeat(40)
        );
        for (text, shape, expected) in [
            (" {} \r\n", BodyShape::Single, "fine"),
            ("[]", BodyShape::Single, "bad_request"),
            ("7", BodyShape::Single, "bad_request"),
            ("", BodyShape::Single, "bad_request"),
            (r#"{"batch":[{},1]}"#, BATCH, "fine"),
            (r#"{"batch":[{},{},{}]}"#, BATCH, "too_many_messages"),
            (r#"{"batch":[]}"#, BATCH, "empty_batch"),
            (r#"{"batch":null}"#, BATCH, "empty_batch"),
            ("{}", BATCH, "empty_batch"),
            (r#"{"batch":{}}"#, BATCH, "bad_request"),
            ("[{}]", BATCH, "bad_request"),
            (&large, BATCH, "message_too_large"),
            ("[{}]", BodyShape::Webhook { messages: 2 }, "fine"),
            ("{}", BodyShape::Webhook { messages: 2 }, "fine"),
            ("[]", BodyShape::Webhook { messages: 2 }, "empty_batch"),
        ] {
            assert_eq!(code(text, shape), expected, "{text}");
        }
    }

    #[test]
    fn write_keys_come_from_beside_the_list_then_from_the_first_message() {
        let text = r#"{"writeKey":"a\u0062","batch":[{"writeKey":"c"},{"writeKey":"d"}]}"#;
        let envelope = Envelope::read(text, BATCH).unwrap_or_else(|_| panic!("a batch"));
        assert_eq!(envelope.write_keys().collect::<Vec<_>>(), ["ab", "c"]);
    }
}
