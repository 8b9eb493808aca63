//! What the suite needs of a broker, and what tests read from an input.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use conversions_input::{
    Arrival, Checkpoints, Input, InputError, Limits, Payload, Position, Record,
};
use tokio::time::Instant;

/// How long a test waits for something that must come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// How long a test waits for something that must not come.
pub(crate) const A_WHILE: Duration = Duration::from_millis(800);

/// A topic or stream of its own, with one group.
#[async_trait]
pub(crate) trait Fixture: Send + Sync {
    /// What the input under test promises.
    fn promises(&self) -> Promises;

    /// Another member of the group.
    async fn open(&self, limits: Limits) -> Arc<dyn Input>;

    /// Another member, which begins where these say. Only for inputs that promise [`Promises::checkpoints`].
    async fn open_after(&self, checkpoints: Arc<dyn Checkpoints>) -> Arc<dyn Input>;

    /// Writes a record. Inputs with one partition write all into that.
    async fn produce(&self, partition: u32, payload: Payload);

    /// What was rejected so far.
    async fn rejected(&self) -> Vec<Rejected>;
}

/// In what inputs differ.
#[derive(Clone, Copy)]
pub(crate) struct Promises {
    /// Positions move only to the first unsettled record; what is settled behind it comes again.
    pub(crate) is_contiguous: bool,
    /// A member begins where its caller says.
    pub(crate) checkpoints: bool,
    pub(crate) partitions: u32,
    /// When what a killed member had not settled comes to another one.
    pub(crate) comes_again_within: Duration,
    /// When a member that was dropped has closed its connection. Tansu elects no new leader when the old one leaves while
    /// another member joins.
    pub(crate) gone_within: Duration,
    /// When a member that was killed has told the broker what it had settled.
    pub(crate) commits_within: Duration,
}

/// A rejected record, as it is kept.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rejected {
    pub(crate) position: String,
    pub(crate) reason: String,
    /// The number of bytes that were left out.
    pub(crate) left_out: Option<String>,
    pub(crate) payload: Vec<u8>,
}

/// A payload.
pub(crate) fn text(text: &str) -> Payload {
    Payload::Bytes(text.to_owned().into())
}

/// Takes records until there are this many.
pub(crate) async fn take(input: &dyn Input, count: usize) -> Vec<Record> {
    let until = Instant::now() + PATIENCE;
    let mut taken = Vec::new();
    while taken.len() < count {
        let next = tokio::time::timeout_at(until, input.next()).await;
        match next.unwrap_or_else(|_| panic!("{} of {count} records came", taken.len())) {
            Ok(Arrival::Records(records)) => taken.extend(records),
            Ok(_) => {}
            Err(error) => assert!(!error.is_fatal(), "{error}"),
        }
    }
    assert_eq!(taken.len(), count, "more came than there is");
    taken
}

/// Takes what comes for this long.
pub(crate) async fn take_for(input: &dyn Input, time: Duration) -> Vec<Record> {
    let until = Instant::now() + time;
    let mut taken = Vec::new();
    while let Ok(next) = tokio::time::timeout_at(until, input.next()).await {
        match next {
            Ok(Arrival::Records(records)) => taken.extend(records),
            Ok(_) => {}
            Err(error) => assert!(!error.is_fatal(), "{error}"),
        }
    }
    taken
}

/// Settles, again while the broker does not answer.
pub(crate) async fn settle(input: &dyn Input, records: &[Record]) {
    let positions: Vec<Position> = records
        .iter()
        .map(|record| record.position.clone())
        .collect();
    for _ in 0..10 {
        match input.settle(&positions).await {
            Ok(()) => return,
            Err(error @ InputError::Left) => panic!("{error}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
    panic!("nothing was settled");
}

/// The payloads as texts.
pub(crate) fn texts(records: &[Record]) -> Vec<String> {
    let texts = records.iter().map(|record| match &record.payload {
        Payload::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Payload::Tombstone => "(tombstone)".to_owned(),
    });
    texts.collect()
}
