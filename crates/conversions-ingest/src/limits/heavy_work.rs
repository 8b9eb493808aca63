//! Runs CPU-heavy work without blocking the async worker threads.

use std::num::NonZero;
use std::thread::available_parallelism;

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Work on more bytes than this is heavy. Less takes a few milliseconds: that blocks a worker thread for a shorter time
/// than `block_in_place` takes to start another one, whose memory stays allocated afterwards.
const HEAVY_BYTES: usize = 256 * 1024;

/// Permits for heavy work, one for each core: more at a time would finish no sooner, and hold more memory meanwhile.
#[derive(Debug)]
pub(crate) struct HeavyWorkLimit(Semaphore);

impl Default for HeavyWorkLimit {
    fn default() -> Self {
        Self(Semaphore::new(
            available_parallelism().map_or(1, NonZero::get),
        ))
    }
}

impl HeavyWorkLimit {
    /// Waits for a permit to work on this many bytes. Light work needs none.
    pub(crate) async fn acquire(&self, bytes: usize) -> Option<SemaphorePermit<'_>> {
        if bytes > HEAVY_BYTES {
            self.0.acquire().await.ok()
        } else {
            None
        }
    }
}

/// Runs work on this many bytes. If it is heavy and the runtime has several threads, the other tasks of this thread
/// move to another one.
pub(crate) fn run_blocking<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    let flavor = Handle::try_current().map(|handle| handle.runtime_flavor());
    if bytes > HEAVY_BYTES && flavor.is_ok_and(|flavor| flavor == RuntimeFlavor::MultiThread) {
        tokio::task::block_in_place(work)
    } else {
        work()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn heavy_work_needs_a_permit_and_light_work_does_not() {
        let limit = HeavyWorkLimit(Semaphore::new(1));
        let permit = limit.acquire(HEAVY_BYTES + 1).await;
        assert!(permit.is_some() && limit.acquire(HEAVY_BYTES).await.is_none());
        assert!(limit.0.try_acquire().is_err());
        drop(permit);
        assert!(limit.acquire(HEAVY_BYTES + 1).await.is_some());
    }

    #[test]
    fn heavy_work_runs_on_one_thread_on_several_and_without_a_runtime() {
        assert_eq!(run_blocking(HEAVY_BYTES + 1, || 1), 1);
        let one = tokio::runtime::Builder::new_current_thread().build();
        assert_eq!(
            one.expect("a runtime")
                .block_on(async { run_blocking(HEAVY_BYTES + 1, || 2) }),
            2
        );
        let several = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .build();
        let several = several.expect("a runtime");
        let worked = several
            .block_on(async { tokio::spawn(async { run_blocking(HEAVY_BYTES + 1, || 3) }).await });
        assert_eq!(worked.expect("done"), 3);
    }
}
