//! The log itself.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use conversions_delivery::{
    AppendError, AppendGroup, Appended, Backlog, DeadLetter, EventLog, KeyRange, Lease, LogError,
    Progress, UnixMillis, Wanted,
};
use conversions_nats::HoldTiming;
use tokio::runtime::Handle;

use crate::blocking::Blocking;
use crate::dead_letters::NatsDeadLetters;
use crate::error::OpenError;
use crate::hand::{Hand, Remainder};
use crate::options::NatsLogOptions;
use crate::shared::Shared;
use crate::{
    acknowledging, append, backlogs, burying, connection, looking, moving, poison, puller, status,
    streams, telemetry,
};

/// Events that are not due for longer than this leave their message.
const FAR: Duration = Duration::from_mins(1);
/// What is left of a message that was in hand for longer than this leaves it.
const OLD: Duration = Duration::from_mins(1);

/// An event log on `JetStream`, which several processes share: each may append, each may deliver.
///
/// What [`append`](EventLog::append) has confirmed is on a majority of the replicas. After
/// [`LogError::Unavailable`] a part of the group may be in the log; appending the same group again completes it, and
/// stores nothing twice if its events have `messageId`s.
///
/// Lost with a process are the leases, not the events: another process gets them after a minute. Those that were on
/// their way to Meta are then sent again.
pub struct NatsLog {
    shared: Arc<Shared>,
}

impl NatsLog {
    /// Connects, and checks the streams of these destinations. Must be called in a tokio runtime with timer and
    /// network, where the tasks of the log run.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when the cluster cannot be reached, or streams are missing or promise less than they should.
    pub async fn open(options: NatsLogOptions, destinations: &[String]) -> Result<Self, OpenError> {
        let context = connection::connect(&options).await?;
        streams::check(&context, &options, destinations).await?;
        let runtime = Handle::current();
        let shared = Arc::new(Shared::new(context, options, runtime));
        let weak = Arc::downgrade(&shared);
        shared.runtime.spawn(acknowledging::keep_in_hand(weak));
        Ok(Self { shared })
    }

    /// The dead letters, over the same connection. Their methods block.
    #[must_use]
    pub fn dead_letters(&self) -> NatsDeadLetters {
        NatsDeadLetters::over(
            self.shared.context.clone(),
            self.shared.options.namespace.clone(),
            Blocking::on(self.shared.runtime.clone()),
        )
    }
}

