//! One partition's records on their way into the log: mapped, their rejects written, appended.

use std::sync::Arc;
use std::time::Duration;

use conversions_delivery::{
    AppendError, AppendGroup, AppendOutcome, Appended, Clock as _, InputOffset, LogError,
};
use conversions_ingest::{Ingest, MappedRecord, MappedRecords, RecordTarget, SourceRecord};
use conversions_input::{Partition, Payload, Position, Record, Rejection};
use conversions_transport::Frame;

use super::checkpoints::StoredOffsets;
use super::metrics::ReaderMetrics;
use super::rejects::Rejects;
use super::tracker::{ReaderId, Tracker};
use crate::clock::RunClock;
use crate::serve::delivery::Delivery;
use crate::serve::health::Health;

/// How long to wait before something is tried again that others must put right: a full log, a broker that is away.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// When a record counts as settled.
pub(super) enum Settling {
    /// When its events are in the log; the log on disk keeps the position with them.
    Stored(Option<Arc<StoredOffsets>>),
    /// When its events are delivered or dead letters, which the tracker says.
    Delivered(Arc<Tracker>),
}

/// What stores the records of one reader.
pub(super) struct Storing {
    pub(super) reader: ReaderId,
    pub(super) ingest: Ingest,
    pub(super) source: String,
    /// The only destination that it reads for.
    pub(super) destination: Option<String>,
    pub(super) delivery: Arc<Delivery>,
    pub(super) health: Arc<Health>,
    pub(super) clock: RunClock,
    pub(super) rejects: Rejects,
    pub(super) settling: Settling,
    pub(super) metrics: Arc<ReaderMetrics>,
}

impl Storing {
    /// Stores records of one partition, in their order. Returns those that are settled by that. It tries again until it has
    /// succeeded; dropped before, nothing of it counts.
    pub(super) async fn store(self: Arc<Self>, records: Vec<Record>) -> Vec<Position> {
        let Some(last) = records.last().map(|record| record.position.clone()) else {
            return Vec::new();
        };
        let mapped = self.map(&records).await;
        self.write_rejects(&records, &mapped.records).await;
        let events: usize = mapped.frames.iter().map(Frame::len).sum();
        let settled = match &self.settling {
            Settling::Stored(offsets) => {
                if let Some(offsets) = offsets {
                    self.forget_outdated(offsets, &last.partition).await;
                }
                let offset = offsets.as_ref().zip(last.partition.number);
                let offset =
                    offset.map(|(offsets, _)| offsets.offset(&last.partition, last.offset + 1));
                let keys = self.append(mapped.frames, offset.as_ref()).await;
                if let Some((offsets, offset)) = offsets.as_ref().zip(offset) {
                    offsets.advance(&offset);
                }
                mapped.outcomes.stored(&keys);
                records.iter().map(|one| one.position.clone()).collect()
            }
            Settling::Delivered(tracker) => {
                self.store_tracked(tracker, &records, mapped).await;
                Vec::new()
            }
        };
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        self.metrics
            .count_stored(count(records.len()), count(events));
        settled
    }

    async fn store_tracked(
        &self,
        tracker: &Arc<Tracker>,
        records: &[Record],
        mapped: MappedRecords,
    ) {
        let mut becomes = mapped.records.iter();
        let events = |record: &Record| match record.payload {
            Payload::Tombstone => 0,
            Payload::Bytes(_) => becomes.next().map_or(0, |record| record.events),
        };
        let counts = records.iter().map(|record| record.position.clone());
        let counts: Vec<_> = counts.zip(records.iter().map(events)).collect();
        let admission = tracker.admit(self.reader, counts, &mapped.frames, self.clock.now());
        let keys = self.append(admission.frames(), None).await;
        let keys: Vec<_> = keys.into_iter().flatten().collect();
        let keys = admission.appended(&keys, self.clock.now());
        mapped.outcomes.stored(&keys);
    }

