//! Options that contradict each other or cannot be used.

use std::collections::BTreeSet;

use secrecy::ExposeSecret;
use segment_spec::MAX_LINE_BYTES;

use super::IngestOptions;

/// Why options cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OptionsError {
    /// Two sources have one name.
    #[error("two sources are named {0:?}")]
    DuplicateSource(String),
    /// Two sources have the same write key.
    #[error("the sources {0:?} and {1:?} share a write key")]
    SharedWriteKey(String, String),
    /// A write key is empty or blank.
    #[error("a write key of the source {0:?} is empty")]
    EmptyWriteKey(String),
    /// A secret is empty.
    #[error("a secret of the webhook of the source {0:?} is empty")]
    EmptyWebhookSecret(String),
    /// A source has no destination for its events.
    #[error("the source {0:?} has no destination")]
    NoDestination(String),
    /// A source would send its events to a destination twice.
    #[error("the source {0:?} names the destination {1:?} twice")]
    DuplicateDestination(String, String),
    /// Not a header name that HTTP allows.
    #[error("{0:?} is not the name of a header")]
    InvalidHeader(String),
    /// Not an origin.
    #[error("{0:?} is not an origin such as https://shop.example.com or https://*.example.com")]
    InvalidOrigin(String),
    /// Cookies are allowed from every origin.
    #[error(
        "credentials need a list of allowed origins: otherwise any page could use the visitor's cookies"
    )]
    CredentialsForAnyOrigin,
    /// Not an `http` or `https` URL.
    #[error("{0:?} is not a URL such as https://events.example.com/v1")]
    InvalidPublicUrl(String),
    /// A number outside of its range.
    #[error("{name} is {value}; it must be from 1 to {max}")]
    OutOfRange {
        /// Name of the option.
        name: &'static str,
        /// What it is.
        value: usize,
        /// The largest value allowed.
        max: usize,
    },
}

impl IngestOptions {
    /// Finds the first contradiction among sources and limits.
    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        self.check_sources()?;
        let limits = &self.limits;
        for (name, value, max) in [
            ("message_bytes", limits.message_bytes, MAX_LINE_BYTES),
            ("batch_bytes", limits.batch_bytes, MAX_LINE_BYTES),
            ("webhook_bytes", limits.webhook_bytes, MAX_LINE_BYTES),
            ("batch_messages", limits.batch_messages, usize::MAX),
            ("completed_bytes", limits.completed_bytes, usize::MAX),
            ("webhook_messages", limits.webhook_messages, usize::MAX),
            ("inflate_ratio", limits.inflate_ratio, usize::MAX),
            ("in_flight", limits.in_flight, 1 << 20),
            ("in_flight_bytes", limits.in_flight_bytes, usize::MAX),
        ] {
            if value < 1 || value > max {
                return Err(OptionsError::OutOfRange { name, value, max });
            }
        }
        Ok(())
    }

    fn check_sources(&self) -> Result<(), OptionsError> {
        let mut names = BTreeSet::new();
        let mut keys: Vec<(&str, &str)> = Vec::new();
        for source in &self.sources {
            let name = || source.name.to_string();
            if !names.insert(&source.name) {
                return Err(OptionsError::DuplicateSource(name()));
            }
            if source.destinations.is_empty() {
                return Err(OptionsError::NoDestination(name()));
            }
            let mut destinations = BTreeSet::new();
            for destination in &source.destinations {
                if !destinations.insert(&destination.name) {
                    let twice = destination.name.to_string();
                    return Err(OptionsError::DuplicateDestination(name(), twice));
                }
            }
            for key in &source.write_keys {
                let key = key.expose_secret();
                if key.trim().is_empty() {
                    return Err(OptionsError::EmptyWriteKey(name()));
                }
                if let Some((_, other)) = keys.iter().find(|(known, _)| *known == key) {
                    return Err(OptionsError::SharedWriteKey((*other).to_owned(), name()));
                }
                keys.push((key, &source.name));
            }
            if let Some(webhook) = &source.webhook {
                let shared = webhook.shared_secret.as_ref().map(|shared| &shared.value);
                if std::iter::once(&webhook.secret)
                    .chain(shared)
                    .any(|secret| secret.expose_secret().is_empty())
                {
                    return Err(OptionsError::EmptyWebhookSecret(name()));
                }
            }
        }
        Ok(())
    }
}
