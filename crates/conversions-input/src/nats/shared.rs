//! What the tasks of a member share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_nats::connection::State;
use async_nats::jetstream::Context;
use tokio::sync::Notify;

use crate::error::InputError;
use crate::nats::held::Held;
use crate::position::Partition;

pub(crate) struct Shared {
    pub(crate) context: Context,
    /// The stream.
    pub(crate) partition: Partition,
    held: Mutex<Held>,
    /// There is something to hand out.
    pub(crate) arrived: Notify,
    /// There may be room to pull.
    pub(crate) room: Notify,
    /// No more is pulled.
    is_leaving: AtomicBool,
    has_left: AtomicBool,
}

impl Shared {
    pub(crate) fn new(context: Context, partition: Partition, held: Held) -> Self {
        Self {
            context,
            partition,
            held: Mutex::new(held),
            arrived: Notify::new(),
            room: Notify::new(),
            is_leaving: AtomicBool::new(false),
            has_left: AtomicBool::new(false),
        }
    }

    pub(crate) fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.context.client().connection_state() == State::Connected
    }

    pub(crate) fn is_leaving(&self) -> bool {
        self.is_leaving.load(Ordering::Acquire)
    }

    /// # Errors
    ///
    /// The input has been left.
    pub(crate) fn check(&self) -> Result<(), InputError> {
        if self.has_left.load(Ordering::Acquire) {
            return Err(InputError::Left);
        }
        Ok(())
    }

    pub(crate) fn end_leaving(&self) {
        self.has_left.store(true, Ordering::Release);
        self.arrived.notify_waiters();
    }

    pub(crate) fn begin_leaving(&self) {
        self.is_leaving.store(true, Ordering::Release);
        self.room.notify_one();
    }
}
