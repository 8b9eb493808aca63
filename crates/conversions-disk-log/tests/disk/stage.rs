//! What the tests have in common.

use std::sync::Arc;
use std::time::Duration;

use conversions_delivery::{
    DeadLetter, DeadLetterReason, EventKey, EventLog, Lease, LeasedEvent, UnixMillis, Wanted,
};
use conversions_disk_log::{DiskLog, DiskLogOptions, OpenError};
use conversions_transport::NewEvent;

use crate::disk::{Disk, Fault, Folder, FolderSocket, Powered, Socket};

/// The first second of 2026.
pub(crate) const NOW: UnixMillis = UnixMillis(1_767_225_600_000);

pub(crate) fn event(id: impl AsRef<str>) -> NewEvent {
    let id = id.as_ref();
    let json = format!(r#"{{"event_name":"Purchase","event_id":"{id}"}}"#);
    NewEvent::new("shop", json, NOW.seconds())
}

pub(crate) fn events(count: usize) -> Vec<NewEvent> {
    (0..count)
        .map(|number| event(format!("e{number}")))
        .collect()
}

pub(crate) fn options() -> DiskLogOptions {
    DiskLogOptions {
        reopen_after: Duration::ZERO,
        ..DiskLogOptions::default()
    }
}

/// The disks of a log: every file has one of its own.
pub(crate) struct Disks {
    pub(crate) events: Arc<Disk>,
    pub(crate) journal: Arc<Folder>,
    pub(crate) letters: Arc<Disk>,
}

impl Disks {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            events: Disk::new(seed),
            letters: Disk::new(seed + 1),
            journal: Folder::new(seed + 2),
        }
    }

    pub(crate) fn all(&self) -> [&dyn Powered; 3] {
        [&*self.events, &*self.journal, &*self.letters]
    }

    pub(crate) fn lose_power(&self) {
        for disk in self.all() {
            disk.lose_power();
        }
    }

    pub(crate) fn set_fault(&self, fault: Option<Fault>) {
        self.events.set_fault(fault);
        self.journal.set_fault(fault);
    }

    /// How often each lost its power.
    pub(crate) fn losses(&self) -> [u32; 3] {
        self.all().map(Powered::losses)
    }

    pub(crate) fn open(&self) -> DiskLog {
        self.try_open().expect("a log")
    }

    pub(crate) fn try_open(&self) -> Result<DiskLog, OpenError> {
        let on = |disk: &Arc<Disk>| Arc::new(Socket(Arc::clone(disk)));
        let [events, letters] = [&self.events, &self.letters].map(on);
        let journal = Arc::new(FolderSocket(Arc::clone(&self.journal)));
        DiskLog::open_on(events, journal, letters, options())
    }
}

pub(crate) async fn lease(log: &DiskLog, count: usize) -> Lease {
    lease_at(log, count, NOW).await
}

pub(crate) async fn lease_at(log: &DiskLog, count: usize, now: UnixMillis) -> Lease {
    let wanted = Wanted {
        destination: "shop",
        events: count,
        bytes: 1_000_000,
    };
    log.lease(wanted, now).await.expect("a lease")
}

pub(crate) fn keys(lease: &Lease) -> Vec<EventKey> {
    lease.events().map(|event| event.key).collect()
}

/// The `event_id`s of everything that can be leased.
pub(crate) async fn drain(log: &DiskLog) -> Vec<String> {
    let mut ids = Vec::new();
    loop {
        let lease = lease(log, 100).await;
        if lease.is_empty() {
            return ids;
        }
        ids.extend(lease.events().map(|event| id(&event)));
    }
}

pub(crate) fn id(event: &LeasedEvent) -> String {
    let event: serde_json::Value = serde_json::from_slice(&event.event).expect("JSON");
    event["event_id"].as_str().expect("an id").to_owned()
}

pub(crate) fn refused(event: LeasedEvent) -> DeadLetter {
    DeadLetter::new("shop".into(), event, DeadLetterReason::Refused, NOW)
}
