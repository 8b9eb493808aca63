//! Reads one input: hands its records to be stored, and tells it which of them are settled.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use conversions_input::{Arrival, Input, InputError, Partition, Position, Record};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinError, JoinSet};
use tokio::time::Instant;

use super::storing::{Settling, Storing, by_partition};
use super::unsettled::UnsettledCounts;

/// Records that are not stored by then stop the reading: the log is full, or what writes it is slow.
const PAUSE_AFTER: Duration = Duration::from_millis(200);
/// How long to wait after an error of the broker.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(1);
/// How long records of a revoked partition may take to be settled.
const REVOCATION: Duration = Duration::from_secs(10);
const EXPIRED: &str = "others may have these records by now, and their events are not sent here";
/// How often the age of the position is shown.
const SHOW_EVERY: Duration = Duration::from_secs(2);

/// How far a process has got. It only ever moves on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Records are read.
    #[default]
    Reading,
    /// Nothing more is read; what is in the log may still be settled.
    Stopping,
    /// Readers leave their groups.
    Leaving,
}

/// Reads one input.
pub(super) struct Reader {
    name: String,
    input: Arc<dyn Input>,
    storing: Arc<Storing>,
    /// The records of each partition that are being stored, one chunk at a time: their positions move in order.
    chunks: JoinSet<(Partition, Vec<Position>)>,
    chunk_of: BTreeMap<Partition, AbortHandle>,
    pause_at: Option<Instant>,
    is_paused: bool,
    read_again_at: Option<Instant>,
    revocations: Vec<Revocation>,
    /// Settled records of which the input does not know.
    to_settle: Vec<Position>,
    settle_again_at: Option<Instant>,
    /// Records that were handed out and are not settled, by partition.
    unsettled: UnsettledCounts,
    /// When a record was settled last, or the first came.
    moved_at: Instant,
    last_error: Option<String>,
    is_stopping: bool,
    /// Whether nothing is being stored any more.
    quiet: watch::Sender<bool>,
}

/// Partitions that another member is to have.
struct Revocation {
    partitions: Vec<Partition>,
    until: Instant,
}

/// What a reader has waited for.
enum Step {
    Phase(Phase),
    Chunk(Result<(Partition, Vec<Position>), JoinError>),
    Settled,
    Arrival(Result<Arrival, InputError>),
    Timer,
}

impl Reader {
    pub(super) fn new(name: String, input: Arc<dyn Input>, storing: Arc<Storing>) -> Self {
        Self {
            name,
            input,
            storing,
            chunks: JoinSet::new(),
            chunk_of: BTreeMap::new(),
            pause_at: None,
            is_paused: false,
            read_again_at: None,
            revocations: Vec::new(),
            to_settle: Vec::new(),
            settle_again_at: None,
            unsettled: UnsettledCounts::default(),
            moved_at: Instant::now(),
            last_error: None,
            is_stopping: false,
            quiet: watch::Sender::new(false),
        }
    }

    /// Says whether nothing is being stored any more.
    pub(super) fn quiet(&self) -> watch::Receiver<bool> {
        self.quiet.subscribe()
    }

    /// Reads until it is to leave, or the input has failed for good, which it returns.
    pub(super) async fn run(mut self, mut phase: watch::Receiver<Phase>) -> Result<(), InputError> {
        let mut failure = None;
        loop {
            match self.step(&mut phase).await {
                Step::Phase(Phase::Leaving) => break,
                Step::Phase(phase) => self.enter(phase),
                Step::Chunk(stored) => self.finish_chunk(stored),
                Step::Arrival(Ok(Arrival::Records(records))) => self.take(records),
                Step::Arrival(Ok(Arrival::Revoked { partitions, within })) => {
                    let until = Instant::now() + within.min(REVOCATION);
                    self.revocations.push(Revocation { partitions, until });
                }
                Step::Settled | Step::Timer | Step::Arrival(Ok(_)) => {}
                Step::Arrival(Err(error)) if error.is_fatal() => {
                    failure = Some(error);
                    break;
                }
                Step::Arrival(Err(error)) => {
                    self.note_error(&error);
                    self.read_again_at = Some(Instant::now() + TRY_AGAIN_AFTER);
                }
            }
            self.move_on().await;
        }
        self.chunks.abort_all();
        self.quiet.send_replace(true);
        self.collect_settled();
        self.settle().await;
        if let Err(error) = self.input.leave().await {
            tracing::warn!(input = %self.name, "left without a confirmation, some records may come again: {error}");
        }
        failure.map_or(Ok(()), Err)
    }

