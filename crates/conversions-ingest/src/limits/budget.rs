//! A budget that all requests share: bytes that they hold, or requests under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How much all shares hold together.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    held: AtomicUsize,
}

/// The share of one request. Gives everything back when dropped.
#[derive(Debug)]
pub(crate) struct Share {
    budget: Arc<Budget>,
    held: usize,
    limit: usize,
}

impl Budget {
    /// An empty share, which may grow until all shares together hold `limit`.
    pub(crate) fn share(self: &Arc<Self>, limit: usize) -> Share {
        Share {
            budget: Arc::clone(self),
            held: 0,
            limit,
        }
    }
}

impl Share {
    /// Takes more, if the budget has as much; otherwise nothing.
    #[must_use]
    pub(crate) fn grow(&mut self, by: usize) -> bool {
        let before = self.budget.held.fetch_add(by, Ordering::Relaxed);
        let fits = before.saturating_add(by) <= self.limit;
        if fits {
            self.held += by;
        } else {
            self.budget.held.fetch_sub(by, Ordering::Relaxed);
        }
        fits
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.held.fetch_sub(self.held, Ordering::Relaxed);
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
