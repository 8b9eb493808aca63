//! Group commit: whatever is waiting when a commit begins goes into it, and its callers are answered when it is durable.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use conversions_delivery::LogError;
use redb::WriteTransaction;

use crate::shared::Inner;
use crate::write_batch::Draft;

/// A commit takes at most so many changes.
const CHANGES_PER_COMMIT: usize = 1024;
/// Callers that were answered by one commit come back for the next: that one waits this long for half of them.
const GATHERING: Duration = Duration::from_micros(300);
/// So long a thread waits for more work.
const STAYING: Duration = Duration::from_millis(3);
/// And is closed when it has so many bytes.
const BYTES_PER_COMMIT: usize = 2_000_000;

/// Something to be written.
pub(crate) trait Change: Send {
    /// Whether the journal can take it.
    fn is_quick(&self, inner: &Inner) -> bool {
        let _ = inner;
        false
    }

    /// Gets ready what the journal is to take.
    fn stage(&mut self, draft: &mut Draft<'_>) {
        let _ = draft;
    }

    /// Whether what is in the journal only has to be in the tables for it.
    fn wants_absorbed(&self, inner: &Inner) -> bool {
        let _ = inner;
        false
    }

    /// Writes it into the tables.
    fn apply(
        &mut self,
        transaction: &WriteTransaction,
        draft: &mut Draft<'_>,
    ) -> Result<(), redb::Error>;

    /// It is durable: brings memory up to date.
    fn committed(&mut self, inner: &Inner) {
        let _ = inner;
    }

    /// It is durable: answers the caller.
    fn answer(self: Box<Self>);

    /// It is not there: answers the caller.
    fn failed(self: Box<Self>, error: LogError);

    /// About how many bytes of events it appends.
    fn size(&self) -> usize {
        0
    }
}

/// The changes that wait for a commit.
#[derive(Default)]
pub(crate) struct Writer {
    queue: Mutex<Queue>,
    idle: Condvar,
    arrived: Condvar,
}

#[derive(Default)]
struct Queue {
    changes: std::collections::VecDeque<Box<dyn Change>>,
    is_running: bool,
    /// So many changes are waited for.
    awaited: usize,
}

impl Writer {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The changes of the next commit; `None` when there are none, and then nobody is committing any more.
    fn next_commit(&self) -> Option<Vec<Box<dyn Change>>> {
        let mut queue = self.queue();
        let mut bytes = 0;
        let mut changes = Vec::new();
        while bytes < BYTES_PER_COMMIT && changes.len() < CHANGES_PER_COMMIT {
            let Some(change) = queue.changes.pop_front() else {
                break;
            };
            bytes += change.size();
            changes.push(change);
        }
        queue.is_running = !changes.is_empty();
        if changes.is_empty() {
            self.idle.notify_all();
        }
        (!changes.is_empty()).then_some(changes)
    }
}

impl Writer {
    /// Waits a moment for so many changes: commits of many cost little more than commits of one. Then a little longer for any:
    /// a thread that stays does not leave its memory to another one.
    fn gather(&self, expected: usize) {
        let mut queue = self.queue();
        for (awaited, patience) in [(expected, GATHERING), (1, STAYING)] {
            queue.awaited = awaited;
            let few = |queue: &mut Queue| queue.changes.len() < awaited;
            let gathered = self.arrived.wait_timeout_while(queue, patience, few);
            (queue, _) = gathered.unwrap_or_else(PoisonError::into_inner);
        }
        queue.awaited = usize::MAX;
    }

    /// Waits until nothing is left to be written.
    pub(crate) fn until_idle(&self) {
        let busy = self.idle.wait_while(self.queue(), |queue| queue.is_running);
        drop(busy);
    }
}

/// Commits until nothing is left.
struct Shift {
    inner: Arc<Inner>,
    is_over: bool,
}

impl Shift {
    fn work(mut self) {
        while let Some(changes) = self.inner.writer.next_commit() {
            let answered = changes.len();
            self.inner.commit(changes);
            self.inner.reclaim_if_worthwhile();
            self.inner.writer.gather(answered / 2);
        }
        self.is_over = true;
    }
}

/// A shift that never began, because the runtime ends, or that broke down, leaves changes which nobody will make: their callers
/// are told by the loss of their answers.
impl Drop for Shift {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        if std::thread::panicking() {
            self.inner.store.close();
        }
        let mut queue = self.inner.writer.queue();
        queue.is_running = false;
        let left = std::mem::take(&mut queue.changes);
        drop(queue);
        self.inner.writer.idle.notify_all();
        drop(left);
    }
}

impl Inner {
    /// Hands in a change. It is made even if the caller stops waiting for it.
    pub(crate) fn submit(self: &Arc<Self>, change: Box<dyn Change>) {
        let mut queue = self.writer.queue();
        queue.changes.push_back(change);
        let starts = !std::mem::replace(&mut queue.is_running, true);
        let is_awaited = queue.changes.len() == queue.awaited;
        drop(queue);
        if is_awaited {
            self.writer.arrived.notify_one();
        }
        if starts {
            let shift = Shift {
                inner: Arc::clone(self),
                is_over: false,
            };
            tokio::task::spawn_blocking(move || shift.work());
        }
    }
}
