//! How many bytes of bodies are held at a time, over all requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes that are held, and how many may be.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    held: AtomicUsize,
}

/// One request's share. Gives it back when dropped.
#[derive(Debug)]
pub(crate) struct Share {
    budget: Arc<Budget>,
    bytes: usize,
    most: usize,
}

impl Budget {
    /// A share of nothing, that may grow until all shares together are `most` bytes.
    pub(crate) fn share(self: &Arc<Self>, most: usize) -> Share {
        Share {
            budget: Arc::clone(self),
            bytes: 0,
            most,
        }
    }
}

impl Share {
    /// Takes more; says whether there was as much.
    #[must_use]
    pub(crate) fn grow(&mut self, bytes: usize) -> bool {
        let before = self.budget.held.fetch_add(bytes, Ordering::Relaxed);
        let fits = before.saturating_add(bytes) <= self.most;
        if fits {
            self.bytes += bytes;
        } else {
            self.budget.held.fetch_sub(bytes, Ordering::Relaxed);
        }
        fits
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::Ordering;

    use super::Budget;

    #[test]
    fn all_shares_together_stay_within_the_budget() {
        let budget = Arc::new(Budget::default());
        let (mut one, mut other) = (budget.share(10), budget.share(10));
        assert!(one.grow(6) && !other.grow(5) && other.grow(4) && !one.grow(1));
        drop(one);
        assert!(other.grow(6));
        drop(other);
        assert_eq!(budget.held.load(Ordering::Relaxed), 0);
    }
}
