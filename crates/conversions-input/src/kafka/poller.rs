//! The thread that polls the client, whatever the caller does meanwhile, so that the member stays in its group.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::Timestamp;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Message as _};
use rdkafka::{Timestamp as KafkaTimestamp, TopicPartitionList};

use crate::error::InputError;
use crate::kafka::context::{Context, commit};
use crate::kafka::errors;
use crate::kafka::shared::Shared;
use crate::position::Partition;
use crate::record::{Payload, Record};

/// How long a poll waits. Leaving, pausing and resuming take that long.
const POLL: Duration = Duration::from_millis(50);
/// Messages between two looks at what else is to do.
const AT_ONCE: usize = 500;

/// Polls until the member leaves; then commits and closes. Returns what the last commit said.
pub(crate) fn run(shared: &Arc<Shared>, consumer: BaseConsumer<Context>) -> Result<(), InputError> {
    let mut paused = Paused::default();
    let mut committed_at = Instant::now();
    while !shared.is_leaving() {
        paused.adjust(shared, &consumer);
        poll(shared, &consumer);
        if committed_at.elapsed() >= shared.options.commit_interval {
            committed_at = Instant::now();
            if let Err(error) = commit(shared, &consumer, CommitMode::Async) {
                shared.report(errors::reading(&error, &shared.options.group));
            }
        }
    }
    let result = if shared.is_abandoned() {
        Ok(())
    } else {
        commit(shared, &consumer, CommitMode::Sync)
    };
    // Closing tells the group that this member goes.
    drop(consumer);
    result.map_err(|error| errors::reading(&error, &shared.options.group))
}

/// Takes what is there, until a partition is full.
fn poll(shared: &Shared, consumer: &BaseConsumer<Context>) {
    let mut wait = POLL;
    for _ in 0..AT_ONCE {
        match consumer.poll(wait) {
            None => return,
            Some(Ok(message)) => {
                let Some(record) = record(&message) else {
                    continue;
                };
                let partition = record.position.partition.clone();
                let mut state = shared.state();
                state.intake.push(record);
                let is_full = !state.intake.wants(&partition);
                drop(state);
                shared.arrived.notify_one();
                if is_full {
                    return;
                }
            }
            Some(Err(KafkaError::PartitionEOF(_))) => {}
            Some(Err(error)) => {
                shared.report(errors::reading(&error, &shared.options.group));
                return;
            }
        }
        wait = Duration::ZERO;
    }
}

fn record(message: &BorrowedMessage<'_>) -> Option<Record> {
    let number = u32::try_from(message.partition()).ok()?;
    let offset = u64::try_from(message.offset()).ok()?;
    let payload = match message.payload() {
        Some(bytes) => Payload::Bytes(Bytes::copy_from_slice(bytes)),
        None => Payload::Tombstone,
    };
    let mut record = Record::new(
        Partition::of_topic(message.topic(), number).at(offset),
        payload,
    );
    record.timestamp = match message.timestamp() {
        KafkaTimestamp::CreateTime(millis) | KafkaTimestamp::LogAppendTime(millis) => {
            Timestamp::from_millisecond(millis).ok()
        }
        KafkaTimestamp::NotAvailable => None,
    };
    Some(record)
}

/// The partitions that are not fetched at the moment.
#[derive(Default)]
struct Paused {
    partitions: BTreeSet<Partition>,
    generation: u64,
}

impl Paused {
    /// Pauses what is full, and resumes what has room.
    fn adjust(&mut self, shared: &Shared, consumer: &BaseConsumer<Context>) {
        let generation = shared.generation.load(Ordering::Acquire);
        if generation != self.generation {
            // A partition that is assigned anew is fetched. One that stays may be paused already: once more does no harm.
            self.generation = generation;
            self.partitions.clear();
        }
        let (mut pause, mut resume) = (Vec::new(), Vec::new());
        {
            let mut state = shared.state();
            for (partition, _) in state.intake.positions() {
                let wanted = state.intake.wants(&partition);
                let is_paused = self.partitions.contains(&partition);
                if wanted && is_paused {
                    resume.push(partition);
                } else if !wanted && !is_paused {
                    pause.push(partition);
                }
            }
        }
        if !pause.is_empty() && consumer.pause(&list(&pause)).is_ok() {
            self.partitions.extend(pause);
        }
        if !resume.is_empty() && consumer.resume(&list(&resume)).is_ok() {
            for partition in resume {
                self.partitions.remove(&partition);
            }
        }
    }
}

fn list(partitions: &[Partition]) -> TopicPartitionList {
    let mut list = TopicPartitionList::with_capacity(partitions.len());
    for partition in partitions {
        if let Some(number) = partition
            .number
            .and_then(|number| i32::try_from(number).ok())
        {
            list.add_partition(&partition.name, number);
        }
    }
    list
}
