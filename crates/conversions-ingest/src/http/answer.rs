//! What senders are told.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::refusal::{Refusal, Refused};

/// A transparent image of one pixel.
const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// A message of a batch that was not taken, while others were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct LeftOut {
    /// Its position in the batch, from 0.
    pub(crate) index: usize,
    /// The code of the reason.
    pub(crate) code: &'static str,
}

/// At most so many are listed.
pub(crate) const LISTED_AT_MOST: usize = 100;

/// 200: everything that could be taken is safe.
pub(crate) fn success(left_out: &[LeftOut]) -> Response {
    if left_out.is_empty() {
        return json(StatusCode::OK, r#"{"success":true}"#.to_owned());
    }
    let list = serde_json::to_string(left_out).unwrap_or_else(|_| "[]".to_owned());
    json(
        StatusCode::OK,
        format!(r#"{{"success":true,"rejected":{list}}}"#),
    )
}

/// A refusal; `usual` is when senders shall come back.
pub(crate) fn refusal(refused: impl Into<Refused>, usual: Duration) -> Response {
    let refused = refused.into();
    let refusal = refused.refusal;
    let body = format!(
        r#"{{"success":false,"code":"{}","message":"{}"}}"#,
        refusal.code(),
        refusal.sentence()
    );
    let mut response = json(refusal.status(), body);
    if let Some(retry_after) = refused.retry_after(usual) {
        put_retry_after(response.headers_mut(), retry_after);
    }
    // Whatever else this sender has to say on this connection can wait.
    if refusal == Refusal::BodyTimeout {
        response
            .headers_mut()
            .insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

fn put_retry_after(headers: &mut HeaderMap, retry_after: Duration) {
    let seconds = retry_after.as_millis().div_ceil(1000).clamp(1, 300);
    if let Ok(value) = HeaderValue::from_str(&seconds.to_string()) {
        headers.insert(header::RETRY_AFTER, value);
    }
}

/// JSON that nobody keeps.
pub(crate) fn json(status: StatusCode, body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, body).into_response()
}

/// The image that every pixel gets.
pub(crate) fn gif() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "image/gif"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, GIF).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_whole_and_within_what_clients_obey() {
        for (wait, told) in [
            (0, "1"),
            (1, "1"),
            (1001, "2"),
            (5000, "5"),
            (9_999_999, "300"),
        ] {
            let response = refusal(Refusal::Full, Duration::from_millis(wait));
            assert_eq!(response.headers().get("retry-after").expect("told"), told);
        }
        assert!(
            refusal(Refusal::BadRequest, Duration::ZERO)
                .headers()
                .get("retry-after")
                .is_none()
        );
    }
}
