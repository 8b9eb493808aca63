//! Reading a body: bounded in size, time and, over all requests, memory.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use http_body_util::BodyExt as _;

use crate::http::inflate::{inflate, is_gzip};
use crate::limits::budget::Share;
use crate::limits::heavy_work;
use crate::refusal::Refusal;

/// Bytes that are read and thrown away behind the limit, so that the sender reads the answer instead of a reset.
const DRAINED_AT_MOST: usize = 16 * 1024 * 1024;

/// How a body is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    /// Bytes, before and after inflating.
    pub(crate) most: usize,
    /// How often its size it may become.
    pub(crate) ratio: usize,
    /// How long it may take.
    pub(crate) timeout: Duration,
}

/// Reads a body, and inflates it if it is gzip, whatever the headers say.
pub(crate) async fn read(
    headers: &HeaderMap,
    body: Body,
    how: Reading,
    share: &mut Share,
) -> Result<Bytes, Refusal> {
    let waits = headers.contains_key(header::EXPECT);
    let sent = tokio::time::timeout(how.timeout, collect(headers, waits, body, how.most, share))
        .await
        .map_err(|_| Refusal::BodyTimeout)??;
    if is_gzip(&sent) {
        heavy_work::aside(sent.len(), || inflate(&sent, how.most, how.ratio, share))
            .map(Bytes::from)
    } else {
        Ok(sent)
    }
}

async fn collect(
    headers: &HeaderMap,
    waits: bool,
    mut body: Body,
    most: usize,
    share: &mut Share,
) -> Result<Bytes, Refusal> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok())
        .unwrap_or(0);
    let too_large = announced > u64::try_from(most).unwrap_or(u64::MAX);
    // A sender that waits for permission has sent nothing yet.
    if too_large && waits {
        return Err(Refusal::PayloadTooLarge);
    }
    let mut joined = BytesMut::new();
    let (mut length, mut refusal) = (0usize, too_large.then_some(Refusal::PayloadTooLarge));
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Refusal::BrokenBody)?.into_data() else {
            continue;
        };
        length = length.saturating_add(data.len());
        if refusal.is_none() {
            if length > most {
                refusal = Some(Refusal::PayloadTooLarge);
            } else if !share.grow(data.len()) {
                refusal = Some(Refusal::Overloaded);
            }
        }
        if refusal.is_some() {
            joined = BytesMut::new();
            if length > DRAINED_AT_MOST {
                break;
            }
        } else if joined.is_empty() && body.is_end_stream() {
            // Most bodies come in one piece.
            return Ok(data);
        } else {
            // A piece holds on to the whole buffer that it was read into; copied, it takes what it is.
            joined.extend_from_slice(&data);
        }
    }
    match refusal {
        Some(refusal) => Err(refusal),
        None => Ok(joined.freeze()),
    }
}

/// Reads a body that nobody wants, up to the limit.
pub(crate) async fn discard(body: Body, timeout: Duration) {
    let drain = async {
        let (mut body, mut length) = (body, 0usize);
        while let Some(Ok(frame)) = body.frame().await {
            length = length.saturating_add(frame.data_ref().map_or(0, Bytes::len));
            if length > DRAINED_AT_MOST {
                break;
            }
        }
    };
    drop(tokio::time::timeout(timeout, drain).await);
}
