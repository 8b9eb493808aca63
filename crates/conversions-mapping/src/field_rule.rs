//! Rows of the settings: where a field of the server event comes from, instead of or besides the built-in rows.

use facebook_conversions::RawJson;

use crate::destination_field::DestinationField;

/// A row of the settings. The first source that is present and usable wins; if none is, the built-in row applies.
///
/// ```
/// use conversions_mapping::{FieldRule, FieldSource};
///
/// let rule = FieldRule {
///     event: None,
///     field: "event_id".parse()?,
///     sources: vec![FieldSource::path("properties.event_id")?, FieldSource::path("messageId")?],
///     keep: false,
/// };
/// assert_eq!(rule.sources.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRule {
    /// The Segment event that the row is for, folded like all event names; `None` for every event. Rows of one event win
    /// over those of every event.
    pub event: Option<String>,
    /// The field that the row writes.
    pub field: DestinationField,
    /// Where the value comes from, in order of precedence.
    pub sources: Vec<FieldSource>,
    /// Whether a property that was used also stays in `custom_data`.
    pub keep: bool,
}

/// Where a row of the settings takes its value from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldSource {
    /// A path with dots from the top of the message, such as `properties.plan.ltv`.
    Path(MessagePath),
    /// The same value for every event.
    Constant(RawJson<'static>),
}

impl FieldSource {
    /// A path with dots from the top of the message.
    ///
    /// # Errors
    ///
    /// [`MessagePathError`] when the text cannot be a path.
    pub fn path(path: &str) -> Result<Self, MessagePathError> {
        path.parse().map(Self::Path)
    }
}

/// A path with dots from the top of the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessagePath(String);

/// Why a text is not a path into a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MessagePathError {
    /// The text is empty, or two dots have nothing between them.
    #[error("a path is keys with dots between them, such as `properties.plan`")]
    EmptyKey,
    /// The text has a notation that paths do not have.
    #[error(
        "a path has keys and dots only, such as `properties.plan`; `{notation}` has no meaning in it"
    )]
    Notation {
        /// What it begins with or contains.
        notation: char,
    },
    /// No message has such a member at its top.
    #[error("a message has no such member at its top; did you mean `{suggestion}`?")]
    UnknownRoot {
        /// The member that was probably meant.
        suggestion: &'static str,
    },
}

/// The members that messages have at their top. Others are allowed, because senders add some of their own.
const ROOTS: [&str; 12] = [
    "anonymousId",
    "context",
    "event",
    "integrations",
    "messageId",
    "originalTimestamp",
    "properties",
    "receivedAt",
    "sentAt",
    "timestamp",
    "traits",
    "userId",
];

impl MessagePath {
    /// The path as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The keys.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.split('.')
    }
}

impl std::str::FromStr for MessagePath {
    type Err = MessagePathError;

    fn from_str(path: &str) -> Result<Self, MessagePathError> {
        let notation = path
            .chars()
            .find(|c| matches!(c, '[' | ']' | '{' | '}' | '"' | '\'' | '*') || c.is_control());
        let prefix = path.chars().next().filter(|c| matches!(c, '$' | '@' | '/'));
        if let Some(notation) = prefix.or(notation) {
            return Err(MessagePathError::Notation { notation });
        }
        if path
            .split('.')
            .any(|key| key.trim() != key || key.is_empty())
        {
            return Err(MessagePathError::EmptyKey);
        }
        let root = path.split('.').next().unwrap_or_default();
        let distance =
            |known: &str| strsim::damerau_levenshtein(&root.to_lowercase(), &known.to_lowercase());
        let near = ROOTS.iter().find(|known| distance(known) <= 2);
        match near {
            Some(suggestion) if !ROOTS.contains(&root) && root.len() > 3 => {
                Err(MessagePathError::UnknownRoot { suggestion })
            }
            _ => Ok(Self(path.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MessagePath, MessagePathError};

    #[test]
    fn paths_are_keys_with_dots_between_them() {
        for path in [
            "messageId",
            "properties.plan.ltv",
            "context.traits.email",
            "properties.a b",
            "_metadata.x",
        ] {
            assert_eq!(path.parse::<MessagePath>().expect(path).as_str(), path);
        }
        for path in [
            "",
            ".",
            "properties.",
            "properties..a",
            " userId",
            "properties. a",
        ] {
            assert_eq!(
                path.parse::<MessagePath>(),
                Err(MessagePathError::EmptyKey),
                "{path}"
            );
        }
        for (path, notation) in [
            ("$.properties.a", '$'),
            ("@path", '@'),
            ("products[0].id", '['),
            ("/properties", '/'),
        ] {
            assert_eq!(
                path.parse::<MessagePath>(),
                Err(MessagePathError::Notation { notation }),
                "{path}"
            );
        }
        for (path, suggestion) in [
            ("propertes.a", "properties"),
            ("userid", "userId"),
            ("Context.ip", "context"),
        ] {
            assert_eq!(
                path.parse::<MessagePath>(),
                Err(MessagePathError::UnknownRoot { suggestion }),
                "{path}"
            );
        }
    }
}
