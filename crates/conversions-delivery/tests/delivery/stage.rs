//! What the tests have in common: a day, a shop, an engine.

use std::sync::Arc;
use std::time::Duration;

use conversions_delivery::{
    DestinationOptions, Engine, EngineBuilder, FinishOptions, SeededRandomness, StartingClock,
    Summary, UnixMillis,
};
use conversions_transport::NewEvent;

use crate::meta::Meta;

/// The first second of 2026.
pub(crate) const NOW: i64 = 1_767_225_600;
pub(crate) const DAY: i64 = 86_400;

/// An event of this second.
pub(crate) fn event(id: impl AsRef<str>) -> NewEvent {
    event_at(id, NOW)
}

pub(crate) fn event_at(id: impl AsRef<str>, event_time: i64) -> NewEvent {
    let id = id.as_ref();
    let json =
        format!(r#"{{"event_name":"Purchase","event_time":{event_time},"event_id":"{id}"}}"#);
    NewEvent::new("shop", json, event_time).with_message_id(Some(id))
}

/// Events `e0`, `e1`, ….
pub(crate) fn events(count: usize) -> Vec<NewEvent> {
    (0..count)
        .zip(1..)
        .map(|(number, line)| event(format!("e{number}")).with_line(line))
        .collect()
}

/// No linger, one request at a time: what a test does not want to talk about.
pub(crate) fn plain() -> DestinationOptions {
    DestinationOptions {
        linger: Duration::ZERO,
        concurrency: 1,
        ..DestinationOptions::default()
    }
}

pub(crate) fn builder() -> EngineBuilder {
    Engine::builder()
        .clock(Arc::new(StartingClock::new(UnixMillis::from_seconds(NOW))))
        .randomness(Arc::new(SeededRandomness::new(1)))
}

/// An engine with one destination, `shop`.
pub(crate) fn engine(meta: &Arc<Meta>) -> Engine {
    engine_with(meta, plain())
}

pub(crate) fn engine_with(meta: &Arc<Meta>, options: DestinationOptions) -> Engine {
    builder()
        .destination("shop", Arc::clone(meta) as _, options)
        .start()
}

/// As long as it takes.
pub(crate) fn patient() -> FinishOptions {
    FinishOptions {
        give_up_after: Duration::from_hours(720),
        end_on_hold: false,
        grace: Duration::from_secs(30),
    }
}

pub(crate) async fn finish(engine: &Engine, options: FinishOptions) -> Summary {
    engine.finish(options, std::future::pending()).await
}

/// Sends `events` to `meta` and waits for the end.
pub(crate) async fn run(meta: &Arc<Meta>, events: Vec<NewEvent>) -> Summary {
    let engine = engine(meta);
    engine.append(events).await.expect("room");
    finish(&engine, patient()).await
}

pub(crate) fn dead(summary: &Summary) -> Vec<(&'static str, u64)> {
    summary.progress.destinations["shop"]
        .dead_lettered
        .iter()
        .map(|(reason, count)| (reason.name(), *count))
        .collect()
}
