//! What a request says about who sent it.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, header};
use url::Url;

/// What kind of program sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A browser: address and user agent are the user's.
    Browser,
    /// An app: the address is the user's, the user agent is a library's.
    App,
    /// A server, or a program of which nothing is known.
    Server,
}

/// A sender, as its request shows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sender<'h> {
    /// The other end of the connection.
    pub(crate) peer: Option<IpAddr>,
    /// The headers of the request.
    pub(crate) headers: &'h HeaderMap,
}

/// How the user agents of apps begin, in lower case: Segment's libraries for them, and what they run on.
const APPS: [&str; 9] = [
    "analytics-android",
    "analytics-flutter",
    "analytics-ios",
    "analytics-kotlin",
    "analytics-react-native",
    "analytics-swift",
    "dalvik/",
    "okhttp/",
    "rudder-ios",
];

impl<'h> Sender<'h> {
    pub(crate) fn kind(&self) -> Kind {
        let user_agent = self.user_agent().unwrap_or_default().to_ascii_lowercase();
        let from_page = [header::ORIGIN, HeaderName::from_static("sec-fetch-site")]
            .iter()
            .any(|name| self.headers.contains_key(name));
        if user_agent.starts_with("mozilla/") || from_page {
            Kind::Browser
        } else if APPS.iter().any(|app| user_agent.starts_with(app))
            || user_agent.contains(" cfnetwork/")
        {
            Kind::App
        } else {
            Kind::Server
        }
    }

    pub(crate) fn text(&self, name: impl header::AsHeaderName) -> Option<&'h str> {
        let value = self.headers.get(name)?.to_str().ok()?.trim();
        (!value.is_empty()).then_some(value)
    }

    pub(crate) fn user_agent(&self) -> Option<&'h str> {
        self.text(header::USER_AGENT)
    }

    /// Whether the page that called is of this server's own origin.
    pub(crate) fn is_same_origin(&self) -> bool {
        match self.text("sec-fetch-site") {
            Some(site) => site == "same-origin",
            None => self.origin_is_host(),
        }
    }

    /// Whether the page that called is of this server's own site, so that cookies are those of the page as well.
    pub(crate) fn is_same_site(&self) -> bool {
        match self.text("sec-fetch-site") {
            Some(site) => matches!(site, "same-origin" | "same-site"),
            None => self.origin_is_host(),
        }
    }

    /// Older browsers do not say it: then `Origin`, else `Referer`, names the host that was called.
    fn origin_is_host(&self) -> bool {
        let page = self
            .text(header::ORIGIN)
            .or_else(|| self.text(header::REFERER));
        let page = page.and_then(|page| Url::parse(page).ok());
        match (page, self.text(header::HOST)) {
            (Some(page), Some(host)) => {
                let called = Url::parse(&format!("{}://{host}", page.scheme())).ok();
                called.is_some_and(|called| called.origin() == page.origin())
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    use super::{Kind, Sender};

    fn headers(list: &[(&'static str, &'static str)]) -> HeaderMap {
        list.iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    fn with<T>(list: &[(&'static str, &'static str)], ask: impl FnOnce(Sender<'_>) -> T) -> T {
        let headers = headers(list);
        ask(Sender {
            peer: None,
            headers: &headers,
        })
    }

    #[test]
    fn servers_are_told_from_browsers_and_apps() {
        for (list, kind) in [
            (
                &[("user-agent", "Mozilla/5.0 (X11; Linux x86_64)")][..],
                Kind::Browser,
            ),
            (
                &[("user-agent", "odd"), ("origin", "https://shop.example")],
                Kind::Browser,
            ),
            (&[("user-agent", "analytics-kotlin/1.19.1")], Kind::App),
            (
                &[("user-agent", "Shop/7 CFNetwork/1410 Darwin/22")],
                Kind::App,
            ),
            (
                &[("user-agent", "analytics-node-next/latest")],
                Kind::Server,
            ),
            (&[("user-agent", "analytics-python/2.4.0")], Kind::Server),
            (&[("user-agent", "Segment.io/1.0")], Kind::Server),
            (&[("user-agent", "curl/8.5.0")], Kind::Server),
            (&[], Kind::Server),
        ] {
            assert_eq!(with(list, |sender| sender.kind()), kind, "{list:?}");
        }
    }

    #[test]
    fn the_same_site_by_the_browser_s_word_or_by_origin_and_host() {
        for (list, origin, site) in [
            (&[("sec-fetch-site", "same-origin")][..], true, true),
            (&[("sec-fetch-site", "same-site")], false, true),
            (
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("origin", "http://a.example"),
                    ("host", "a.example"),
                ],
                false,
                false,
            ),
            (
                &[("origin", "http://a.example"), ("host", "a.example")],
                true,
                true,
            ),
            (
                &[("origin", "http://a.example:8080"), ("host", "a.example")],
                false,
                false,
            ),
            (
                &[
                    ("referer", "https://a.example/p?q"),
                    ("host", "a.example:443"),
                ],
                true,
                true,
            ),
            (&[("origin", "null"), ("host", "a.example")], false, false),
            (&[("host", "a.example")], false, false),
        ] {
            let found = with(list, |sender| {
                (sender.is_same_origin(), sender.is_same_site())
            });
            assert_eq!(found, (origin, site), "{list:?}");
        }
    }
}
