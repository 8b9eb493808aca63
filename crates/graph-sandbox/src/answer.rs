//! Builds answers.

use std::{
    collections::BTreeMap,
    io,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    Json,
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http_body::Frame;
use serde_json::{Value, json};

use crate::{edge::Edge, graph_error::GraphError, validation::Refusal};

/// Graph's answer to a request that it accepts.
pub(crate) fn success(edge: &Edge, events_received: u64, messages: &[String]) -> Value {
    json!({
        "events_received": events_received,
        "messages": messages,
        "fbtrace_id": edge.next_trace_id(),
    })
}

/// Graph's answer to a request that it refuses. The header `x-sandbox-fault` names the fault.
pub(crate) fn refusal(edge: &Edge, refusal: &Refusal) -> Response {
    let mut answer = graph_error(edge, refusal.status(), refusal.error());
    let fault = HeaderValue::from_static(refusal.fault());
    answer
        .headers_mut()
        .insert(HeaderName::from_static("x-sandbox-fault"), fault);
    answer
}

pub(crate) fn graph_error(edge: &Edge, status: u16, error: GraphError) -> Response {
    let error = GraphError {
        fbtrace_id: edge.next_trace_id(),
        ..error
    };
    (status_code(status), Json(json!({"error": error}))).into_response()
}

/// The HTML answer to a body that is too large: at Meta it comes from a proxy in front of Graph.
pub(crate) fn too_large() -> Response {
    let page = "<html><head><title>413 Request Entity Too Large</title></head></html>\n";
    (
        StatusCode::PAYLOAD_TOO_LARGE,
        [(header::CONTENT_TYPE, "text/html")],
        page,
    )
        .into_response()
}

/// An answer with these headers and no others. The script was checked, so HTTP allows them.
pub(crate) fn scripted(status: u16, headers: &BTreeMap<String, String>, body: String) -> Response {
    let mut answer = Response::new(Body::from(body));
    *answer.status_mut() = status_code(status);
    add_headers(&mut answer, headers);
    answer
}

pub(crate) fn add_headers(answer: &mut Response, headers: &BTreeMap<String, String>) {
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            answer.headers_mut().insert(name, value);
        }
    }
}

/// A whole answer whose JSON ends early.
pub(crate) fn truncated(json: &Value) -> Response {
    let mut text = json.to_string();
    text.truncate(text.len() / 2);
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// An answer whose connection ends in the middle of its body.
pub(crate) fn cut_off(json: &Value) -> Response {
    let text = json.to_string();
    let length = text.len();
    let half = Bytes::from(text).slice(..length / 2);
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        ),
        (header::CONTENT_LENGTH, HeaderValue::from(length)),
    ];
    (headers, Body::new(CutOff::Bytes(half))).into_response()
}

/// An answer that never arrives: its connection is cut, or else ends before its first byte.
pub(crate) fn none() -> Response {
    Response::new(Body::new(CutOff::Failure))
}

fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST)
}

/// A body that fails after its bytes are on their way.
enum CutOff {
    Bytes(Bytes),
    /// A body that is not ready makes hyper write what it has so far.
    Flush,
    Failure,
}

impl http_body::Body for CutOff {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match &mut *self {
            Self::Bytes(bytes) => {
                let bytes = std::mem::take(bytes);
                *self = Self::Flush;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Self::Flush => {
                *self = Self::Failure;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Self::Failure => Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into()))),
        }
    }
}
