//! The log and the model side by side.

use std::collections::{BTreeMap, BTreeSet};

use conversions_delivery::{AppendOutcome, DeadLetterStore, DurableLog, EventKey, EventLog, InputId, UnixMillis};
use conversions_disk_log::DiskLog;

use super::{Model, Step};
use crate::stage::{Disks, NOW, event, id, keys, lease_at, refused};

pub(super) const TEN_MINUTES: i64 = 600_000;

pub(super) struct Run {
    disks: Disks,
    log: Option<DiskLog>,
    /// How often the disks had lost their power when the log was opened.
    losses_before: [u32; 3],
    pub(super) model: Model,
    pub(super) now: UnixMillis,
}

impl Run {
    pub(super) fn new(seed: u64) -> Self {
        let disks = Disks::new(seed);
        let log = disks.open();
        Self {
            log: Some(log),
            losses_before: [0; 3],
            disks,
            model: Model::default(),
            now: NOW,
        }
    }

    pub(super) async fn take(&mut self, step: Step) {
        match step {
            Step::Reopen => self.reopen().await,
            Step::LosePower => {
                self.disks.lose_power();
                self.reopen().await;
            }
            Step::LosePowerAfter(operations, disk) => {
                let disk = self.disks.all()[disk];
                disk.lose_power_after(operations);
            }
            Step::Wait => self.now = UnixMillis(self.now.0 + TEN_MINUTES),
            step => {
                let before = self.model.clone();
                let went_well = self.ask(&step).await;
                if !went_well {
                    self.after_a_failure(&step, before).await;
                }
            }
        }
    }

    /// Asks the log and the model the same; whether the log did it.
    async fn ask(&mut self, step: &Step) -> bool {
        match step {
            Step::Append(count) => self.append(*count, false).await,
            Step::AppendAhead(count) => self.append(*count, true).await,
            Step::Absorb => {
                let nothing = self.log().resumption(InputId([0; 16])).await;
                nothing.is_ok()
            }
            Step::Repeat(which) => self.repeat(*which).await,
            Step::Lease(count) => self.lease(*count).await,
            Step::Acknowledge { every } => {
                let keys = self.some_leased(*every);
                for EventKey(key) in &keys {
                    self.model.leased.remove(key);
                }
                self.log()
                    .acknowledge("shop", &keys, self.now)
                    .await
                    .is_ok()
            }
            Step::Release { every } => {
                let keys = self.some_leased(*every);
                for EventKey(key) in &keys {
                    let due = self.model.leased.remove(key).expect("leased");
                    self.model.queue.push_back((*key, due));
                }
                self.model.queue.make_contiguous().sort_unstable();
                self.log().release("shop", &keys, None).await.is_ok()
            }
            Step::PutAside { every } => {
                let keys = self.some_leased(*every);
                let due = UnixMillis(self.now.0 + TEN_MINUTES);
                for EventKey(key) in &keys {
                    self.model.leased.remove(key).expect("leased");
                    self.model.queue.push_back((*key, due));
                }
                self.model.queue.make_contiguous().sort_unstable();
                self.log().release("shop", &keys, Some(due)).await.is_ok()
            }
            Step::DeadLetter => self.dead_letter().await,
            _ => true,
        }
    }

    async fn append(&mut self, count: usize, ahead: bool) -> bool {
        let later = self.now.seconds() + TEN_MINUTES / 1000;
        let mut group = Vec::new();
        for number in 0..count {
            let mut event = event(format!("number {number}"));
            event.event_time = if ahead && number % 3 == 2 {
                later
            } else {
                NOW.seconds()
            };
            group.push(event);
        }
        let times: Vec<_> = group.iter().map(|event| event.event_time).collect();
        let Ok(appended) = self.log().append(group.into(), self.now).await else {
            return false;
        };
        for (outcome, time) in appended.outcomes.iter().zip(times) {
            let AppendOutcome::Stored(EventKey(key)) = outcome else {
                panic!("no messageId, no duplicate");
            };
            let due = UnixMillis::from_seconds(time);
            self.model.queue.push_back((*key, due));
        }
        true
    }

    async fn repeat(&mut self, which: u8) -> bool {
        let which = which % 4;
        let is_new = self.model.seen & (1 << which) == 0;
        let event =
            event(format!("repeated {which}")).with_message_id(Some(&format!("message {which}")));
        let Ok(appended) = self.log().append(vec![event].into(), self.now).await else {
            return false;
        };
        match appended.outcomes.as_slice() {
            [AppendOutcome::Duplicate] => assert!(!is_new, "never seen before"),
            [AppendOutcome::Stored(EventKey(key))] => {
                assert!(is_new, "seen before");
                self.model.seen |= 1 << which;
                self.model.queue.push_back((*key, NOW));
            }
            outcomes => panic!("one event, not {outcomes:?}"),
        }
        true
    }

    async fn lease(&mut self, count: usize) -> bool {
        let lease = lease_at(self.log(), count, self.now).await;
        let mut leased: Vec<u64> = keys(&lease).into_iter().map(|EventKey(key)| key).collect();
        // What was put aside and is due comes first; among the rest, oldest first. The model leases the same number.
        leased.sort_unstable();
        let due_before = self
            .model
            .queue
            .iter()
            .filter(|(_, due)| *due <= self.now)
            .count();
        assert_eq!(leased.len(), due_before.min(count));
        for key in &leased {
            let place = self
                .model
                .queue
                .iter()
                .position(|(queued, _)| queued == key);
            let (key, due) = self
                .model
                .queue
                .remove(place.expect("waiting"))
                .expect("there");
            assert!(due <= self.now, "not due");
            self.model.leased.insert(key, due);
        }
        true
    }

