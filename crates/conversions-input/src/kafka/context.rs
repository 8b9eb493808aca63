//! What the client calls back: partitions that come and go, commits, errors, figures.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{
    BaseConsumer, CommitMode, Consumer as _, ConsumerContext, RebalanceProtocol,
};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{Offset, Statistics, TopicPartitionList};

use crate::kafka::errors;
use crate::kafka::shared::{Ends, Shared};
use crate::position::Partition;
use crate::start::next_up_to;

/// How long the broker has to say what is committed, and where a partition ends.
const BROKER_TIMEOUT: Duration = Duration::from_secs(10);

pub(crate) struct Context {
    pub(crate) shared: Arc<Shared>,
}

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        match level {
            RDKafkaLogLevel::Emerg
            | RDKafkaLogLevel::Alert
            | RDKafkaLogLevel::Critical
            | RDKafkaLogLevel::Error
            | RDKafkaLogLevel::Warning => tracing::warn!("librdkafka: {facility}: {message}"),
            RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info | RDKafkaLogLevel::Debug => {
                tracing::debug!("librdkafka: {facility}: {message}");
            }
        }
    }

    fn stats(&self, statistics: Statistics) {
        let all = statistics.topics.iter().flat_map(|(name, topic)| {
            let partitions = topic.partitions.values();
            partitions.filter_map(move |figures| {
                Some((partition(name, figures.partition)?, ends(figures)?))
            })
        });
        self.shared.state().ends.extend(all);
    }

    fn error(&self, error: KafkaError, _reason: &str) {
        let reported = errors::reading(&error, &self.shared.options.group);
        match error.rdkafka_error_code() {
            // They come before and after what was wrong, such as a certificate, which says more.
            Some(RDKafkaErrorCode::AllBrokersDown | RDKafkaErrorCode::BrokerTransportFailure) => {
                self.shared.report_summary(reported);
            }
            _ => self.shared.report(reported),
        }
    }
}

impl ConsumerContext for Context {
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        event: RDKafkaRespErr,
        partitions: &mut TopicPartitionList,
    ) {
        self.shared.generation.fetch_add(1, Ordering::AcqRel);
        let is_cooperative = matches!(
            consumer.rebalance_protocol(),
            RebalanceProtocol::Cooperative
        );
        let done = if event == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            self.assign(consumer, partitions);
            if is_cooperative {
                consumer.incremental_assign(partitions)
            } else {
                consumer.assign(partitions)
            }
        } else {
            self.revoke(consumer, partitions);
            if is_cooperative {
                consumer.incremental_unassign(partitions)
            } else {
                consumer.unassign()
            }
        };
        if let Err(error) = done {
            self.shared
                .report(errors::reading(&error, &self.shared.options.group));
        }
    }

    fn commit_callback(&self, result: KafkaResult<()>, offsets: &TopicPartitionList) {
        match result {
            Ok(()) => {
                let confirmed: Vec<_> = offsets
                    .elements()
                    .iter()
                    .filter(|element| element.error().is_ok())
                    .filter_map(|element| {
                        Some((
                            partition(element.topic(), element.partition())?,
                            offset(element.offset())?,
                        ))
                    })
                    .collect();
                self.shared.state().intake.committed(&confirmed);
            }
            // What is not confirmed is committed again a moment later.
            Err(KafkaError::ConsumerCommit(RDKafkaErrorCode::NoOffset)) => {}
            Err(error) => self
                .shared
                .report(errors::reading(&error, &self.shared.options.group)),
        }
    }
}

impl Context {
    /// Partitions begin at the larger of what is committed and what the caller has stored.
    fn assign(&self, consumer: &BaseConsumer<Self>, partitions: &mut TopicPartitionList) {
        let committed = consumer
            .committed_offsets(partitions.clone(), BROKER_TIMEOUT)
            .ok();
        let mut assigned = Vec::new();
        for element in partitions.elements() {
            let Some(partition) = partition(element.topic(), element.partition()) else {
                continue;
            };
            let committed = committed
                .as_ref()
                .and_then(|list| list.find_partition(element.topic(), element.partition()))
                .and_then(|found| offset(found.offset()));
            let checkpoints = self.shared.options.checkpoints.as_ref();
            let stored = checkpoints.and_then(|checkpoints| checkpoints.next_offset(&partition));
            assigned.push((partition, committed, stored));
        }
        for (partition, committed, stored) in assigned {
            let further = stored.filter(|stored| *stored > committed.unwrap_or_default());
            let further =
                further.and_then(|stored| self.unless_beyond_end(consumer, &partition, stored));
            if let (Some(start), Some(number)) = (further, partition.number)
                && let (Ok(number), Ok(start)) = (i32::try_from(number), i64::try_from(start))
            {
                let set =
                    partitions.set_partition_offset(&partition.name, number, Offset::Offset(start));
                if let Err(error) = set {
                    tracing::warn!("{partition} begins where it is committed: {error}");
                }
            }
            self.shared
                .state()
                .intake
                .assign(&partition, further.or(committed));
        }
    }