    async fn step(&mut self, phase: &mut watch::Receiver<Phase>) -> Step {
        let may_read = self.chunks.is_empty() || self.is_paused;
        let timer = self.next_timer();
        let read_again_at = self.read_again_at;
        let arrival = async {
            if let Some(at) = read_again_at {
                tokio::time::sleep_until(at).await;
            }
            self.input.next().await
        };
        let settled = async {
            match &self.storing.settling {
                Settling::Delivered(tracker) => tracker.settled(self.storing.reader).await,
                Settling::Stored(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            changed = phase.changed() => Step::Phase(match changed {
                Ok(()) => *phase.borrow_and_update(),
                Err(_) => Phase::Leaving,
            }),
            Some(ended) = self.chunks.join_next() => Step::Chunk(ended),
            () = settled => Step::Settled,
            () = tokio::time::sleep_until(timer) => Step::Timer,
            arrival = arrival, if may_read => Step::Arrival(arrival),
        }
    }

    /// When there is something to do, whatever happens.
    fn next_timer(&self) -> Instant {
        let pause_at = self.pause_at.filter(|_| !self.is_paused);
        let revocations = self.revocations.iter().map(|one| one.until);
        let soonest = revocations
            .chain(pause_at)
            .chain(self.settle_again_at)
            .min();
        let show_at = Instant::now() + SHOW_EVERY;
        soonest.map_or(show_at, |soonest| soonest.min(show_at))
    }

    fn enter(&mut self, phase: Phase) {
        if phase < Phase::Stopping {
            return;
        }
        self.is_stopping = true;
        self.pause();
        if matches!(self.storing.settling, Settling::Delivered(_)) {
            // It waits for room in the log. Unread, its records come again.
            self.chunks.abort_all();
        }
    }

    fn pause(&mut self) {
        self.is_paused = true;
        self.input.pause();
    }

    /// Gives records to be stored.
    fn take(&mut self, records: Vec<Record>) {
        if self.is_stopping {
            return;
        }
        self.read_again_at = None;
        self.last_error = None;
        if self.unsettled.is_empty() {
            self.moved_at = Instant::now();
        }
        for (partition, records) in by_partition(records) {
            // It was taken away and given back: what was left of it is here again.
            let came_back = |revocation: &Revocation| revocation.partitions.contains(&partition);
            if self.revocations.iter().any(came_back) {
                self.give_up(std::slice::from_ref(&partition));
            }
            self.unsettled.add(&partition, records.len());
            let storing = Arc::clone(&self.storing);
            let of_chunk = partition.clone();
            let chunk = async move { (of_chunk, storing.store(records).await) };
            let handle = self.chunks.spawn(chunk);
            self.chunk_of.insert(partition, handle);
        }
        self.pause_at = Some(Instant::now() + PAUSE_AFTER);
    }

    fn finish_chunk(&mut self, stored: Result<(Partition, Vec<Position>), JoinError>) {
        match stored {
            Ok((partition, positions)) => {
                self.chunk_of.remove(&partition);
                self.to_settle.extend(positions);
            }
            Err(error) if error.is_panic() => tracing::error!(
                input = %self.name,
                "storing records stopped unexpectedly, and their position stays: this is a defect in segue, please report it"
            ),
            Err(_) => {}
        }
        if self.chunks.is_empty() {
            self.chunk_of.clear();
            self.pause_at = None;
        }
    }

    /// Does what has become possible.
    async fn move_on(&mut self) {
        let now = Instant::now();
        if self.pause_at.is_some_and(|at| at <= now) && !self.is_paused {
            self.pause();
        }
        if self.chunks.is_empty() && self.is_stopping {
            self.quiet.send_replace(true);
        } else if self.chunks.is_empty() && self.is_paused {
            self.is_paused = false;
            self.input.resume();
        }
        self.collect_settled();
        if self.settle_again_at.is_none_or(|at| at <= now) {
            self.settle().await;
        }
        self.finish_revocations();
        let age = if self.unsettled.is_empty() {
            Duration::ZERO
        } else {
            self.moved_at.elapsed()
        };
        self.storing.metrics.show_commit_age(age);
    }

    fn collect_settled(&mut self) {
        if let Settling::Delivered(tracker) = &self.storing.settling {
            self.to_settle
                .extend(tracker.take_settled(self.storing.reader));
            let expired = tracker.take_expired_records(self.storing.reader);
            if !expired.is_empty() {
                let records = expired.len();
                tracing::warn!(input = %self.name, records, "this process stood still or was cut off: {EXPIRED}");
            }
            self.unsettled.subtract(&expired);
        }
    }

    /// Tells the input what is settled.
    async fn settle(&mut self) {
        self.settle_again_at = None;
        if self.to_settle.is_empty() {
            return;
        }
        match self.input.settle(&self.to_settle).await {
            Ok(()) => {
                let count = u64::try_from(self.to_settle.len()).unwrap_or(u64::MAX);
                self.storing.metrics.count_settled(count);
                self.unsettled.subtract(&self.to_settle);
                self.to_settle.clear();
                self.moved_at = Instant::now();
            }
            Err(error) => {
                self.note_error(&error);
                self.settle_again_at = Some(Instant::now() + TRY_AGAIN_AFTER);
            }
        }
    }

    /// Gives up partitions that are to go: those of which nothing is left, and those whose time is over.
    fn finish_revocations(&mut self) {
        let now = Instant::now();
        let (over, waiting): (Vec<_>, Vec<_>) = std::mem::take(&mut self.revocations)
            .into_iter()
            .partition(|one| one.until <= now || self.is_settled(&one.partitions));
        self.revocations = waiting;
        for revocation in over {
            self.give_up(&revocation.partitions);
        }
    }

    fn is_settled(&self, partitions: &[Partition]) -> bool {
        let is_stored = |partition| !self.chunk_of.contains_key(partition);
        let is_told = |one: &Position| partitions.contains(&one.partition);
        let is_tracked = match &self.storing.settling {
            Settling::Stored(_) => false,
            Settling::Delivered(tracker) => tracker.unsettled(self.storing.reader, partitions) > 0,
        };
        partitions.iter().all(is_stored) && !self.to_settle.iter().any(is_told) && !is_tracked
    }

    /// Forgets what is left of partitions.
    fn give_up(&mut self, partitions: &[Partition]) {
        for partition in partitions {
            if let Some(chunk) = self.chunk_of.remove(partition) {
                chunk.abort();
            }
            self.unsettled.remove(partition);
        }
        if let Settling::Delivered(tracker) = &self.storing.settling {
            tracker.give_up(self.storing.reader, partitions);
        }
        for revocation in &mut self.revocations {
            revocation
                .partitions
                .retain(|one| !partitions.contains(one));
        }
        self.revocations.retain(|one| !one.partitions.is_empty());
    }

    fn note_error(&mut self, error: &InputError) {
        let sentence = error.to_string();
        if self.last_error.as_ref() != Some(&sentence) {
            tracing::warn!(input = %self.name, "{sentence}; it is tried again");
            self.last_error = Some(sentence);
        }
    }
}
