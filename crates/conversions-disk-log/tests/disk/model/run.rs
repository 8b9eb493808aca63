//! The log, the model, and the power.

use std::collections::{BTreeMap, BTreeSet};

use conversions_delivery::conformance::{
    Model, Run, Step, TEN_MINUTES, lease as lease_at, lease_keys,
};
use conversions_delivery::{DeadLetterStore, DurableLog, EventLog, InputId, UnixMillis};
use conversions_disk_log::DiskLog;

use super::DiskStep;
use crate::stage::{Disks, id};

pub(super) struct PoweredRun {
    disks: Disks,
    log: Option<DiskLog>,
    /// How often the disks had lost their power when the log was opened.
    losses_before: [u32; 3],
    run: Run,
}

impl PoweredRun {
    pub(super) fn new(seed: u64) -> Self {
        let disks = Disks::new(seed);
        let log = disks.open();
        Self {
            log: Some(log),
            losses_before: [0; 3],
            disks,
            run: Run::default(),
        }
    }

    pub(super) async fn take(&mut self, step: DiskStep) {
        match step {
            DiskStep::Reopen => self.reopen().await,
            DiskStep::LosePower => {
                self.disks.lose_power();
                self.reopen().await;
            }
            DiskStep::LosePowerAfter(operations, disk) => {
                let disk = self.disks.all()[disk];
                disk.lose_power_after(operations);
            }
            DiskStep::Checkpoint => {
                let before = self.run.model.clone();
                if self.log().resumption(InputId([0; 16])).await.is_err() {
                    self.after_a_failure(false, before).await;
                }
            }
            DiskStep::Log(step) => {
                // A step may succeed although the power of a file is lost: what it did is durable in another one.
                if self.disks.losses() != self.losses_before {
                    self.reopen().await;
                }
                let before = self.run.model.clone();
                let log = self.log.take().expect("open");
                let went_well = self.run.step(&log, &step).await;
                self.log = Some(log);
                if !went_well {
                    let acknowledges = matches!(step, Step::Acknowledge { .. });
                    self.after_a_failure(acknowledges, before).await;
                }
            }
        }
    }

    /// Every unsettled event comes out, once.
    pub(super) async fn drain(&self) {
        self.run.drain(self.log()).await;
    }

    /// The step failed because the power did: it was done wholly or not at all.
    async fn after_a_failure(&mut self, acknowledges: bool, before: Model) {
        assert_ne!(
            self.disks.losses(),
            self.losses_before,
            "nothing else may fail"
        );
        let mut after = std::mem::replace(&mut self.run.model, before);
        self.open_again();
        self.run.model.end_leases();
        after.end_leases();
        if acknowledges {
            self.adopt_acknowledged(&after).await;
            return;
        }
        let now = self.run.now;
        let found = (found(self.log()).await, self.due().await);
        let done = found == (counts(&after), after.due(now));
        let not_done = found == (counts(&self.run.model), self.run.model.due(now));
        // An append is only known to have failed: its events may be there, under keys that were not told.
        let appended = found.0.0 > counts(&self.run.model).0;
        assert!(
            done || not_done || appended,
            "neither done nor undone: {found:?}"
        );
        if appended {
            self.adopt_appended().await;
        } else if done && !not_done {
            self.run.model = after;
        }
    }

    /// What may be leased now, seen through a lease that ends at once.
    async fn due(&mut self) -> BTreeSet<u64> {
        let lease = lease_at(self.log(), 10_000, self.run.now).await;
        self.open_again();
        lease_keys(&lease).into_iter().collect()
    }

    /// Takes over into the model which events a failed acknowledgement has left: some of those may be gone, no others.
    async fn adopt_acknowledged(&mut self, after: &Model) {
        let lease = lease_at(self.log(), 10_000, self.far()).await;
        let left: BTreeSet<u64> = lease_keys(&lease).into_iter().collect();
        let before: BTreeSet<u64> = self.run.model.unsettled().into_keys().collect();
        assert!(left.is_subset(&before), "{left:?} of {before:?}");
        assert!(after.unsettled().keys().all(|key| left.contains(key)));
        self.run.model.queue.retain(|(key, _)| left.contains(key));
        self.open_again();
    }

    /// Takes over into the model what a failed append has left.
    async fn adopt_appended(&mut self) {
        let lease = lease_at(self.log(), 10_000, self.far()).await;
        for event in lease.events() {
            let model = &mut self.run.model;
            if model.unsettled().contains_key(&event.key.0) {
                continue;
            }
            model.append(event.key.0, UnixMillis::from_seconds(event.event_time));
            if let Some(which) = id(&event).strip_prefix("repeated ") {
                model.seen |= 1 << which.parse::<u8>().expect("a number");
            }
        }
        self.open_again();
    }

    fn far(&self) -> UnixMillis {
        UnixMillis(self.run.now.0 + 10 * TEN_MINUTES)
    }

    fn log(&self) -> &DiskLog {
        self.log.as_ref().expect("open")
    }

    /// Without power at first; fuses are out from here on.
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
        self.run.model.end_leases();
        assert_eq!(found(self.log()).await, counts(&self.run.model));
    }
}

/// Events and dead letters that are there.
async fn found(log: &DiskLog) -> (u64, u64) {
    let backlog = log.backlog("shop").await.expect("a backlog");
    let counts = log.dead_letters().counts().expect("counts");
    (
        backlog.events,
        counts.values().flat_map(BTreeMap::values).sum(),
    )
}

fn counts(model: &Model) -> (u64, u64) {
    (model.unsettled().len() as u64, model.dead.len() as u64)
}
