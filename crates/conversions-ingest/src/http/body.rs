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

/// Bytes of a body over the limit that are still read and dropped: a sender that is cut off while it writes sees a
/// reset instead of the answer.
const MAX_DRAINED_BYTES: usize = 16 * 1024 * 1024;

/// Bytes that are reserved for an announced body at most: a sender may announce much and send nothing.
const MAX_RESERVED_BYTES: usize = 512 * 1024;

/// Limits of one body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimits {
    /// Bytes at most, before and after inflating.
    pub(crate) bytes: usize,
    /// How many times its compressed size it may inflate to.
    pub(crate) inflate_ratio: usize,
    /// How long it may take to arrive.
    pub(crate) timeout: Duration,
}

/// Reads a body, and inflates it if it is gzip: some clients compress without saying so, others say so without
/// compressing.
pub(crate) async fn read(
    headers: &HeaderMap,
    body: Body,
    limits: BodyLimits,
    share: &mut Share,
) -> Result<Bytes, Refusal> {
    let expects_continue = headers.contains_key(header::EXPECT);
    let sent = tokio::time::timeout(
        limits.timeout,
        collect(headers, expects_continue, body, limits.bytes, share),
    )
    .await
    .map_err(|_| Refusal::BodyTimeout)??;
    if is_gzip(&sent) {
        heavy_work::run_blocking(sent.len(), || {
            inflate(&sent, limits.bytes, limits.inflate_ratio, share)
        })
        .map(Bytes::from)
    } else {
        Ok(sent)
    }
}

async fn collect(
    headers: &HeaderMap,
    expects_continue: bool,
    mut body: Body,
    max_bytes: usize,
    share: &mut Share,
) -> Result<Bytes, Refusal> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok())
        .unwrap_or(0);
    let too_large = announced > u64::try_from(max_bytes).unwrap_or(u64::MAX);
    // A sender that waits for `100 Continue` has sent nothing yet.
    if too_large && expects_continue {
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
            if length > max_bytes {
                refusal = Some(Refusal::PayloadTooLarge);
            } else if !share.grow(data.len()) {
                refusal = Some(Refusal::Overloaded);
            }
        }
        if refusal.is_some() {
            joined = BytesMut::new();
            if length > MAX_DRAINED_BYTES {
                break;
            }
        } else if joined.is_empty() && body.is_end_stream() {
            // Most bodies come in one frame.
            return Ok(data);
        } else {
            if joined.is_empty() {
                // Grown step by step it would be copied at each.
                let expected = usize::try_from(announced).unwrap_or(usize::MAX);
                joined.reserve(expected.clamp(data.len(), MAX_RESERVED_BYTES.max(data.len())));
            }
            // A frame keeps the whole buffer alive that it was read into, so it is copied.
            joined.extend_from_slice(&data);
        }
    }
    match refusal {
        Some(refusal) => Err(refusal),
        None => Ok(joined.freeze()),
    }
}

/// Reads and drops a body, up to [`MAX_DRAINED_BYTES`].
pub(crate) async fn discard(body: Body, timeout: Duration) {
    let drain = async {
        let (mut body, mut length) = (body, 0usize);
        while let Some(Ok(frame)) = body.frame().await {
            length = length.saturating_add(frame.data_ref().map_or(0, Bytes::len));
            if length > MAX_DRAINED_BYTES {
                break;
            }
        }
    };
    drop(tokio::time::timeout(timeout, drain).await);
}
