//! What the broker says of a stream.

use std::collections::HashMap;

use async_nats::jetstream::response::Response;
use async_nats::jetstream::{Context, stream};
use conversions_delivery::LogError;
use serde::Deserialize;

use crate::names::events_of_subject;

/// The part of the answer that is of interest here.
#[derive(Debug, Deserialize)]
pub(crate) struct StreamInfo {
    pub(crate) config: stream::Config,
    pub(crate) state: State,
    #[serde(default)]
    pub(crate) cluster: Option<Cluster>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct State {
    pub(crate) messages: u64,
    pub(crate) bytes: u64,
    /// When the oldest message was stored, RFC 3339.
    #[serde(default)]
    pub(crate) first_ts: String,
    /// How many messages each subject has, if that was asked for.
    #[serde(default)]
    pub(crate) subjects: Option<HashMap<String, u64>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Cluster {
    #[serde(default)]
    pub(crate) replicas: Option<Vec<Replica>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Replica {
    #[serde(default)]
    pub(crate) current: bool,
    #[serde(default)]
    pub(crate) offline: bool,
}

impl StreamInfo {
    /// Events of the messages whose subjects were asked for, by the number that a subject ends with.
    pub(crate) fn counted_events(&self) -> u64 {
        let subjects = self.state.subjects.iter().flatten();
        subjects
            .map(|(subject, messages)| {
                events_of_subject(subject)
                    .unwrap_or(1)
                    .saturating_mul(*messages)
            })
            .fold(0, u64::saturating_add)
    }

    /// Messages of the subjects that were asked for.
    pub(crate) fn counted_messages(&self) -> u64 {
        let subjects = self.state.subjects.iter().flatten();
        subjects
            .map(|(_, messages)| *messages)
            .fold(0, u64::saturating_add)
    }

    /// How many replicas are away, or have not caught up.
    pub(crate) fn replicas_behind(&self) -> u32 {
        let replicas = self
            .cluster
            .iter()
            .flat_map(|cluster| cluster.replicas.iter().flatten());
        let behind = replicas.filter(|replica| replica.offline || !replica.current);
        u32::try_from(behind.count()).unwrap_or(u32::MAX)
    }

    /// The part of its bytes that is used, 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
    pub(crate) fn bytes_ratio(&self) -> f64 {
        if self.config.max_bytes > 0 {
            self.state.bytes as f64 / self.config.max_bytes as f64
        } else {
            0.0
        }
    }
}

/// Asks for a stream, with the number of messages of each subject of a filter.
///
/// # Errors
///
/// [`LogError::Unavailable`] when the broker does not answer, or there is no such stream.
pub(crate) async fn read(
    context: &Context,
    stream: &str,
    subjects: Option<&str>,
) -> Result<StreamInfo, LogError> {
    let request = serde_json::json!({ "subjects_filter": subjects.unwrap_or_default() });
    let unavailable = |reason: String| LogError::Unavailable {
        reason: format!("the stream {stream} cannot be looked at: {reason}"),
    };
    let answer = context
        .request(format!("STREAM.INFO.{stream}"), &request)
        .await;
    match answer {
        Ok(Response::Ok(info)) => Ok(info),
        Ok(Response::Err { error }) => Err(unavailable(error.to_string())),
        Err(error) => Err(unavailable(error.to_string())),
    }
}