    async fn map(&self, records: &[Record]) -> MappedRecords {
        let target = RecordTarget {
            source: &self.source,
            destination: self.destination.as_deref(),
        };
        let with_payload: Vec<_> = records
            .iter()
            .filter_map(|record| match &record.payload {
                Payload::Bytes(payload) => Some(SourceRecord {
                    payload,
                    written_at: record.timestamp,
                }),
                Payload::Tombstone => None,
            })
            .collect();
        loop {
            if let Some(mapped) = self.ingest.map_records(target, &with_payload) {
                return mapped;
            }
            let reason = format!("the settings have no source {} any more", self.source);
            self.health.record_failure(&reason);
            tokio::time::sleep(TRY_AGAIN_AFTER).await;
        }
    }

    /// Writes what cannot be used to where it belongs. Only then may a position move over it.
    async fn write_rejects(&self, records: &[Record], mapped: &[MappedRecord]) {
        let mut becomes = mapped.iter();
        for record in records {
            let position = &record.position;
            let rejections: Vec<_> = match &record.payload {
                Payload::Tombstone => {
                    let rejection = rejection(position, "tombstone".to_owned(), Payload::Tombstone);
                    vec![("tombstone", rejection)]
                }
                Payload::Bytes(payload) => {
                    let rejected = becomes.next().map(|record| record.rejected.as_slice());
                    let rejected = rejected.unwrap_or_default().iter();
                    rejected
                        .map(|one| {
                            let code = one.refusal.code();
                            let reason = match one.index {
                                Some(index) => format!("{code}, message {index} of the batch"),
                                None => code.to_owned(),
                            };
                            let payload = match &one.text {
                                Some(text) => text.clone().into(),
                                None => payload.clone(),
                            };
                            (code, rejection(position, reason, Payload::Bytes(payload)))
                        })
                        .collect()
                }
            };
            for (code, rejection) in rejections {
                self.write_reject(rejection).await;
                self.metrics.count_rejected(code);
                tracing::debug!("rejected: {position}: {code}");
            }
        }
    }

    async fn write_reject(&self, rejection: Rejection) {
        while let Err(reason) = self.rejects.write(rejection.clone()).await {
            self.health.record_failure(&reason);
            tokio::time::sleep(TRY_AGAIN_AFTER).await;
        }
    }

    /// Before the position of a topic that was made anew is stored, that of the old one must be gone.
    async fn forget_outdated(&self, offsets: &StoredOffsets, partition: &Partition) {
        while let Err(error) = offsets.forget_outdated(partition).await {
            self.health.record_failure(&error);
            tokio::time::sleep(TRY_AGAIN_AFTER).await;
        }
    }

    /// Appends frames. Returns the key of each event in order; `None` for one whose message the log has seen before.
    async fn append(&self, frames: Vec<Frame>, offset: Option<&InputOffset>) -> Vec<Option<u64>> {
        let group = AppendGroup {
            frames,
            offset: offset.cloned(),
        };
        loop {
            match self.delivery.append(group.clone()).await {
                Ok(appended) => {
                    self.health.record_success();
                    return keys(&appended);
                }
                // The process ends, and what is not stored is read again by the next one.
                Err(AppendError::ShuttingDown | AppendError::Log(LogError::Failed { .. })) => {
                    std::future::pending::<()>().await;
                }
                Err(error) => {
                    self.health.record_failure(&error);
                    tokio::time::sleep(TRY_AGAIN_AFTER).await;
                }
            }
        }
    }
}

fn keys(appended: &Appended) -> Vec<Option<u64>> {
    let key = |outcome| match outcome {
        AppendOutcome::Stored(key) => Some(key.0),
        AppendOutcome::Duplicate => None,
    };
    appended.outcomes().map(key).collect()
}

fn rejection(position: &Position, reason: String, payload: Payload) -> Rejection {
    Rejection {
        position: position.clone(),
        reason,
        payload,
    }
}

/// The records of each partition, in their order.
pub(super) fn by_partition(records: Vec<Record>) -> Vec<(Partition, Vec<Record>)> {
    let mut groups: Vec<(Partition, Vec<Record>)> = Vec::new();
    for record in records {
        let partition = &record.position.partition;
        match groups.iter_mut().find(|(known, _)| known == partition) {
            Some((_, group)) => group.push(record),
            None => groups.push((partition.clone(), vec![record])),
        }
    }
    groups
}