    async fn dead_letter(&mut self) -> bool {
        let Some(key) = self.model.leased.keys().next().copied() else {
            return true;
        };
        let mut letter = refused(stand_in(key));
        letter.id = EventKey(key);
        self.model.leased.remove(&key);
        self.model.dead.push(key);
        self.log().dead_letter(vec![letter], self.now).await.is_ok()
    }

    fn some_leased(&self, every: usize) -> Vec<EventKey> {
        let leased = self.model.leased.keys().step_by(every);
        leased.map(|key| EventKey(*key)).collect()
    }

    /// The step failed because the power did: it was done wholly or not at all.
    async fn after_a_failure(&mut self, step: &Step, before: Model) {
        assert_ne!(
            self.disks.losses(),
            self.losses_before,
            "nothing else may fail"
        );
        let mut after = std::mem::replace(&mut self.model, before);
        self.open_again();
        self.model.end_leases();
        after.end_leases();
        if matches!(step, Step::Acknowledge { .. }) {
            self.adopt_acknowledged(&after).await;
            return;
        }
        let found = (found(self.log()).await, self.due().await);
        let done = found == (counts(&after), after.due(self.now));
        let not_done = found == (counts(&self.model), self.model.due(self.now));
        // An append is only known to have failed: its events may be there, under keys that were not told.
        let appended = found.0.0 > counts(&self.model).0;
        assert!(
            done || not_done || appended,
            "neither done nor undone: {found:?}"
        );
        if appended {
            self.adopt().await;
        } else if done && !not_done {
            self.model = after;
        }
    }

    /// What may be leased now, seen through a lease that ends at once.
    async fn due(&mut self) -> BTreeSet<u64> {
        let lease = lease_at(self.log(), 10_000, self.now).await;
        self.open_again();
        keys(&lease).into_iter().map(|EventKey(key)| key).collect()
    }

    /// Takes over into the model which events a failed acknowledgement has left: some of them may be gone, no others.
    async fn adopt_acknowledged(&mut self, after: &Model) {
        let far = UnixMillis(self.now.0 + 10 * TEN_MINUTES);
        let left: BTreeSet<u64> = keys(&lease_at(self.log(), 10_000, far).await)
            .into_iter()
            .map(|EventKey(key)| key)
            .collect();
        let before: BTreeSet<u64> = self.model.unsettled().into_keys().collect();
        assert!(left.is_subset(&before), "{left:?} of {before:?}");
        assert!(after.unsettled().keys().all(|key| left.contains(key)));
        self.model.queue.retain(|(key, _)| left.contains(key));
        self.open_again();
    }

    /// Takes over into the model what a failed append has left.
    async fn adopt(&mut self) {
        let far = UnixMillis(self.now.0 + 10 * TEN_MINUTES);
        let lease = lease_at(self.log(), 10_000, far).await;
        for event in &lease.events {
            let is_known = self.model.queue.iter().any(|(key, _)| *key == event.key.0);
            if !is_known {
                let due = UnixMillis::from_seconds(event.event_time);
                self.model.queue.push_back((event.key.0, due));
                if let Some(which) = id(event).strip_prefix("repeated ") {
                    self.model.seen |= 1 << which.parse::<u8>().expect("a number");
                }
            }
        }
        self.model.queue.make_contiguous().sort_unstable();
        self.open_again();
    }

    pub(super) fn log(&self) -> &DiskLog {
        self.log.as_ref().expect("open")
    }

    /// Without power at first; the fuses are out from here on.
    fn open_again(&mut self) {
        self.disks.lose_power();
        self.log = None;
        self.log = Some(self.disks.open());
        self.losses_before = self.disks.losses();
    }

    /// Another process takes over; the power may fail while it does.
    pub(super) async fn reopen(&mut self) {
        self.log = None;
        self.losses_before = self.disks.losses();
        self.log = self.disks.try_open().ok();
        if self.log.is_none() {
            self.open_again();
        }
        self.model.end_leases();
        assert_eq!(found(self.log()).await, counts(&self.model));
    }
}

/// Events and dead letters that are there.
async fn found(log: &DiskLog) -> (u64, u64) {
    let backlog = log.backlogs().await.expect("readable").get("shop").copied().unwrap_or_default();
    let counts = log.dead_letters().counts().expect("counts");
    (
        backlog.events,
        counts.values().flat_map(BTreeMap::values).sum(),
    )
}

fn counts(model: &Model) -> (u64, u64) {
    (model.unsettled().len() as u64, model.dead.len() as u64)
}

fn stand_in(key: u64) -> conversions_delivery::LeasedEvent {
    conversions_delivery::LeasedEvent {
        key: EventKey(key),
        accepted_at: NOW,
        test_event_code: None,
        event: "{}".into(),
        event_time: NOW.seconds(),
        max_age: facebook_conversions::ActionSource::Website.max_age(),
        line: None,
    }
}
