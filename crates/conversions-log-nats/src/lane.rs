//! A destination as this node delivers it: its hand, and who waits for what.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use conversions_delivery::Backlog;
use tokio::sync::Notify;

use crate::hand::Hand;
use crate::names::DestinationNames;

#[derive(Debug)]
pub(crate) struct Lane {
    pub(crate) destination: Arc<str>,
    pub(crate) names: DestinationNames,
    hand: Mutex<Hand>,
    /// Notified when messages have arrived.
    pub(crate) arrived: Notify,
    /// Notified when there is room in hand.
    pub(crate) room: Notify,
    /// Notified when the broker is to be asked at once who leads.
    pub(crate) look: Notify,
    /// Whether there are tasks that pull.
    pub(crate) is_pulled: AtomicBool,
    /// The size of the backlog, and when it was read.
    backlog: Mutex<Option<(Instant, Backlog)>>,
}

impl Lane {
    pub(crate) fn new(destination: &str, names: DestinationNames) -> Self {
        Self {
            destination: destination.into(),
            names,
            hand: Mutex::default(),
            arrived: Notify::new(),
            room: Notify::new(),
            look: Notify::new(),
            is_pulled: AtomicBool::new(false),
            backlog: Mutex::default(),
        }
    }

    pub(crate) fn hand(&self) -> MutexGuard<'_, Hand> {
        self.hand.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The backlog as it was read last.
    pub(crate) fn known_backlog(&self) -> Option<(Instant, Backlog)> {
        *self.backlog.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn remember_backlog(&self, backlog: Backlog, read_at: Instant) {
        let mut known = self.backlog.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some((read_at, backlog));
    }
}
