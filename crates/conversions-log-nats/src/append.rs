//! Appending: each piece of a frame is stored, in a message of its own or in one that it shares.

use std::sync::Arc;

use conversions_delivery::frame_codec::StoredFrame;
use conversions_delivery::{
    AppendError, AppendGroup, Appended, AppendedFrame, EventKey, LogError, UnixMillis,
};
use conversions_transport::Frame;
use futures_util::future;

use crate::publish::Refused;
use crate::shared::Shared;
use crate::storing::{self, Stored};
use crate::{groups, message, stream_info};

/// Appends a group. Each piece is stored as a whole or not at all; after an error some may be, and the repetition of the
/// group finds them.
pub(crate) async fn append(
    shared: &Arc<Shared>,
    group: AppendGroup,
    now: UnixMillis,
) -> Result<Appended, AppendError> {
    let pieces: Vec<Frame> = group.frames.iter().flat_map(message::cut).collect();
    let claims = shared.window.claim(&pieces, now).await;
    let publishing: Vec<_> = pieces
        .iter()
        .zip(&claims.duplicates)
        .map(|(piece, duplicates)| one(shared, piece, duplicates, now))
        .collect();
    let outcomes = future::join_all(publishing).await;
    drop(claims);
    let frames: Result<Vec<AppendedFrame>, (Arc<str>, Refused)> = outcomes.into_iter().collect();
    match frames {
        Ok(frames) => Ok(Appended { frames }),
        Err((destination, Refused::Full)) => Err(full(shared, &destination).await),
        Err((_, Refused::Unavailable(reason))) => Err(LogError::Unavailable { reason }.into()),
    }
}

/// Publishes a piece without its duplicates.
async fn one(
    shared: &Arc<Shared>,
    piece: &Frame,
    duplicates: &[usize],
    now: UnixMillis,
) -> Result<AppendedFrame, (Arc<str>, Refused)> {
    let mut appended = AppendedFrame {
        first_key: EventKey(0),
        events: piece.len(),
        duplicates: duplicates.to_vec(),
    };
    if appended.stored() == 0 {
        return Ok(appended);
    }
    let is_shared = shared.options.group_small && duplicates.is_empty() && groups::may_share(piece);
    let stored = if is_shared {
        storing::together(shared, piece, now).await
    } else {
        storing::alone(shared, piece, &runs_without(piece, duplicates, now)).await
    };
    match stored {
        Ok(Stored::From(key)) => appended.first_key = key,
        Ok(Stored::Before) => appended.duplicates = (0..piece.len()).collect(),
        Err(refused) => return Err((Arc::clone(piece.destination()), refused)),
    }
    shared.window.remember(piece, now);
    Ok(appended)
}

/// The runs of events between duplicates, each under the place that it has in the piece.
fn runs_without(piece: &Frame, duplicates: &[usize], now: UnixMillis) -> Vec<StoredFrame> {
    let mut runs = Vec::new();
    let mut start = 0;
    for end in duplicates.iter().copied().chain([piece.len()]) {
        if start < end {
            runs.push(StoredFrame {
                first_key: EventKey(u64::try_from(start).unwrap_or(u64::MAX)),
                accepted_at: now,
                input: None,
                frame: piece.slice(start..end),
            });
        }
        start = end + 1;
    }
    runs
}

/// The error of a stream that takes nothing more, with its size if the broker tells it.
async fn full(shared: &Shared, destination: &str) -> AppendError {
    let stream = shared.names_of(destination).events_stream;
    let limit = shared.options.max_bytes;
    match stream_info::read(&shared.context, &stream, None).await {
        Ok(info) => AppendError::Full {
            held: info.state.bytes,
            limit: u64::try_from(info.config.max_bytes).unwrap_or(limit),
        },
        Err(_) => AppendError::Full { held: limit, limit },
    }
}
