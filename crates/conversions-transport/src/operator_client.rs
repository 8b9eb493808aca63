//! The HTTP client for addresses that operators name: webhooks and collectors.

use std::time::Duration;

use reqwest::redirect;

use crate::SetupError;
use crate::graph::tls::{self, Trust};

/// A client for one address; `None` unless that begins with `https` or `http`. It follows no redirects and uses no proxies.
pub(crate) fn new(
    url: &url::Url,
    timeout: Duration,
) -> Result<Option<reqwest::Client>, SetupError> {
    let trust = match url.scheme() {
        "https" => Trust::System,
        "http" => Trust::None,
        _ => return Ok(None),
    };
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls::config(&trust)?)
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .referer(false)
        .user_agent(concat!("segue/", env!("CARGO_PKG_VERSION")))
        .timeout(timeout)
        .build()
        .map_err(|error| SetupError::Client {
            source: error.into(),
        })?;
    Ok(Some(client))
}