    /// What the caller has stored, unless the partition ends before that. A broker that does not say where it ends is
    /// believed to have it.
    fn unless_beyond_end(
        &self,
        consumer: &BaseConsumer<Self>,
        partition: &Partition,
        stored: u64,
    ) -> Option<u64> {
        let checkpoints = self.shared.options.checkpoints.as_ref()?;
        let number = i32::try_from(partition.number?).ok()?;
        let ends = consumer.fetch_watermarks(&partition.name, number, BROKER_TIMEOUT);
        let Some(end) = ends.ok().and_then(|(_, end)| u64::try_from(end).ok()) else {
            return Some(stored);
        };
        let next = next_up_to(&**checkpoints, partition, end);
        if next.is_none() {
            tracing::warn!(
                "{partition} ends at {end}, before the position {stored} that is stored here: the topic was made anew, so \
                 reading begins where the group is, or where `start` says"
            );
        }
        next
    }

    /// The caller has a while to settle what it has; then it is committed, and the rest forgotten.
    fn revoke(&self, consumer: &BaseConsumer<Self>, partitions: &TopicPartitionList) {
        let revoked: Vec<_> = partitions
            .elements()
            .iter()
            .filter_map(|element| partition(element.topic(), element.partition()))
            .collect();
        // Partitions that are lost belong to somebody else already.
        let is_lost = consumer.assignment_lost();
        let within = if is_lost {
            Duration::ZERO
        } else {
            self.shared.options.revoke_wait
        };
        self.shared.state().intake.revoke(&revoked, within);
        self.shared.arrived.notify_one();
        if !is_lost {
            self.shared.wait_until_settled(&revoked, within);
            if !self.shared.is_abandoned()
                && let Err(error) = commit(&self.shared, consumer, CommitMode::Sync)
            {
                tracing::warn!("what was settled of revoked partitions comes again: {error}");
            }
        }
        self.shared.state().intake.forget(&revoked);
    }
}

/// Commits what has moved.
pub(crate) fn commit(
    shared: &Shared,
    consumer: &BaseConsumer<Context>,
    mode: CommitMode,
) -> KafkaResult<()> {
    let commits = shared.state().intake.to_commit();
    if commits.is_empty() {
        return Ok(());
    }
    let mut list = TopicPartitionList::with_capacity(commits.len());
    for (partition, position) in &commits {
        let number = partition
            .number
            .and_then(|number| i32::try_from(number).ok());
        if let (Some(number), Ok(position)) = (number, i64::try_from(*position)) {
            list.add_partition_offset(&partition.name, number, Offset::Offset(position))?;
        }
    }
    consumer.commit(&list, mode)?;
    if matches!(mode, CommitMode::Sync) {
        shared.state().intake.committed(&commits);
    }
    Ok(())
}

fn partition(topic: &str, number: i32) -> Option<Partition> {
    Some(Partition::of_topic(topic, u32::try_from(number).ok()?))
}

/// What the broker has of a partition; `None` when it has not said so yet.
fn ends(figures: &rdkafka::statistics::Partition) -> Option<Ends> {
    // What a transaction has not committed yet is not for us. Some brokers do not say where that begins.
    let high = if figures.ls_offset >= 0 {
        figures.ls_offset
    } else {
        figures.hi_offset
    };
    Some(Ends {
        low: u64::try_from(figures.lo_offset.max(0)).ok()?,
        high: u64::try_from(high).ok()?,
    })
}

fn offset(offset: Offset) -> Option<u64> {
    match offset {
        Offset::Offset(offset) => u64::try_from(offset).ok(),
        _ => None,
    }
}
