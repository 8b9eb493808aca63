//! Sources: who may send events, with which keys, and to which destinations they go.

use std::fmt;
use std::sync::Arc;

use conversions_mapping::Mapping;
use secrecy::SecretString;

/// A source of events.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name, as it appears in metrics and in the webhook's path.
    pub name: Arc<str>,
    /// The keys that it may use. Several are valid at a time, so that a key can be rotated.
    pub write_keys: Vec<SecretString>,
    /// Where its events go: each message is mapped once for every one of these.
    pub destinations: Vec<Arc<DestinationMapping>>,
    /// Set if Segment's webhook sends the events of this source.
    pub webhook: Option<Webhook>,
}

impl Source {
    /// A source without keys.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>, destinations: Vec<Arc<DestinationMapping>>) -> Self {
        Self {
            name: name.into(),
            write_keys: Vec::new(),
            destinations,
            webhook: None,
        }
    }

    /// Adds a write key.
    #[must_use]
    pub fn with_write_key(mut self, key: impl Into<SecretString>) -> Self {
        self.write_keys.push(key.into());
        self
    }

    /// Accepts requests of Segment's webhook at `/webhook/{name}`.
    #[must_use]
    pub fn with_webhook(mut self, webhook: Webhook) -> Self {
        self.webhook = Some(webhook);
        self
    }
}

/// A destination as ingest knows it: its name and its mapping.
pub struct DestinationMapping {
    /// The name that events are labelled with.
    pub name: Arc<str>,
    /// The mapping, settings included.
    pub mapping: Arc<Mapping>,
}

impl DestinationMapping {
    /// A mapping under a name.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>, mapping: impl Into<Arc<Mapping>>) -> Self {
        Self {
            name: name.into(),
            mapping: mapping.into(),
        }
    }
}

impl fmt::Debug for DestinationMapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DestinationMapping")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Segment's webhook: messages that Segment has received and forwards.
///
/// Segment signs a request with HMAC-SHA1 in the header `X-Signature`. **Of a batch it signs the first message only**:
/// an attacker who has seen one signed request can append other messages to its first one. A [`SharedSecret`], which
/// Segment sends in a header of its own with every request, closes this hole.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// The secret of the webhook destination at Segment, which signs the requests.
    pub secret: SecretString,
    /// A further secret that requests must have in a header.
    pub shared_secret: Option<SharedSecret>,
}

impl Webhook {
    /// A webhook whose requests are authenticated by their signature alone.
    #[must_use]
    pub fn new(secret: impl Into<SecretString>) -> Self {
        Self {
            secret: secret.into(),
            shared_secret: None,
        }
    }

    /// Requires a secret in a header as well.
    #[must_use]
    pub fn with_shared_secret(
        mut self,
        header: impl Into<String>,
        value: impl Into<SecretString>,
    ) -> Self {
        self.shared_secret = Some(SharedSecret {
            header: header.into(),
            value: value.into(),
        });
        self
    }
}

/// A secret that requests must have in a header.
#[derive(Clone, Debug)]
pub struct SharedSecret {
    /// Name of the header.
    pub header: String,
    /// Its value.
    pub value: SecretString,
}
