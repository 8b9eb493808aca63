//! The log where the broker keeps the events: in memory, and each settlement is told to the tracker.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use conversions_delivery::{
    AppendError, AppendGroup, Appended, Backlog, DeadLetter, DedupOptions, EventKey, EventLog,
    KeyRange, Lease, LogError, MemoryLog, MemoryLogOptions, UnixMillis, Wanted,
};
use tokio::sync::OnceCell;

use super::dead_letters::DeadLetterWriter;
use super::tracker::Tracker;

/// More events than any process takes in a millisecond.
const KEYS_EACH_MILLISECOND: u64 = 1000;

/// A log in memory whose events are kept by a broker.
///
/// A dead letter is written to where rejected records go before it counts as settled.
pub(super) struct TrackedLog {
    log: MemoryLog,
    tracker: Arc<Tracker>,
    /// Set once the inputs are open.
    dead_letters: Arc<OnceCell<DeadLetterWriter>>,
}

impl TrackedLog {
    /// An empty log. `now` sets the keys of its events apart from those of earlier processes, which history and trace know.
    pub(super) fn new(
        tracker: Arc<Tracker>,
        dead_letters: Arc<OnceCell<DeadLetterWriter>>,
        now: UnixMillis,
    ) -> Self {
        let options = MemoryLogOptions {
            dead_letters: 0,
            // The tracker recognises repetitions: what is not delivered yet is none.
            dedup: DedupOptions {
                entries: 0,
                ..DedupOptions::default()
            },
            first_key: EventKey(u64::try_from(now.0).unwrap_or(0).max(1) * KEYS_EACH_MILLISECOND),
            ..MemoryLogOptions::default()
        };
        Self {
            log: MemoryLog::new(options),
            tracker,
            dead_letters,
        }
    }
}

impl fmt::Debug for TrackedLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrackedLog")
            .field("log", &self.log)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl EventLog for TrackedLog {
    async fn append(&self, group: AppendGroup, now: UnixMillis) -> Result<Appended, AppendError> {
        self.log.append(group, now).await
    }

    async fn lease(&self, wanted: Wanted<'_>, now: UnixMillis) -> Result<Lease, LogError> {
        loop {
            let leased = self.log.lease(wanted, now).await?;
            let is_empty = leased.is_empty();
            let (frames, unwanted) = self.tracker.part(leased.frames);
            if !unwanted.is_empty() {
                self.log
                    .acknowledge(wanted.destination, &unwanted, now)
                    .await?;
            }
            // An empty lease means that nothing waits; here it may only mean that what waited is not wanted.
            if is_empty || !frames.is_empty() {
                return Ok(Lease {
                    frames,
                    next_due: leased.next_due,
                });
            }
        }
    }

    async fn acknowledge(
        &self,
        destination: &str,
        keys: &[KeyRange],
        now: UnixMillis,
    ) -> Result<(), LogError> {
        self.log.acknowledge(destination, keys, now).await?;
        self.tracker.settle(keys, now);
        Ok(())
    }

    async fn release(
        &self,
        destination: &str,
        keys: &[KeyRange],
        not_before: Option<UnixMillis>,
    ) -> Result<(), LogError> {
        self.log.release(destination, keys, not_before).await
    }

    async fn dead_letter(&self, letters: Vec<DeadLetter>, now: UnixMillis) -> Result<(), LogError> {
        if let Some(writer) = self.dead_letters.get() {
            for letter in &letters {
                // Without an origin the partition is another member's, which will find the same.
                if let Some(origin) = self.tracker.origin(letter.id) {
                    writer.write(&origin, letter).await?;
                }
            }
        }
        let keys = KeyRange::of_keys(letters.iter().map(|letter| letter.id));
        self.log.dead_letter(letters, now).await?;
        self.tracker.settle(&keys, now);
        Ok(())
    }

    fn take_expired_leases(&self, destination: &str, keys: &[KeyRange]) -> Vec<KeyRange> {
        let expired = self.tracker.take_expired(keys);
        self.log.forget(destination, &expired);
        expired
    }

    async fn backlog(&self, destination: &str) -> Result<Backlog, LogError> {
        self.log.backlog(destination).await
    }

    async fn backlogs(&self) -> Result<BTreeMap<Arc<str>, Backlog>, LogError> {
        self.log.backlogs().await
    }
}
