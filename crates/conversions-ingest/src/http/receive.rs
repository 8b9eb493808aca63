//! One request from its body to its outcome: read within the limits, prepared, stored.

use axum::extract::Request;
use axum::http::request::Parts;

use crate::compiled_options::CompiledOptions;
use crate::http::body::{self, BodyLimits};
use crate::limits::budget::Share;
use crate::limits::heavy_work;
use crate::outcome::RejectedItem;
use crate::refusal::{Refusal, Refused};
use crate::request::PreparedRequest;
use crate::sink::SinkError;
use crate::state::IngestState;

/// What is known of a sender before the body is read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Trust {
    /// A write key of a source is in the headers.
    Key,
    /// Nothing is known.
    None,
}

impl Trust {
    /// Bytes that the requests of such senders may hold together. Senders without a key share half of the memory:
    /// however much they send, the other half stays free for senders with one.
    fn budget(self, in_flight_bytes: usize) -> usize {
        match self {
            Self::Key => in_flight_bytes,
            Self::None => in_flight_bytes / 2,
        }
    }
}

/// Reads the body, lets `prepare` make events of it, and stores those. The result lists the messages of a batch that
/// were rejected while others were stored.
pub(crate) async fn receive(
    state: &IngestState,
    compiled: &CompiledOptions,
    request: Request,
    max_body_bytes: usize,
    trust: Trust,
    prepare: impl FnOnce(Parts, &[u8], &mut Share) -> Result<PreparedRequest, Refused>,
) -> Result<Vec<RejectedItem>, Refused> {
    let limits = &compiled.options.limits;
    let timeout = compiled.options.body_timeout;
    let (parts, body) = request.into_parts();
    if state.is_stopping() {
        body::discard(body, timeout).await;
        return Err(Refusal::ShuttingDown.into());
    }
    let body_limits = BodyLimits {
        bytes: max_body_bytes,
        inflate_ratio: limits.inflate_ratio,
        timeout,
    };
    let mut share = state.bytes.share(trust.budget(limits.in_flight_bytes));
    let body = body::read(&parts.headers, body, body_limits, &mut share).await?;
    // Counted only now: a slow sender must not take the place of one whose body is here.
    let mut slot = state.in_flight.share(limits.in_flight);
    if !slot.grow(1) {
        return Err(Refusal::Overloaded.into());
    }
    let permit = state.heavy_work.acquire(body.len()).await;
    let prepared = heavy_work::run_blocking(body.len(), || prepare(parts, &body, &mut share))?;
    drop((body, permit));
    Ok(store(state, compiled, prepared).await?)
}

/// Stores the events of a request, then counts what became of its messages.
async fn store(
    state: &IngestState,
    compiled: &CompiledOptions,
    prepared: PreparedRequest,
) -> Result<Vec<RejectedItem>, Refusal> {
    if prepared.frames.is_empty() {
        if let Some(recorder) = prepared.recorder {
            recorder.finish(&[]);
        }
    } else {
        let accepted = match prepared.recorder {
            Some(recorder) => state.sink.accept_recorded(prepared.frames, recorder),
            None => state.sink.accept(prepared.frames),
        };
        tokio::time::timeout(compiled.options.sink_timeout, accepted)
            .await
            .map_err(|_| Refusal::Unavailable)?
            .map_err(|error| match error {
                SinkError::Full => Refusal::Full,
                SinkError::Unavailable => Refusal::Unavailable,
                SinkError::ShuttingDown => Refusal::ShuttingDown,
            })?;
    }
    let counts = prepared.outcomes.as_slice();
    state.messages.record(&prepared.source.name, counts);
    state.sink.observe(&prepared.source.name, counts);
    Ok(prepared.rejected)
}
