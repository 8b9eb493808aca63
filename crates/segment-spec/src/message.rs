//! A message of the Spec: the members that all kinds of calls share.

use crate::context::{Context, Traits};
use crate::line::{Line, ReadError};
use crate::properties::Properties;
use skim_json::{JsonObject, NotJson, Raw, Slot, is_json, syntax_error_column};

/// What JSON allows between values.
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// A [Segment message](https://segment.com/docs/connections/spec/common/) of any kind, borrowed from its line.
///
/// Members are kept as they were sent, of whatever type; objects that are missing are empty.
#[derive(Debug, Clone, Default)]
pub struct Message<'a> {
    /// `anonymousId`.
    pub anonymous_id: Option<Raw<'a>>,
    /// `context`.
    pub context: Context<'a>,
    /// `event`: the name of a Track call.
    pub event: Option<Raw<'a>>,
    /// `integrations`: which destinations want the message, and settings for them.
    pub integrations: Option<Raw<'a>>,
    /// `messageId`.
    pub message_id: Option<Raw<'a>>,
    /// `originalTimestamp`: the time on the clock of the client, when the event happened.
    pub original_timestamp: Option<Raw<'a>>,
    /// `properties`.
    pub properties: Properties<'a>,
    /// `receivedAt`: the time on the clock of the server, when the message came in.
    pub received_at: Option<Raw<'a>>,
    /// `sentAt`: the time on the clock of the client, when the message left.
    pub sent_at: Option<Raw<'a>>,
    /// `timestamp`: when the event happened.
    pub timestamp: Option<Raw<'a>>,
    /// `traits` of an Identify call.
    pub traits: Traits<'a>,
    /// `type`: the kind of call, such as `track`.
    pub kind: Option<Raw<'a>>,
    /// `userId`.
    pub user_id: Option<Raw<'a>>,
    text: &'a str,
    is_present: bool,
}

impl<'a> Message<'a> {
    /// Reads a message out of a line.
    ///
    /// # Errors
    ///
    /// [`ReadError::NotJson`] and [`ReadError::NotAnObject`].
    pub fn read(line: &'a Line<'_>) -> Result<Self, ReadError> {
        let mut message = Self::default();
        message.read_over(line)?;
        Ok(message)
    }

    /// Reads a message out of a line in the place of another one, which saves moving it. What is left after an error is
    /// part of a message.
    ///
    /// # Errors
    ///
    /// Those of [`read`](Self::read).
    pub fn read_over(&mut self, line: &'a Line<'_>) -> Result<(), ReadError> {
        let text = line.text();
        let not_json = || ReadError::NotJson {
            column: syntax_error_column(text).unwrap_or_default(),
        };
        let is_object = text.trim_start_matches(BLANKS).starts_with('{');
        if !is_object {
            return Err(if is_json(text) {
                ReadError::NotAnObject
            } else {
                not_json()
            });
        }
        line.read_into(self).map_err(|NotJson| not_json())?;
        self.text = text;
        Ok(())
    }

    /// The value at a path of keys with dots between them, from the top of the message (`properties.loyalty.id`).
    #[must_use]
    pub fn at_path(&self, path: &str) -> Option<Raw<'a>> {
        let (key, rest) = path
            .split_once('.')
            .map_or((path, None), |(key, rest)| (key, Some(rest)));
        let in_text = |key| Raw::trusted(self.text.trim()).get(key);
        // Members with a field of their own may have been exchanged since the text was read.
        let value = match (key, rest) {
            ("context", Some(rest)) => return self.context.at_path(in_text(key), rest),
            ("integrations", _) => self.integrations,
            ("messageId", _) => self.message_id,
            ("originalTimestamp", _) => self.original_timestamp,
            ("receivedAt", _) => self.received_at,
            ("sentAt", _) => self.sent_at,
            ("timestamp", _) => self.timestamp,
            ("type", _) => self.kind,
            _ => in_text(key),
        }?;
        value.at_path(rest)
    }
}

impl<'a> JsonObject<'a> for Message<'a> {
    #[inline]
    fn slot(&mut self, key: &[u8]) -> Slot<'_, 'a> {
        match key {
            b"anonymousId" => Slot::Value(&mut self.anonymous_id),
            b"context" => Slot::Object(&mut self.context),
            b"event" => Slot::Value(&mut self.event),
            b"integrations" => Slot::Value(&mut self.integrations),
            b"messageId" => Slot::Value(&mut self.message_id),
            b"originalTimestamp" => Slot::Value(&mut self.original_timestamp),
            b"properties" => Slot::Object(&mut self.properties),
            b"receivedAt" => Slot::Value(&mut self.received_at),
            b"sentAt" => Slot::Value(&mut self.sent_at),
            b"timestamp" => Slot::Value(&mut self.timestamp),
            b"traits" => Slot::Object(&mut self.traits),
            b"type" => Slot::Value(&mut self.kind),
            b"userId" => Slot::Value(&mut self.user_id),
            _ => Slot::Ignored,
        }
    }

    fn mark_wrong_type(&mut self) {}

    fn is_present(&mut self) -> &mut bool {
        &mut self.is_present
    }
}

#[cfg(test)]
mod tests;
