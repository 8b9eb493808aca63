//! What a request says about its sender.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, header};
use url::Url;

/// The kind of program that sent a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SenderKind {
    /// A browser: address and user agent are those of the user.
    Browser,
    /// An app: the address is that of the user, the user agent that of a library.
    App,
    /// A server, or an unknown program.
    Server,
}

/// The sender of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sender<'h> {
    /// The address of the other end of the connection.
    pub(crate) peer: Option<IpAddr>,
    /// The headers of the request.
    pub(crate) headers: &'h HeaderMap,
}

/// Prefixes of the user agents of apps, in lower case: Segment's mobile libraries and the HTTP clients that these use.
const APP_PREFIXES: [&str; 9] = [
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
    pub(crate) fn kind(&self) -> SenderKind {
        let user_agent = self.user_agent().unwrap_or_default().to_ascii_lowercase();
        let from_page = [header::ORIGIN, HeaderName::from_static("sec-fetch-site")]
            .iter()
            .any(|name| self.headers.contains_key(name));
        if user_agent.starts_with("mozilla/") || from_page {
            SenderKind::Browser
        } else if APP_PREFIXES.iter().any(|app| user_agent.starts_with(app))
            || user_agent.contains(" cfnetwork/")
        {
            SenderKind::App
        } else {
            SenderKind::Server
        }
    }

    pub(crate) fn text(&self, name: impl header::AsHeaderName) -> Option<&'h str> {
        let value = self.headers.get(name)?.to_str().ok()?.trim();
        (!value.is_empty()).then_some(value)
    }

    pub(crate) fn user_agent(&self) -> Option<&'h str> {
        self.text(header::USER_AGENT)
    }

    /// Whether the calling page has the origin of this server.
    pub(crate) fn is_same_origin(&self) -> bool {
        match self.text("sec-fetch-site") {
            Some(site) => site == "same-origin",
            None => self.origin_is_host(),
        }
    }

    /// Whether the calling page is of the same site as this server, so that the request's cookies are also the page's.
    pub(crate) fn is_same_site(&self) -> bool {
        match self.text("sec-fetch-site") {
            Some(site) => matches!(site, "same-origin" | "same-site"),
            None => self.origin_is_host(),
        }
    }

    /// For older browsers, which send no `Sec-Fetch-Site`: whether `Origin`, or else `Referer`, names the called host.
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

    use super::{Sender, SenderKind};

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
    fn the_kind_of_sender_follows_from_user_agent_and_origin() {
        for (list, kind) in [
            (
                &[("user-agent", "Mozilla/5.0 (X11; Linux x86_64)")][..],
                SenderKind::Browser,
            ),
            (
                &[("user-agent", "odd"), ("origin", "https://shop.example")],
                SenderKind::Browser,
            ),
            (
                &[("user-agent", "analytics-kotlin/1.19.1")],
                SenderKind::App,
            ),
            (
                &[("user-agent", "Shop/7 CFNetwork/1410 Darwin/22")],
                SenderKind::App,
            ),
            (
                &[("user-agent", "analytics-node-next/latest")],
                SenderKind::Server,
            ),
            (
                &[("user-agent", "analytics-python/2.4.0")],
                SenderKind::Server,
            ),
            (&[("user-agent", "Segment.io/1.0")], SenderKind::Server),
            (&[("user-agent", "curl/8.5.0")], SenderKind::Server),
            (&[], SenderKind::Server),
        ] {
            assert_eq!(with(list, |sender| sender.kind()), kind, "{list:?}");
        }
    }

    #[test]
    fn same_origin_and_site_come_from_sec_fetch_site_or_else_from_origin_and_host() {
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
