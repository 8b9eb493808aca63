//! Group commit: all changes that wait when a commit begins go into it, and their callers hear back when it is durable.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::change::Change;
use crate::commit::commit;
use crate::reclaim::Reclaim;
use crate::shared::Shared;

/// A commit takes at most this many changes, so that the first callers do not wait for an endless stream of others.
const CHANGES_PER_COMMIT: usize = 1024;
/// A commit takes no more changes once it has this many bytes: it is in memory twice, as changes and as the frame or
/// rows.
const BYTES_PER_COMMIT: usize = 2_000_000;
/// Callers of one commit come back with their next change. The next commit waits this long for half of them, since a
/// commit of many costs one sync like a commit of one; it is a fraction of what a sync takes.
const GROUP_COMMIT_WINDOW: Duration = Duration::from_micros(300);
/// The thread stays this long without work. Another thread would start with cold caches and an allocator arena of its
/// own.
const IDLE_WAIT: Duration = Duration::from_millis(3);

/// The changes that wait for a commit, and whether a thread is committing.
pub(crate) struct CommitQueue {
    shared: Arc<Shared>,
    reclaim: Arc<Reclaim>,
    queue: Mutex<Queue>,
    idle: Condvar,
    arrived: Condvar,
}

#[derive(Default)]
struct Queue {
    changes: VecDeque<Box<dyn Change>>,
    is_running: bool,
    /// The thread sleeps until this many changes are there.
    awaited: usize,
}

impl CommitQueue {
    pub(crate) fn new(shared: Arc<Shared>, reclaim: Arc<Reclaim>) -> Arc<Self> {
        Arc::new(Self {
            shared,
            reclaim,
            queue: Mutex::default(),
            idle: Condvar::new(),
            arrived: Condvar::new(),
        })
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Queues a change. It is made even if the caller stops waiting for it.
    pub(crate) fn submit(self: &Arc<Self>, change: Box<dyn Change>) {
        let mut queue = self.queue();
        queue.changes.push_back(change);
        let starts = !std::mem::replace(&mut queue.is_running, true);
        let is_awaited = queue.changes.len() == queue.awaited;
        drop(queue);
        if is_awaited {
            self.arrived.notify_one();
        }
        if starts {
            let commit_loop = CommitLoop {
                queue: Arc::clone(self),
                is_over: false,
            };
            tokio::task::spawn_blocking(move || commit_loop.run());
        }
    }

    /// Waits until nothing is left to be written.
    pub(crate) fn wait_until_idle(&self) {
        let busy = self.idle.wait_while(self.queue(), |queue| queue.is_running);
        drop(busy);
    }

    /// The changes of the next commit; `None` ends the loop.
    fn next_commit(&self) -> Option<Vec<Box<dyn Change>>> {
        let mut queue = self.queue();
        let mut bytes = 0;
        let mut changes = Vec::new();
        while bytes < BYTES_PER_COMMIT && changes.len() < CHANGES_PER_COMMIT {
            let Some(change) = queue.changes.pop_front() else {
                break;
            };
            bytes += change.appended_bytes();
            changes.push(change);
        }
        // Under the same lock as the last look: a change that comes now starts another loop.
        queue.is_running = !changes.is_empty();
        if changes.is_empty() {
            self.idle.notify_all();
        }
        (!changes.is_empty()).then_some(changes)
    }

    /// Waits a moment for `expected` changes, then a little longer for any.
    fn wait_for_more(&self, expected: usize) {
        let mut queue = self.queue();
        for (awaited, patience) in [(expected, GROUP_COMMIT_WINDOW), (1, IDLE_WAIT)] {
            queue.awaited = awaited;
            let few = |queue: &mut Queue| queue.changes.len() < awaited;
            let waited = self.arrived.wait_timeout_while(queue, patience, few);
            (queue, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
        queue.awaited = usize::MAX;
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Commits on a blocking thread until nothing is left.
struct CommitLoop {
    queue: Arc<CommitQueue>,
    is_over: bool,
}

impl CommitLoop {
    fn run(mut self) {
        while let Some(changes) = self.queue.next_commit() {
            let committed = changes.len();
            commit(&self.queue.shared, changes);
            self.queue.reclaim.run_if_worthwhile(&self.queue.shared);
            self.queue.wait_for_more(committed / 2);
        }
        self.is_over = true;
    }
}

/// The loop never ran because the runtime ended, or it panicked. The queue is dropped: the closed reply channels tell
/// the callers.
impl Drop for CommitLoop {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        if std::thread::panicking() {
            // Memory and disk may differ by now. Only opening the log again finds out what is on the disk.
            self.queue.shared.store.close();
        }
        let mut queue = self.queue.queue();
        queue.is_running = false;
        let left = std::mem::take(&mut queue.changes);
        drop(queue);
        self.queue.idle.notify_all();
        drop(left);
    }
}
