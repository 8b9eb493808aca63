//! A topic, the readers of a process, and a receiver in place of Meta.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use conversions_delivery::{Clock as _, DestinationOptions, Engine, EventLog};
use conversions_ingest::{DestinationMapping, EventSink, Ingest, IngestOptions, SinkError, Source};
use conversions_input::{Input, Limits, MemoryInput, MemoryTopic};
use conversions_mapping::{Mapping, Settings};
use conversions_transport::{EventsRequest, Frame, SendError, Transport};
use facebook_conversions::reply::{EventsReceived, GraphError};
use jiff::Timestamp;
use segue_settings::{InputCommit, InputSettings};

use crate::clock::RunClock;
use crate::serve::consume::checkpoints::StoredOffsets;
use crate::serve::consume::consumer::OpenReading;
use crate::serve::consume::{ConsumePlan, Consumer, ConsumerParts};
use crate::serve::delivery::Delivery;

/// Answers requests by the ids of their events.
type Judge = dyn Fn(&[String]) -> Result<(), SendError> + Send;

/// A receiver that takes everything until it is told otherwise.
pub(super) struct Meta {
    delivered: Mutex<Vec<String>>,
    judge: Mutex<Box<Judge>>,
}

impl Meta {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            delivered: Mutex::default(),
            judge: Mutex::new(Box::new(|_| Ok(()))),
        })
    }

    pub(super) fn answer(
        &self,
        judge: impl Fn(&[String]) -> Result<(), SendError> + Send + 'static,
    ) {
        *self.judge.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(judge);
    }

    /// The ids of the events that were taken, in order.
    pub(super) fn delivered(&self) -> Vec<String> {
        self.delivered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[async_trait]
impl Transport for Meta {
    async fn send(&self, request: &EventsRequest) -> Result<EventsReceived, SendError> {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let ids: Vec<String> = request
            .events()
            .map(|event| {
                let event: serde_json::Value =
                    serde_json::from_slice(event.as_ref()).expect("JSON");
                event["event_id"].as_str().expect("an id").to_owned()
            })
            .collect();
        self.judge.lock().unwrap_or_else(PoisonError::into_inner)(&ids)?;
        let received = EventsReceived::all_of(ids.len());
        self.delivered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(ids);
        Ok(received)
    }
}

pub(super) fn expired_token() -> SendError {
    SendError::refused(GraphError::new(400, 190, Some(463)))
}

pub(super) fn invalid_event() -> SendError {
    SendError::refused(GraphError::new(400, 100, Some(2_804_019)))
}

pub(super) fn internal_error() -> SendError {
    SendError::refused(GraphError::new(500, 2, None))
}

/// The readers of a process that was started and not ended.
pub(super) struct Stage {
    pub(super) input: Arc<MemoryInput>,
    pub(super) consumer: Consumer,
    pub(super) delivery: Arc<Delivery>,
}

struct NoSink;

#[async_trait]
impl EventSink for NoSink {
    async fn accept(&self, _: Vec<Frame>) -> Result<(), SinkError> {
        Err(SinkError::Unavailable)
    }
}

fn parts(log: Arc<dyn EventLog>, meta: &Arc<Meta>, batch_events: usize) -> ConsumerParts {
    let options = DestinationOptions {
        batch_events,
        concurrency: 2,
        linger: Duration::from_millis(50),
        ..DestinationOptions::default()
    };
    let clock = RunClock::default();
    let engine = Engine::builder()
        .destination("shop", Arc::clone(meta) as _, options)
        .log(Arc::clone(&log))
        .clock(Arc::new(clock))
        .start();
    let mapping = Mapping::new(Settings::default()).expect("settings");
    let shop = Arc::new(DestinationMapping::new("shop", mapping));
    let options = IngestOptions::new(vec![Source::new("default", vec![shop])]);
    ConsumerParts {
        ingest: Ingest::new(options, Arc::new(NoSink)).expect("options"),
        delivery: Arc::new(Delivery::of_engine(engine, log)),
        health: Arc::default(),
        clock,
    }
}

fn settings(commit: InputCommit) -> InputSettings {
    InputSettings {
        name: "orders".to_owned(),
        group: Some("segue".to_owned()),
        commit,
        ..InputSettings::default()
    }
}

/// A process whose positions move when events are delivered.
pub(super) fn delivered(topic: &MemoryTopic, meta: &Arc<Meta>, batch_events: usize) -> Stage {
    let inputs = [settings(InputCommit::Delivered)];
    let plan = ConsumePlan::new(&inputs, "default", |_| vec!["shop".to_owned()]);
    let log = plan.log(RunClock::default().now()).expect("in memory");
    let parts = parts(log.log, meta, batch_events);
    let input = Arc::new(MemoryInput::open(topic, Limits::default()));
    start(plan, input, None, parts)
}

/// A process whose positions move when events are in this log.
pub(super) fn stored(
    topic: &MemoryTopic,
    meta: &Arc<Meta>,
    log: Arc<dyn EventLog>,
    offsets: Option<&Arc<StoredOffsets>>,
) -> Stage {
    let inputs = [settings(InputCommit::Stored)];
    let plan = ConsumePlan::new(&inputs, "default", |_| Vec::new());
    let input = Arc::new(match offsets {
        Some(offsets) => MemoryInput::open_after(topic, Limits::default(), &**offsets),
        None => MemoryInput::open(topic, Limits::default()),
    });
    let parts = parts(log, meta, 100);
    start(plan, input, offsets, parts)
}

fn start(
    plan: ConsumePlan,
    input: Arc<MemoryInput>,
    offsets: Option<&Arc<StoredOffsets>>,
    parts: ConsumerParts,
) -> Stage {
    let ConsumePlan {
        readings,
        tracker,
        dead_letters,
    } = plan;
    let opened = readings
        .into_iter()
        .map(|reading| OpenReading {
            reading,
            input: Arc::clone(&input) as Arc<dyn Input>,
            offsets: offsets.cloned(),
        })
        .collect();
    let consumer =
        Consumer::read(opened, tracker.as_ref(), &dead_letters, &parts).expect("started");
    Stage {
        input,
        consumer,
        delivery: parts.delivery,
    }
}

impl Stage {
    /// Ends as a process does that is asked to.
    pub(super) async fn stop(self, drain: Duration) {
        self.consumer.stop_reading().await;
        self.delivery.finish(drain).await;
        self.consumer.leave().await;
    }
}

/// A Track call.
pub(super) fn message(id: &str) -> String {
    let now = Timestamp::now();
    format!(
        r#"{{"type":"track","event":"Lead","userId":"u","messageId":"{id}","timestamp":"{now}"}}"#
    )
}

/// Appends messages with the ids `m0`, `m1`, … to partition 0.
pub(super) fn push(topic: &MemoryTopic, messages: std::ops::Range<usize>) {
    for number in messages {
        topic.push(0, message(&format!("m{number}")));
    }
}

/// Waits until something holds.
pub(super) async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..20_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it never came to this: {what}");
}
