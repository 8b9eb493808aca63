//! The status of each node, where all nodes and operators see it.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use async_nats::jetstream::Context;
use bytes::Bytes;
use conversions_delivery::{DeadLetterCounts, DeadLetterReason, LogError, Progress, UnixMillis};

use crate::names::Namespace;
use crate::shared::Shared;
use crate::{backlogs, stream_info};

mod merge;
mod nodes;
pub use nodes::NatsStatus;

/// Shows the status of this node. Failures are not reported: it is published every few seconds.
pub(crate) async fn publish(shared: &Shared, progress: &Progress, now: UnixMillis) {
    let (context, namespace) = (&shared.context, &shared.options.namespace);
    let letters = match backlogs::destinations(context, namespace).await {
        Ok(names) => letter_counts(context, namespace, &names).await,
        Err(error) => Err(error),
    };
    let status = {
        let mut tracker = shared
            .tracker
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        tracker.status(progress, &letters.unwrap_or_default(), now)
    };
    let Ok(text) = serde_json::to_vec(&status) else {
        return;
    };
    let bucket = shared.options.namespace.status_bucket();
    let key = node_key(&shared.options.node);
    let subject = format!("$KV.{bucket}.{key}");
    if let Ok(stored) = shared.context.publish(subject, Bytes::from(text)).await {
        let _ = stored.await;
    }
}

/// How many dead letters there are, by destination and reason.
pub(crate) async fn letter_counts(
    context: &Context,
    namespace: &Namespace,
    destinations: &[String],
) -> Result<DeadLetterCounts, LogError> {
    let (stream, all) = (namespace.dead_letter_stream(), namespace.all_dead_letters());
    let info = stream_info::read(context, &stream, Some(&all)).await?;
    let by_subject: BTreeMap<String, &String> = destinations
        .iter()
        .map(|name| (namespace.destination(name).dead_letters, name))
        .collect();
    let mut counts = DeadLetterCounts::new();
    for (subject, letters) in info.state.subjects.into_iter().flatten() {
        let Some((subject, reason)) = subject.rsplit_once('.') else {
            continue;
        };
        // Of a destination whose streams are gone the name is not known; its slug is like it.
        let name = by_subject.get(subject).map_or_else(
            || subject.rsplit('.').next().unwrap_or_default().to_owned(),
            |name| (*name).clone(),
        );
        if let Some(reason) = DeadLetterReason::from_name(reason) {
            counts.entry(name).or_default().insert(reason, letters);
        }
    }
    Ok(counts)
}

/// A node's name as the key of its status.
fn node_key(node: &str) -> String {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let key: String = node
        .chars()
        .map(|c| if is_safe(c) { c } else { '_' })
        .collect();
    if key.is_empty() {
        format!("pid-{}", std::process::id())
    } else {
        key
    }
}