impl fmt::Debug for NatsLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsLog")
            .field("namespace", &self.shared.options.namespace)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl EventLog for NatsLog {
    async fn append(&self, group: AppendGroup, now: UnixMillis) -> Result<Appended, AppendError> {
        self.shared.observe_now(now);
        if !self.shared.options.group_small {
            return append::append(&self.shared, group, now).await;
        }
        // In a task of its own: what shares a message is stored, and its ids are remembered, also when a sender goes away.
        let shared = Arc::clone(&self.shared);
        let appending = async move { append::append(&shared, group, now).await };
        let appended = self.shared.runtime.spawn(appending).await;
        appended.unwrap_or_else(|_| {
            Err(LogError::Unavailable {
                reason: "the log is closed".to_owned(),
            }
            .into())
        })
    }

    async fn lease(&self, wanted: Wanted<'_>, now: UnixMillis) -> Result<Lease, LogError> {
        self.shared.observe_now(now);
        let lane = self.shared.lane(wanted.destination);
        puller::start(&self.shared, &lane);
        let fresh_for = HoldTiming::of(self.shared.options.ack_wait).fresh_for;
        let lease = lane.hand().lease(wanted, now, Instant::now(), fresh_for);
        Ok(lease)
    }

    async fn acknowledge(
        &self,
        destination: &str,
        keys: &[KeyRange],
        _now: UnixMillis,
    ) -> Result<(), LogError> {
        let lane = self.shared.lane(destination);
        lane.hand().settle(keys);
        acknowledging::acknowledge(&self.shared, &lane).await
    }

    async fn release(
        &self,
        destination: &str,
        keys: &[KeyRange],
        not_before: Option<UnixMillis>,
    ) -> Result<(), LogError> {
        let lane = self.shared.lane(destination);
        // What is not due for long leaves the hand with the next maintenance.
        lane.hand().release(keys, not_before);
        lane.arrived.notify_one();
        Ok(())
    }

    async fn dead_letter(
        &self,
        letters: Vec<DeadLetter>,
        _now: UnixMillis,
    ) -> Result<(), LogError> {
        burying::publish_letters(&self.shared, &letters).await?;
        let mut lanes = BTreeMap::new();
        for letter in &letters {
            let lane = self.shared.lane(&letter.destination);
            lane.hand().settle(&[KeyRange::one(letter.id)]);
            lanes.insert(Arc::clone(&letter.destination), lane);
        }
        for lane in lanes.values() {
            // The letters are kept. Maintenance repeats an acknowledgement that fails.
            let _ = acknowledging::acknowledge(&self.shared, lane).await;
        }
        Ok(())
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn take_expired_leases(&self, destination: &str, keys: &[KeyRange]) -> Vec<KeyRange> {
        let fresh_for = HoldTiming::of(self.shared.options.ack_wait).fresh_for;
        let lane = self.shared.lane(destination);
        let stale = lane.hand().take_stale(keys, Instant::now(), fresh_for);
        let events = stale.iter().map(|keys| keys.count).sum();
        if events > 0 {
            telemetry::leases_expired(destination, events);
            lane.room.notify_waiters();
        }
        stale
    }

    async fn arrived(&self, destination: &str) {
        self.shared.lane(destination).arrived.notified().await;
    }

    async fn backlog(&self, destination: &str) -> Result<Backlog, LogError> {
        let lane = self.shared.lane(destination);
        backlogs::of_lane(&self.shared, &lane).await
    }

    async fn backlogs(&self) -> Result<BTreeMap<Arc<str>, Backlog>, LogError> {
        backlogs::of_all(&self.shared).await
    }

    async fn publish(&self, progress: &Progress, now: UnixMillis) {
        status::publish(&self.shared, progress, now).await;
    }

    async fn maintain(&self, now: UnixMillis) -> bool {
        self.shared.observe_now(now);
        let fresh_for = HoldTiming::of(self.shared.options.ack_wait).fresh_for;
        for lane in self.shared.lanes() {
            // What cannot be confirmed or moved stays in hand until the next time.
            let _ = acknowledging::acknowledge(&self.shared, &lane).await;
            let leaving = leaving(&lane.hand(), now, Instant::now(), fresh_for);
            if !leaving.is_empty() {
                moving::move_out(&self.shared, &lane, leaving, now).await;
                let _ = acknowledging::acknowledge(&self.shared, &lane).await;
            }
        }
        false
    }

    async fn give_up_leases(&self) {
        self.shared.close().await;
        let now = self.shared.last_now();
        let fresh_for = HoldTiming::of(self.shared.options.ack_wait).fresh_for;
        for lane in self.shared.lanes() {
            lane.hand().lose_stale(Instant::now(), fresh_for);
            let untouched = lane.hand().give_up(poison::GIVEN_BACK_AT_MOST);
            acknowledging::give_back_all(&self.shared, untouched).await;
            let remainders = lane.hand().all_remainders();
            moving::move_out(&self.shared, &lane, remainders, now).await;
            let _ = acknowledging::acknowledge(&self.shared, &lane).await;
            looking::finish(&self.shared, &lane).await;
        }
        let _ = self.shared.context.client().flush().await;
    }
}

/// What leaves the hand as messages of its own. Of a message that another node may have, nothing does: it would be there
/// twice.
fn leaving(hand: &Hand, now: UnixMillis, at: Instant, fresh_for: Duration) -> Vec<Remainder> {
    let mut leaving = hand.due_after(now.plus(FAR));
    if let Some(then) = at.checked_sub(OLD) {
        leaving.extend(hand.remainders(then));
    }
    leaving.retain(|one| !hand.is_stale(one.message, at, fresh_for));
    leaving
}
