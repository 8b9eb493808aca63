//! The log and the model side by side.

use std::time::{Duration, Instant};

use conversions_transport::NewEvent;
use facebook_conversions::ActionSource;

use super::{Model, NOW, Step, TEN_MINUTES};
use crate::{
    AppendGroup, AppendOutcome, DeadLetter, DeadLetterReason, EventKey, EventLog, KeyRange, Lease,
    LeasedEvent, UnixMillis, Wanted,
};

/// The destination of every event.
const DESTINATION: &str = "shop";

/// A model, the clock, and the steps that a log and the model take together.
#[derive(Clone, Debug)]
pub struct Run {
    /// What the log should hold.
    pub model: Model,
    /// The time of day.
    pub now: UnixMillis,
    /// How long the log may take until what was done shows: none for a log in this process.
    pub patience: Duration,
}

impl Default for Run {
    fn default() -> Self {
        Self {
            model: Model::default(),
            now: NOW,
            patience: Duration::ZERO,
        }
    }
}

impl Run {
    /// Applies a step to the log and to the model. Returns whether the log took it; the model always does.
    ///
    /// # Panics
    ///
    /// When the log reports another result than the model.
    pub async fn step(&mut self, log: &dyn EventLog, step: &Step) -> bool {
        match step {
            Step::Append(frames) => self.append(log, frames, false).await,
            Step::AppendAhead(count) => self.append(log, &[*count], true).await,
            Step::Repeat(which) => self.repeat(log, which).await,
            Step::Lease(count) => self.lease(log, *count).await,
            Step::Acknowledge { every } => {
                let keys = self.model.some_leased(*every);
                self.model.settle(&keys);
                log.acknowledge(DESTINATION, &keys, self.now).await.is_ok()
            }
            Step::Release { every } => {
                let keys = self.model.some_leased(*every);
                self.model.release(&keys, None);
                log.release(DESTINATION, &keys, None).await.is_ok()
            }
            Step::Defer { every } => {
                let keys = self.model.some_leased(*every);
                let due = Some(UnixMillis(self.now.0 + TEN_MINUTES));
                self.model.release(&keys, due);
                log.release(DESTINATION, &keys, due).await.is_ok()
            }
            Step::DeadLetter => self.dead_letter(log).await,
            Step::Wait => {
                self.now = UnixMillis(self.now.0 + TEN_MINUTES);
                true
            }
        }
    }

    /// Asserts that the log counts as many unsettled events as the model has.
    ///
    /// # Panics
    ///
    /// When it does not.
    pub async fn check_backlog(&self, log: &dyn EventLog) {
        let unsettled = self.model.unsettled().len();
        let started = Instant::now();
        loop {
            let backlog = log.backlog(DESTINATION).await.expect("a backlog");
            let all = log.backlogs().await.expect("backlogs");
            let events = all.get(DESTINATION).map_or(0, |backlog| backlog.events);
            let counted = [backlog.events, events].map(usize::try_from);
            if counted == [Ok(unsettled); 2] {
                return;
            }
            assert!(
                self.waits_since(started).await,
                "{counted:?} events are counted, and {unsettled} are unsettled"
            );
        }
    }

    /// Releases everything that is leased.
    ///
    /// # Panics
    ///
    /// When the log fails.
    pub async fn release_all(&mut self, log: &dyn EventLog) {
        let keys = self.model.some_leased(1);
        self.model.release(&keys, None);
        let released = log.release(DESTINATION, &keys, None).await;
        released.expect("released");
    }

    /// Asserts that every unsettled event can be leased, and once only.
    ///
    /// # Panics
    ///
    /// When an event is missing or comes twice.
    pub async fn drain(&self, log: &dyn EventLog) {
        let far = UnixMillis(self.now.0 + 100 * TEN_MINUTES);
        let expected: Vec<u64> = self.model.unsettled().into_keys().collect();
        let mut left: Vec<u64> = Vec::new();
        let started = Instant::now();
        loop {
            let leased = lease_keys(&lease(log, 3, far).await);
            let is_done = left.len() >= expected.len() || !self.waits_since(started).await;
            if leased.is_empty() && is_done {
                break;
            }
            left.extend(leased);
        }
        left.sort_unstable();
        assert_eq!(left, expected, "every event comes out once");
    }

