//! What a form or a program posts, with the token that belongs to it.

use std::time::Duration;

use axum::Form;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use crate::fault::Fault;
use crate::state::AppState;

/// Bytes of a body that are looked at. A message of Segment has 32 KiB at most, and a form may treble it.
const KEPT: usize = 1 << 20;
/// Bytes of a body that are read and thrown away, so that a browser hears the answer.
const READ: usize = 32 << 20;
/// How long a body may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// The header in which programs send the token.
const TOKEN_HEADER: &str = "x-console-token";
/// The field in which forms send the token.
pub(crate) const TOKEN_FIELD: &str = "token";

/// A body whose sender has read the token of this process.
pub(crate) struct Posted<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<AppState> for Posted<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Fault> {
        let (parts, body) = request.into_parts();
        let body = tokio::time::timeout(PATIENCE, read(body))
            .await
            .map_err(|_| Fault::new(StatusCode::REQUEST_TIMEOUT, "The request took too long."))??;
        let of_header = parts.headers.get(TOKEN_HEADER);
        let is_known = match of_header.and_then(|value| value.to_str().ok()) {
            Some(token) => state.token.is(token),
            None => form_urlencoded::parse(&body)
                .any(|(name, value)| name == TOKEN_FIELD && state.token.is(&value)),
        };
        if !is_known {
            return Err(Fault::stale_form());
        }
        let content_type = parts.headers.get(header::CONTENT_TYPE);
        let is_json = content_type
            .is_some_and(|content_type| content_type.as_bytes().starts_with(b"application/json"));
        let unreadable = || Fault::new(StatusCode::BAD_REQUEST, "The form cannot be read.");
        if is_json {
            let value = serde_json::from_slice(&body);
            return value.map(Self).map_err(|_| unreadable());
        }
        let again = Request::from_parts(parts, Body::from(body));
        let form = Form::<T>::from_request(again, &()).await;
        form.map(|Form(form)| Self(form)).map_err(|_| unreadable())
    }
}

/// The whole body, if it is not too large.
async fn read(body: Body) -> Result<Bytes, Fault> {
    let mut stream = body.into_data_stream();
    let mut kept = Vec::new();
    let mut length = 0;
    while let Some(piece) = stream.next().await {
        let piece = piece
            .map_err(|_| Fault::new(StatusCode::BAD_REQUEST, "The request ended too early."))?;
        length += piece.len();
        if length > READ {
            break;
        }
        if length <= KEPT {
            kept.extend_from_slice(&piece);
        }
    }
    if length > KEPT {
        return Err(Fault::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "This is too large: Segment's messages have 32 KB at most. Paste one message.",
        ));
    }
    Ok(kept.into())
}
