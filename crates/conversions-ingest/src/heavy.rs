//! Work that takes so long that others on the same thread would notice.

use tokio::runtime::{Handle, RuntimeFlavor};

/// A larger body can hold so much that its work is felt: what the messages of a batch share is done once for each.
const LARGE: usize = 16 * 1024;

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