    /// Waits a moment, if there is time left. Returns whether there was.
    async fn waits_since(&self, started: Instant) -> bool {
        let is_time_left = started.elapsed() < self.patience;
        if is_time_left {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        is_time_left
    }

    async fn append(&mut self, log: &dyn EventLog, frames: &[usize], ahead: bool) -> bool {
        let later = self.now.seconds() + TEN_MINUTES / 1000;
        let time_of = |number: usize| {
            if ahead && number % 3 == 2 {
                later
            } else {
                NOW.seconds()
            }
        };
        let frames = frames.iter().enumerate().map(|(frame, count)| {
            let events = (0..*count).map(|number| {
                let text = format!(
                    "number {number} of frame {frame} at {}",
                    self.model.texts.len()
                );
                event(&text, time_of(number))
            });
            events.collect()
        });
        self.append_frames(log, frames.collect()).await
    }

    /// Appends each list of events as a frame. An event whose `messageId` is new, or which has none, must be stored.
    async fn append_frames(&mut self, log: &dyn EventLog, frames: Vec<Vec<NewEvent>>) -> bool {
        let group = frames
            .iter()
            .flat_map(|events| AppendGroup::from(events.clone()).frames);
        let group = AppendGroup::new(group.collect());
        let Ok(appended) = log.append(group, self.now).await else {
            return false;
        };
        let outcomes: usize = appended.frames.iter().map(|frame| frame.events).sum();
        let events: usize = frames.iter().map(Vec::len).sum();
        assert_eq!(outcomes, events, "one outcome an event");
        for (event, outcome) in frames.into_iter().flatten().zip(appended.outcomes()) {
            let which = event
                .message_id
                .as_deref()
                .and_then(|id| id.parse::<u8>().ok());
            let is_repeated = which.is_some_and(|which| self.model.seen & (1 << which) != 0);
            match outcome {
                AppendOutcome::Duplicate => assert!(is_repeated, "never seen before"),
                AppendOutcome::Stored(EventKey(key)) => {
                    assert!(!is_repeated, "seen before");
                    self.model.seen |= which.map_or(0, |which| 1 << which);
                    self.model
                        .append(key, UnixMillis::from_seconds(event.event_time));
                    let before = self.model.texts.insert(key, event.event);
                    assert_eq!(before, None, "a key is used once");
                }
            }
        }
        true
    }

    async fn repeat(&mut self, log: &dyn EventLog, which: &[u8]) -> bool {
        let events = which.iter().map(|which| {
            event(&format!("repeated {which}"), NOW.seconds())
                .with_message_id(Some(&which.to_string()))
        });
        self.append_frames(log, vec![events.collect()]).await
    }

    /// Deferred events that are due may come before older ones, so only their number is compared.
    async fn lease(&mut self, log: &dyn EventLog, count: usize) -> bool {
        let due = self.model.due(self.now).len().min(count);
        let (started, mut leased) = (Instant::now(), Vec::new());
        loop {
            let lease = lease(log, count - leased.len(), self.now).await;
            for event in lease.events() {
                let text = self.model.texts.get(&event.key.0);
                assert!(
                    text.is_none_or(|text| *text == event.event),
                    "another event"
                );
            }
            leased.extend(lease_keys(&lease));
            if leased.len() >= due || !self.waits_since(started).await {
                break;
            }
        }
        assert_eq!(leased.len(), due, "all that is due, up to {count}");
        for key in leased {
            let due = self.model.lease(key).expect("a waiting event");
            assert!(due <= self.now, "not due");
        }
        true
    }

    async fn dead_letter(&mut self, log: &dyn EventLog) -> bool {
        let Some(key) = self.model.leased.keys().next().copied() else {
            return true;
        };
        let key = EventKey(key);
        self.model.settle(&[KeyRange::one(key)]);
        self.model.dead.push(key.0);
        let event = LeasedEvent {
            key,
            accepted_at: NOW,
            test_event_code: None,
            event: "{}".into(),
            event_time: NOW.seconds(),
            max_age: ActionSource::Website.max_age(),
            line: None,
        };
        let reason = DeadLetterReason::Refused;
        let letter = DeadLetter::new(DESTINATION.into(), event, reason, NOW);
        log.dead_letter(vec![letter], self.now).await.is_ok()
    }
}

/// Leases at most `count` events.
///
/// # Panics
///
/// When the log cannot be read.
pub async fn lease(log: &dyn EventLog, count: usize, now: UnixMillis) -> Lease {
    let wanted = Wanted {
        destination: DESTINATION,
        events: count,
        bytes: 1_000_000,
    };
    log.lease(wanted, now).await.expect("a lease")
}

/// The keys of leased events.
#[must_use]
pub fn lease_keys(lease: &Lease) -> Vec<u64> {
    lease.events().map(|event| event.key.0).collect()
}

fn event(id: &str, event_time: i64) -> NewEvent {
    let json = format!(r#"{{"event_name":"Purchase","event_id":"{id}"}}"#);
    NewEvent::new(DESTINATION, json, event_time)
}
