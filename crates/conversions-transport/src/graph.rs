//! The Graph API over HTTPS.

mod builder;
mod failure;
pub(crate) mod tls;
mod url;

use std::fmt;

use async_trait::async_trait;
use facebook_conversions::reply::{EventsReceived, Reply, UnreadableKind};
use facebook_conversions::usage::ReplyHeaders;
use http::HeaderValue;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::Response;

pub use self::builder::GraphTransportBuilder;
pub use self::url::{GraphUrl, GraphUrlError};
use crate::{AccessToken, EventsBody, EventsRequest, PixelId, SendError, Transport};

/// Bytes read of a reply. Graph's replies have a few hundred bytes; a longer one is not Graph's.
const MAX_REPLY_BYTES: usize = 256 * 1024;

/// Sends to [`/{pixel_id}/events`](https://developers.facebook.com/docs/marketing-api/conversions-api/using-the-api)
/// of the Graph API.
///
/// The access token is sent in the `Authorization` header and nowhere else. The transport follows no redirects and uses
/// no proxies of the environment: either would get the token. It keeps connections open, so use one transport for a
/// destination as long as that exists; clones share the connections.
///
/// It needs a Tokio runtime with time and I/O.
///
/// ```no_run
/// use conversions_transport::{AccessToken, EventsRequest, GraphTransport, Transport};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let transport = GraphTransport::builder("1234567890".parse()?, AccessToken::parse("EAAB…")?).build()?;
/// let request = EventsRequest::new(vec![r#"{"event_name":"Purchase"}"#.into()]);
/// let receipt = transport.send(&request.with_test_event_code(Some("TEST123"))).await?;
/// assert_eq!(receipt.events_received, Some(1));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct GraphTransport {
    client: reqwest::Client,
    url: ::url::Url,
    authorization: HeaderValue,
    body: EventsBody,
    access_token: AccessToken,
    appsecret_proof: Option<String>,
}

impl GraphTransport {
    /// Starts building a transport for this pixel.
    #[must_use]
    pub fn builder(pixel_id: PixelId, access_token: AccessToken) -> GraphTransportBuilder {
        GraphTransportBuilder::new(pixel_id, access_token)
    }

    /// Texts that are removed from everything that is kept of a reply.
    fn secrets(&self) -> [&str; 2] {
        [
            self.access_token.expose_secret(),
            self.appsecret_proof.as_deref().unwrap_or_default(),
        ]
    }
}

#[async_trait]
impl Transport for GraphTransport {
    /// Sends `request`. A request without events is answered without sending it, since Graph would refuse it.
    async fn send(&self, request: &EventsRequest) -> Result<EventsReceived, SendError> {
        if request.is_empty() {
            return Ok(EventsReceived::all_of(0));
        }
        let response = self
            .client
            .post(self.url.clone())
            .header(AUTHORIZATION, self.authorization.clone())
            .header(CONTENT_TYPE, "application/json")
            .body(reqwest::Body::wrap(self.body.for_request(request)))
            .send()
            .await
            .map_err(failure::to_send_error)?;

        let status = response.status().as_u16();
        let secrets = self.secrets();
        let header = |name: &str| {
            response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let headers = ReplyHeaders::read(header, &secrets);
        let reply = match read_body(response).await? {
            Some(body) => Reply::read(status, &body, &secrets),
            None => Reply::Unreadable(UnreadableKind::TooLong),
        };
        tracing::debug!(status, events = request.len(), "Graph answered");
        match reply {
            Reply::Received(receipt) => Ok(EventsReceived { headers, ..receipt }),
            Reply::Refused(error) => Err(SendError::refused_with(error, headers)),
            Reply::Unreadable(kind) => Err(SendError::unreadable(status, kind, headers)),
        }
    }
}

/// The address and no secrets.
impl fmt::Debug for GraphTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GraphTransport")
            .field("url", &self.url.as_str())
            .finish_non_exhaustive()
    }
}

/// Reads the whole body; `None` if it is too long. If the body is cut off, the outcome of the request is unknown.
async fn read_body(mut response: Response) -> Result<Option<Vec<u8>>, SendError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failure::to_send_error)? {
        if body.len() + chunk.len() > MAX_REPLY_BYTES {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

#[cfg(test)]
mod tests {
    use super::GraphTransport;
    use crate::AccessToken;

    #[test]
    fn the_header_with_the_token_is_marked_as_sensitive() {
        let token = AccessToken::parse("EAAB").unwrap();
        let base_url = "http://127.0.0.1:1".parse().unwrap();
        let transport = GraphTransport::builder("1".parse().unwrap(), token)
            .base_url(base_url)
            .build()
            .unwrap();
        // Marked so, it is shown in no `Debug` and kept out of the compression tables of HTTP/2.
        assert!(transport.authorization.is_sensitive());
    }
}
