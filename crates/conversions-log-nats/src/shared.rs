//! What the parts of a log have in common.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::jetstream::Context;
use conversions_delivery::{StatusTracker, UnixMillis};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::groups::Groups;
use crate::lane::Lane;
use crate::names::DestinationNames;
use crate::options::NatsLogOptions;
use crate::window::Window;

/// How long the end of pulling may take.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

pub(crate) struct Shared {
    pub(crate) context: Context,
    pub(crate) options: NatsLogOptions,
    pub(crate) window: Window,
    pub(crate) groups: Groups,
    /// Where the tasks of the log run.
    pub(crate) runtime: Handle,
    pub(crate) tracker: Mutex<StatusTracker>,
    lanes: Mutex<BTreeMap<Arc<str>, Arc<Lane>>>,
    /// Whether nothing is pulled any more.
    closing: watch::Sender<bool>,
    /// What pulls, and what is done meanwhile.
    tasks: Mutex<JoinSet<()>>,
    /// The latest time that a caller has passed.
    last_now: AtomicI64,
}

impl Shared {
    pub(crate) fn new(context: Context, options: NatsLogOptions, runtime: Handle) -> Self {
        Self {
            context,
            window: Window::new(options.dedup),
            groups: Groups::default(),
            options,
            runtime,
            tracker: Mutex::default(),
            lanes: Mutex::default(),
            closing: watch::Sender::new(false),
            tasks: Mutex::default(),
            last_now: AtomicI64::new(0),
        }
    }

    pub(crate) fn names_of(&self, destination: &str) -> DestinationNames {
        self.options.namespace.destination(destination)
    }

    /// The lane of a destination.
    pub(crate) fn lane(&self, destination: &str) -> Arc<Lane> {
        let mut lanes = self.lanes_lock();
        if let Some(lane) = lanes.get(destination) {
            return Arc::clone(lane);
        }
        let lane = Arc::new(Lane::new(destination, self.names_of(destination)));
        lanes.insert(destination.into(), Arc::clone(&lane));
        lane
    }

    /// All lanes that there are.
    pub(crate) fn lanes(&self) -> Vec<Arc<Lane>> {
        self.lanes_lock().values().cloned().collect()
    }

    /// Bytes of events in hand, of all destinations.
    pub(crate) fn bytes_in_hand(&self) -> usize {
        self.lanes().iter().map(|lane| lane.hand().bytes()).sum()
    }

    /// Runs a task on the runtime of the log.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn_on(task, &self.runtime);
    }

    pub(crate) fn is_closing(&self) -> bool {
        *self.closing.borrow()
    }

    /// Becomes true when nothing is to be pulled any more.
    pub(crate) fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }

    /// Stops pulling, and waits until what was pulled is in hand or given back.
    pub(crate) async fn close(&self) {
        self.closing.send_replace(true);
        let mut tasks =
            std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        let all_ended = async { while tasks.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(CLOSE_WITHIN, all_ended).await;
        tasks.detach_all();
    }

    pub(crate) fn observe_now(&self, now: UnixMillis) {
        self.last_now.store(now.0, Ordering::Relaxed);
    }

    pub(crate) fn last_now(&self) -> UnixMillis {
        UnixMillis(self.last_now.load(Ordering::Relaxed))
    }

    fn lanes_lock(&self) -> MutexGuard<'_, BTreeMap<Arc<str>, Arc<Lane>>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tasks that pull end by themselves: they give back what comes.
impl Drop for Shared {
    fn drop(&mut self) {
        self.closing.send_replace(true);
        let tasks = self.tasks.get_mut().unwrap_or_else(PoisonError::into_inner);
        tasks.detach_all();
    }
}
