//! Work that takes so long that others on the same thread would notice.

use std::num::NonZero;
use std::thread::available_parallelism;

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Work on a body of this size takes some milliseconds, which the others of its thread, whom the other threads help out,
/// can wait for; handing them over costs more, and each thread that does such work has memory of its own.
const LARGE: usize = 256 * 1024;

/// Turns at large work, one for each core: more at a time would take as long, and hold more memory meanwhile.
#[derive(Debug)]
pub(crate) struct Turns(Semaphore);

impl Default for Turns {
    fn default() -> Self {
        Self(Semaphore::new(
            available_parallelism().map_or(1, NonZero::get),
        ))
    }
}

impl Turns {
    /// Waits for a turn at work on so many bytes, which lasts until it is dropped. Small work needs none.
    pub(crate) async fn wait(&self, bytes: usize) -> Option<SemaphorePermit<'_>> {
        if bytes > LARGE {
            self.0.acquire().await.ok()
        } else {
            None
        }
    }
}

/// Works on so many bytes. Where there are several threads, large work keeps nobody waiting: the other requests of its
/// thread move to another one.
pub(crate) fn aside<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    let flavor = Handle::try_current().map(|handle| handle.runtime_flavor());
    if bytes > LARGE && flavor.is_ok_and(|flavor| flavor == RuntimeFlavor::MultiThread) {
        tokio::task::block_in_place(work)
    } else {
        work()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn large_work_takes_turns_and_small_work_does_not_wait() {
        let turns = Turns(Semaphore::new(1));
        let turn = turns.wait(LARGE + 1).await;
        assert!(turn.is_some() && turns.wait(LARGE).await.is_none());
        assert!(turns.0.try_acquire().is_err());
        drop(turn);
        assert!(turns.wait(LARGE + 1).await.is_some());
    }

    #[test]
    fn large_work_is_done_with_one_thread_with_several_and_without_a_runtime() {
        assert_eq!(aside(LARGE + 1, || 1), 1);
        let one = tokio::runtime::Builder::new_current_thread().build();
        assert_eq!(
            one.expect("a runtime")
                .block_on(async { aside(LARGE + 1, || 2) }),
            2
        );
        let several = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .build();
        let several = several.expect("a runtime");
        let worked =
            several.block_on(async { tokio::spawn(async { aside(LARGE + 1, || 3) }).await });
        assert_eq!(worked.expect("done"), 3);
    }
}
