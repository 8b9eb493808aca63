//! A message of the Spec: the members that all kinds of calls share.

use serde::de::MapAccess;

use crate::context::{Context, Traits};
use crate::line::{Line, ReadError};
use crate::properties::Properties;
use crate::raw::{Kind, Raw};
use crate::read::{self, Key, Members, Pass, Value};

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
}

impl<'a> Message<'a> {
    /// Reads a message out of a line.
    ///
    /// # Errors
    ///
    /// [`ReadError::NotJson`] and [`ReadError::NotAnObject`].
    pub fn read(line: &'a Line<'_>) -> Result<Self, ReadError> {
        let text = line.text();
        if !text
            .trim_start_matches([' ', '\t', '\r', '\n'])
            .starts_with('{')
        {
            read::object::<Self>(text, Pass::Sliced).map_err(|error| not_json(&error))?;
            return Err(ReadError::NotAnObject);
        }
        let mut message = read::object::<Self>(text, Pass::Single)
            .or_else(|_| read::object::<Self>(text, Pass::Sliced))
            .map_err(|error| not_json(&error))?;
        message.properties.sort();
        message.text = text;
        Ok(message)
    }

    /// The value at a path of keys with dots between them, from the top of the message (`properties.loyalty.id`).
    #[must_use]
    pub fn at_path(&self, path: &str) -> Option<Raw<'a>> {
        let mut keys = path.split('.');
        let first = keys.next()?;
        let mut value = Raw::new(self.text.trim()).get(first)?;
        for key in keys {
            if value.kind() != Kind::Object {
                return None;
            }
            value = value.get(key)?;
        }
        Some(value)
    }
}

fn not_json(error: &serde_json::Error) -> ReadError {
    ReadError::NotJson {
        column: error.column(),
    }
}

impl<'de> Members<'de> for Message<'de> {
    fn member<A: MapAccess<'de>>(
        &mut self,
        key: Key<'de>,
        value: Value<'_, A>,
    ) -> Result<(), A::Error> {
        match &*key.0 {
            "anonymousId" => self.anonymous_id = Some(value.raw()?),
            "context" => self.context = value.object()?,
            "event" => self.event = Some(value.raw()?),
            "integrations" => self.integrations = Some(value.raw()?),
            "messageId" => self.message_id = Some(value.raw()?),
            "originalTimestamp" => self.original_timestamp = Some(value.raw()?),
            "properties" => self.properties = value.object()?,
            "receivedAt" => self.received_at = Some(value.raw()?),
            "sentAt" => self.sent_at = Some(value.raw()?),
            "timestamp" => self.timestamp = Some(value.raw()?),
            "traits" => self.traits = value.object()?,
            "type" => self.kind = Some(value.raw()?),
            "userId" => self.user_id = Some(value.raw()?),
            _ => value.skip()?,
        }
        Ok(())
    }

    fn wrong_type(&mut self) {}
}

#[cfg(test)]
mod tests;
