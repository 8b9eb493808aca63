//! The metrics, as a recorder sees them.

use std::collections::BTreeMap;

use metrics_util::debugging::{DebugValue, DebuggingRecorder};

use crate::meta::{Meta, graph};
use crate::stage::{engine, event, events, finish, patient};

#[tokio::test(start_paused = true)]
async fn every_event_and_request_is_counted_in_metrics() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let _local = metrics::set_default_local_recorder(&recorder);

    let meta = Meta::new();
    meta.refuses(["e1"]);
    meta.answers_next(|| graph(400, 190, None));
    let engine = engine(&meta);
    let mut group = events(3);
    group.push(event("e0"));
    engine.append(group).await.expect("room");
    finish(&engine, patient()).await;

    let mut table = BTreeMap::new();
    for (key, _, _, value) in snapshotter.snapshot().into_vec() {
        let labels: Vec<_> = key
            .key()
            .labels()
            .map(|label| format!("{}={}", label.key(), label.value()))
            .collect();
        let value = match value {
            DebugValue::Counter(count) => count.to_string(),
            DebugValue::Gauge(value) => value.to_string(),
            DebugValue::Histogram(values) => format!("{} values", values.len()),
        };
        table.insert(
            format!("{}{{{}}}", key.key().name(), labels.join(",")),
            value,
        );
    }
    let text: Vec<_> = table
        .iter()
        .map(|(name, value)| format!("{name} {value}"))
        .collect();
    insta::assert_snapshot!(text.join("\n"));
}
