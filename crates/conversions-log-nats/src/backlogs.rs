//! How much is unsettled, by what the broker counts.
//!
//! The subject of a message says how many events it has, so the broker's counts by subject give the number of events
//! without reading one. Of messages that another node has partly settled all events count.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use async_nats::jetstream::response::Response;
use async_nats::jetstream::{Context, stream};
use conversions_delivery::{Backlog, LogError, UnixMillis};
use serde::Deserialize;

use crate::lane::Lane;
use crate::names::Namespace;
use crate::shared::Shared;
use crate::stream_info::{self, StreamInfo};
use crate::streams::DESTINATION;
use crate::telemetry;

/// What is unsettled at a destination; as it was a moment ago, if the options allow that.
pub(crate) async fn of_lane(shared: &Shared, lane: &Lane) -> Result<Backlog, LogError> {
    if let Some((read_at, backlog)) = lane.known_backlog()
        && read_at.elapsed() < shared.options.backlog_fresh_for
    {
        return Ok(backlog);
    }
    let names = &lane.names;
    let (events, later) = (format!("{}.*", names.events), format!("{}.*", names.due));
    let (events, later) = tokio::try_join!(
        stream_info::read(&shared.context, &names.events_stream, Some(&events)),
        stream_info::read(&shared.context, &names.later_stream, Some(&later)),
    )?;
    let (settled, later_in_hand) = {
        let hand = lane.hand();
        (hand.settled_events(), hand.later_events())
    };
    // A deferred event is a message of its own.
    let deferred = later
        .state
        .messages
        .saturating_sub(later.counted_messages());
    let held = events.counted_events() + later.counted_events() + deferred;
    let backlog = Backlog {
        events: held.saturating_sub(settled),
        later: deferred + later_in_hand,
        bytes: events.state.bytes + later.state.bytes,
        oldest: [oldest(&events), oldest(&later)]
            .into_iter()
            .flatten()
            .min(),
        lowest_line: None,
    };
    telemetry::stream(
        &lane.destination,
        events.bytes_ratio(),
        events.replicas_behind(),
        backlog.later,
    );
    lane.remember_backlog(backlog, Instant::now());
    Ok(backlog)
}

/// What is unsettled, by destination: of all that have streams.
pub(crate) async fn of_all(shared: &Shared) -> Result<BTreeMap<Arc<str>, Backlog>, LogError> {
    let mut backlogs = BTreeMap::new();
    for destination in destinations(&shared.context, &shared.options.namespace).await? {
        let lane = shared.lane(&destination);
        let backlog = of_lane(shared, &lane).await?;
        backlogs.insert(Arc::clone(&lane.destination), backlog);
    }
    Ok(backlogs)
}

/// When the oldest message was stored.
fn oldest(info: &StreamInfo) -> Option<UnixMillis> {
    if info.state.messages == 0 {
        return None;
    }
    let at: jiff::Timestamp = info.state.first_ts.parse().ok()?;
    Some(UnixMillis(at.as_millisecond()))
}

#[derive(Deserialize)]
struct Page {
    total: usize,
    #[serde(default)]
    streams: Option<Vec<Listed>>,
}

#[derive(Deserialize)]
struct Listed {
    config: stream::Config,
}

/// The names of the destinations that have streams in this namespace.
pub(crate) async fn destinations(
    context: &Context,
    namespace: &Namespace,
) -> Result<Vec<String>, LogError> {
    let prefix = namespace.events_stream_prefix();
    let (mut names, mut offset) = (Vec::new(), 0);
    loop {
        let request = serde_json::json!({ "offset": offset });
        let unavailable = |reason: String| LogError::Unavailable {
            reason: format!("the streams cannot be listed: {reason}"),
        };
        let page: Page = match context.request("STREAM.LIST", &request).await {
            Ok(Response::Ok(page)) => page,
            Ok(Response::Err { error }) => return Err(unavailable(error.to_string())),
            Err(error) => return Err(unavailable(error.to_string())),
        };
        let streams = page.streams.unwrap_or_default();
        offset += streams.len();
        let is_last = streams.is_empty() || offset >= page.total;
        let own = streams
            .into_iter()
            .filter(|one| one.config.name.starts_with(&prefix));
        names.extend(own.filter_map(|mut one| one.config.metadata.remove(DESTINATION)));
        if is_last {
            return Ok(names);
        }
    }
}
