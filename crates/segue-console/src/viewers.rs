//! How many pages are told of changes, and how often.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Viewers at a time; the pages of further ones stay as they are until they are loaded again.
const MOST_VIEWERS: usize = 512;
/// Viewers are told at most this often.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
/// Each viewer makes the pauses longer by this: together they load a hundred pages a second at most.
const PAUSE_PER_VIEWER: Duration = Duration::from_millis(10);
/// How many streams are open.
#[derive(Clone, Default)]
pub(crate) struct Viewers(Arc<AtomicUsize>);

impl Viewers {
    pub(crate) fn enter(&self) -> Option<Viewer> {
        let before = self.0.fetch_add(1, Ordering::Relaxed);
        let viewer = Viewer(self.clone());
        (before < MOST_VIEWERS).then_some(viewer)
    }

    fn pause(&self) -> Duration {
        let viewers = u32::try_from(self.0.load(Ordering::Relaxed)).unwrap_or(u32::MAX);
        PAUSE_PER_VIEWER.saturating_mul(viewers).max(SHORTEST_PAUSE)
    }
}

/// One open stream; leaves when dropped.
pub(crate) struct Viewer(Viewers);

impl Viewer {
    /// How long to wait before the next change is told.
    pub(crate) fn pause(&self) -> Duration {
        self.0.pause()
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn viewers_are_limited_and_share_a_rate() {
        let viewers = Viewers::default();
        let inside: Vec<_> = (0..MOST_VIEWERS)
            .map(|_| viewers.enter().unwrap())
            .collect();
        assert!(viewers.enter().is_none());
        assert_eq!(viewers.pause(), PAUSE_PER_VIEWER * 512);
        drop(inside);
        assert_eq!(viewers.pause(), SHORTEST_PAUSE);
        assert!(viewers.enter().is_some());
    }
}
