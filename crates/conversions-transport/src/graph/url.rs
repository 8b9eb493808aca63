//! The base address of Graph.

use std::fmt;
use std::str::FromStr;

use facebook_conversions::graph::ApiVersion;
use url::{Host, Url};

use crate::PixelId;

/// The base address of Graph: `https://graph.facebook.com`, or a stand-in.
///
/// `https` with any host; plain `http` only for this machine (127.0.0.0/8, `::1` and `localhost`), because the access
/// token travels in a header. A path is kept as a prefix; user names, passwords, queries and fragments are
/// refused.
///
/// ```
/// use conversions_transport::{GraphUrl, GraphUrlError};
///
/// let sandbox: GraphUrl = "http://127.0.0.1:8787".parse()?;
/// assert_eq!(sandbox.to_string(), "http://127.0.0.1:8787/");
/// assert_eq!("http://graph.facebook.com".parse::<GraphUrl>(), Err(GraphUrlError::PlainHttp));
/// # Ok::<(), GraphUrlError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphUrl(Url);

/// Why a text is not a base address. The error does not show the text, which may contain a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GraphUrlError {
    /// Not a URL.
    #[error("it is not a URL: write it like {}", GraphUrl::META)]
    NotAnAddress,
    /// Neither `https` nor `http`.
    #[error("it must begin with https://")]
    Scheme,
    /// Plain `http` to another machine.
    #[error(
        "plain http is only for this machine (127.0.0.1, ::1, localhost), because the access token would be readable \
         on the way: write https://"
    )]
    PlainHttp,
    /// A user name or password.
    #[error("it must not contain a user name or password")]
    Credentials,
    /// A query (`?`) or fragment (`#`).
    #[error("it must not contain a query (?) or fragment (#)")]
    QueryOrFragment,
}

impl GraphUrl {
    /// Meta's own address.
    pub const META: &'static str = "https://graph.facebook.com";

    /// Whether the connection is plain `http` to this machine.
    #[must_use]
    pub fn is_plain_http(&self) -> bool {
        self.0.scheme() == "http"
    }

    /// `{base}/{api_version}/{pixel_id}/events`.
    pub(super) fn events(&self, api_version: ApiVersion, pixel_id: &PixelId) -> Url {
        let mut url = self.0.clone();
        let path = url.path().trim_end_matches('/');
        url.set_path(&format!("{path}/{api_version}/{pixel_id}/events"));
        url
    }
}

impl FromStr for GraphUrl {
    type Err = GraphUrlError;

    fn from_str(text: &str) -> Result<Self, GraphUrlError> {
        let url = Url::parse(text.trim()).map_err(|_| GraphUrlError::NotAnAddress)?;
        let plain = match url.scheme() {
            "https" => false,
            "http" => true,
            _ => return Err(GraphUrlError::Scheme),
        };
        let host = url.host().ok_or(GraphUrlError::NotAnAddress)?;
        if plain && !is_this_machine(&host) {
            return Err(GraphUrlError::PlainHttp);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(GraphUrlError::Credentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(GraphUrlError::QueryOrFragment);
        }
        Ok(Self(url))
    }
}

impl fmt::Display for GraphUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The only host name that plain `http` may use; it is never resolved by a name server.
pub(super) const LOCALHOST: &str = "localhost";

fn is_this_machine(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == LOCALHOST,
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use facebook_conversions::graph::ApiVersion;

    use super::{GraphUrl, GraphUrlError};

    fn error(text: &str) -> Option<GraphUrlError> {
        text.parse::<GraphUrl>().err()
    }

    #[test]
    fn plain_http_is_allowed_for_loopback_addresses_only() {
        for text in [
            "http://127.0.0.1",
            "http://127.8.9.10:80/",
            "http://[::1]:9000",
            "http://localhost:1",
            "HTTP://LocalHost",
            "http://127.1",
            "http://2130706433",
        ] {
            assert_eq!(error(text), None, "{text}");
        }
        for text in [
            "http://graph.facebook.com",
            "http://10.0.0.1",
            "http://0.0.0.0",
            "http://[::]",
            "http://[::ffff:127.0.0.1]",
            "http://localhost.example.com",
            "http://127.0.0.1.nip.io",
            "http://localhost.",
            "http://169.254.169.254",
        ] {
            assert_eq!(error(text), Some(GraphUrlError::PlainHttp), "{text}");
        }
    }

    #[test]
    fn https_is_allowed_for_every_host() {
        for text in [
            GraphUrl::META,
            "https://localhost",
            "https://proxy.example.com:8443/graph",
        ] {
            assert_eq!(error(text), None, "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused_each_with_its_reason() {
        assert_eq!(
            error("graph.facebook.com"),
            Some(GraphUrlError::NotAnAddress)
        );
        assert_eq!(error(""), Some(GraphUrlError::NotAnAddress));
        assert_eq!(
            error("ftp://graph.facebook.com"),
            Some(GraphUrlError::Scheme)
        );
        assert_eq!(error("file:///etc"), Some(GraphUrlError::Scheme));
        assert_eq!(
            error("https://me:pw@graph.facebook.com"),
            Some(GraphUrlError::Credentials)
        );
        assert_eq!(
            error("http://127.0.0.1@graph.facebook.com"),
            Some(GraphUrlError::PlainHttp)
        );
        assert_eq!(
            error("https://graph.facebook.com?access_token=x"),
            Some(GraphUrlError::QueryOrFragment)
        );
        assert_eq!(
            error("https://graph.facebook.com#x"),
            Some(GraphUrlError::QueryOrFragment)
        );
    }

    #[test]
    fn the_path_of_events_follows_a_path_of_the_base() {
        let pixel_id = "42".parse().unwrap();
        let events = |base: &str| {
            base.parse::<GraphUrl>()
                .unwrap()
                .events(ApiVersion::new(26, 0), &pixel_id)
                .to_string()
        };
        assert_eq!(
            events("https://graph.facebook.com"),
            "https://graph.facebook.com/v26.0/42/events"
        );
        assert_eq!(
            events("https://graph.facebook.com/"),
            "https://graph.facebook.com/v26.0/42/events"
        );
        assert_eq!(
            events("https://example.com/meta/"),
            "https://example.com/meta/v26.0/42/events"
        );
    }
}
