//! Posts JSON to an address that operators name, such as an incoming webhook of a chat.

use std::fmt;
use std::time::Duration;

use crate::SetupError;
use crate::operator_client;

/// How long a post may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// An address that JSON is posted to. The address is a secret: whoever knows it can post too.
#[derive(Clone)]
pub struct Webhook {
    client: reqwest::Client,
    url: url::Url,
}

/// An address that cannot be a webhook.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// It is not an address.
    #[error("the webhook must be an address that begins with https:// or http://")]
    NotAnAddress,
    /// The machine cannot send.
    #[error(transparent)]
    Setup(#[from] SetupError),
}

/// A post that was not taken. Says nothing of the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PostError {
    /// The receiver answered with an error.
    #[error("the webhook answered with status {0}")]
    Status(u16),
    /// No answer came.
    #[error("the webhook cannot be reached, or does not answer within ten seconds")]
    Unreachable,
}

impl PostError {
    /// Whether the same post may be taken later.
    #[must_use]
    pub fn may_pass(self) -> bool {
        match self {
            Self::Unreachable => true,
            Self::Status(status) => matches!(status, 408 | 429 | 500..),
        }
    }
}

impl Webhook {
    /// The webhook at an address: `https`, or `http` for a receiver on the same machine or network. Redirects are not
    /// followed and no proxies are used.
    ///
    /// # Errors
    ///
    /// [`WebhookError`]; the address is not quoted.
    pub fn new(address: &str) -> Result<Self, WebhookError> {
        let url: url::Url = address
            .trim()
            .parse()
            .map_err(|_| WebhookError::NotAnAddress)?;
        let client = operator_client::new(&url, TIMEOUT)?.ok_or(WebhookError::NotAnAddress)?;
        Ok(Self { client, url })
    }

    /// Posts a JSON text. Needs a Tokio runtime with time and I/O.
    ///
    /// # Errors
    ///
    /// [`PostError`] when it was not taken.
    pub async fn post(&self, json: String) -> Result<(), PostError> {
        let request = self
            .client
            .post(self.url.clone())
            .header(http::header::CONTENT_TYPE, "application/json")
            .body(json);
        let response = request.send().await.map_err(|_| PostError::Unreachable)?;
        if response.status().is_success() {
            Ok(())
        } else {
            Err(PostError::Status(response.status().as_u16()))
        }
    }
}

/// Whether two are the same address.
impl PartialEq for Webhook {
    fn eq(&self, other: &Self) -> bool {
        self.url == other.url
    }
}

/// Never the address.
impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Webhook(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_never_shown() {
        let webhook = Webhook::new("http://127.0.0.1:1/T0KEN").expect("an address");
        assert_eq!(format!("{webhook:?}"), "Webhook(…)");
        for address in ["T0KEN", "ftp://host/T0KEN", "", "https://"] {
            let error = Webhook::new(address).expect_err("no address");
            assert!(!format!("{error} {error:?}").contains("T0KEN"), "{address}");
        }
    }

    #[test]
    fn a_post_is_repeated_only_if_it_may_be_taken_later() {
        for (status, may_pass) in [
            (400, false),
            (404, false),
            (410, false),
            (429, true),
            (503, true),
        ] {
            assert_eq!(PostError::Status(status).may_pass(), may_pass, "{status}");
        }
        assert!(PostError::Unreachable.may_pass());
    }
}
