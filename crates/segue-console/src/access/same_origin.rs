//! Whether a request that changes something comes from these pages.

use axum::http::{HeaderMap, header};

use crate::fault::Fault;

/// Refuses requests that a page of another site makes: by `Sec-Fetch-Site`, which a page cannot forge, else by `Origin`. A
/// request with neither is not of a browser that has pages open; it still needs the token.
pub(super) fn check(headers: &HeaderMap) -> Result<(), Fault> {
    let text = |name: &str| {
        let value = headers.get(name);
        value.map(|value| value.to_str().unwrap_or("(unreadable)"))
    };
    let is_same = match (text("sec-fetch-site"), text(header::ORIGIN.as_str())) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = text(header::HOST.as_str());
            origin.split_once("://").map(|(_, host)| host) == host && host.is_some()
        }
        (None, None) => true,
    };
    if is_same {
        Ok(())
    } else {
        Err(Fault::cross_site())
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn only_these_pages_and_programs_may_change_something() {
        for (headers, is_admitted) in [
            (&[("sec-fetch-site", "same-origin")][..], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("origin", "http://localhost:1"),
                    ("host", "localhost:1"),
                ],
                false,
            ),
            (
                &[("origin", "http://localhost:1"), ("host", "localhost:1")],
                true,
            ),
            (
                &[("origin", "http://localhost:2"), ("host", "localhost:1")],
                false,
            ),
            (&[("origin", "null"), ("host", "localhost:1")], false),
            (&[("origin", "https://example.com")], false),
            (&[("origin", "null")], false),
            (&[], true),
        ] {
            let map: HeaderMap = headers
                .iter()
                .map(|(name, value)| {
                    (
                        HeaderName::from_static(name),
                        HeaderValue::from_static(value),
                    )
                })
                .collect();
            assert_eq!(check(&map).is_ok(), is_admitted, "{headers:?}");
        }
    }
}
