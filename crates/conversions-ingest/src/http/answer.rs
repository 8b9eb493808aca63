//! The answers that senders get.

use std::time::Duration;

use crate::outcome::RejectedItem;
use crate::refusal::{Refusal, Refused};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// A transparent image of one pixel.
const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// 200: all events are stored. Lists the messages that were rejected.
pub(crate) fn success(rejected: &[RejectedItem]) -> Response {
    if rejected.is_empty() {
        return json(StatusCode::OK, r#"{"success":true}"#.to_owned());
    }
    let list = serde_json::to_string(rejected).unwrap_or_else(|_| "[]".to_owned());
    json(
        StatusCode::OK,
        format!(r#"{{"success":true,"rejected":{list}}}"#),
    )
}

/// A refusal, with `Retry-After` if the sender is to try again. `default_wait` counts where the refusal has no time of
/// its own.
pub(crate) fn refusal(refused: impl Into<Refused>, default_wait: Duration) -> Response {
    let refused = refused.into();
    let refusal = refused.refusal;
    let body = format!(
        r#"{{"success":false,"code":"{}","message":"{}"}}"#,
        refusal.code(),
        refusal.sentence()
    );
    let mut response = json(refusal.status(), body);
    if let Some(retry_after) = refused.retry_after(default_wait) {
        put_retry_after(response.headers_mut(), retry_after);
    }
    // Its body is still on the way, so the connection cannot take another request.
    if refusal == Refusal::BodyTimeout {
        response
            .headers_mut()
            .insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

fn put_retry_after(headers: &mut HeaderMap, retry_after: Duration) {
    // Segment's clients never wait longer than 300 seconds.
    let seconds = retry_after.as_millis().div_ceil(1000).clamp(1, 300);
    if let Ok(value) = HeaderValue::from_str(&seconds.to_string()) {
        headers.insert(header::RETRY_AFTER, value);
    }
}

/// JSON that no cache keeps.
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
    fn retry_after_is_in_whole_seconds_from_1_to_300() {
        for (wait, header) in [
            (0, "1"),
            (1, "1"),
            (1001, "2"),
            (5000, "5"),
            (9_999_999, "300"),
        ] {
            let response = refusal(Refusal::Full, Duration::from_millis(wait));
            assert_eq!(
                response.headers().get("retry-after").expect("a header"),
                header
            );
        }
        assert!(
            refusal(Refusal::BadRequest, Duration::ZERO)
                .headers()
                .get("retry-after")
                .is_none()
        );
    }
}
