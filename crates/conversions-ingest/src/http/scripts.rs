//! Answers that carry a script of a [`BrowserBundle`](crate::BrowserBundle).

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::browser_bundle::Script;

/// Browsers look for a new version after five minutes.
const CACHE: HeaderValue = HeaderValue::from_static("public, max-age=300");
const TYPE: HeaderValue = HeaderValue::from_static("text/javascript; charset=utf-8");

/// The script; compressed if the browser takes that, and 304 without a body if it has this version.
pub(crate) fn answer(script: &Script, request: &HeaderMap) -> Response {
    let text = |name| request.get(name).and_then(|value| value.to_str().ok());
    let takes_gzip = text(header::ACCEPT_ENCODING).is_some_and(accepts_gzip);
    let is_known = script.etag.as_ref().is_some_and(|etag| {
        let known = text(header::IF_NONE_MATCH).unwrap_or_default();
        known.split(',').any(|known| {
            let known = known.trim();
            known.strip_prefix("W/").unwrap_or(known).as_bytes() == etag.as_bytes()
        })
    });
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else if takes_gzip && !script.gzip.is_empty() {
        let encoding = [(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))];
        (encoding, Body::from(script.gzip.clone())).into_response()
    } else {
        Body::from(script.plain.clone()).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, TYPE);
    headers.insert(header::CACHE_CONTROL, CACHE);
    headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    if let Some(etag) = &script.etag {
        headers.insert(header::ETAG, etag.clone());
    }
    response
}

/// Whether a list of encodings has gzip, and not with the quality 0.
fn accepts_gzip(list: &str) -> bool {
    list.split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let is_gzip = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let is_refused = parts.any(|quality| {
            let value = quality
                .strip_prefix("q=")
                .and_then(|value| value.parse().ok());
            value.is_some_and(|value: f32| value <= 0.0)
        });
        is_gzip && !is_refused
    })
}

#[cfg(test)]
mod tests {
    use super::accepts_gzip;

    #[test]
    fn gzip_is_used_where_the_browser_lists_it() {
        assert!(accepts_gzip("gzip, deflate, br, zstd"));
        assert!(accepts_gzip("br, GZIP;q=0.5"));
        assert!(!accepts_gzip("gzip;q=0, br"));
        assert!(!accepts_gzip("identity"));
        assert!(!accepts_gzip(""));
    }
}
