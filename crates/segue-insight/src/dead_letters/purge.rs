//! Removes dead letters for good.

use std::ops::ControlFlow;

use conversions_delivery::{DeadLetterStore, EventKey, Filter};

use super::{DeadLettersError, ReasonCounts, Selection};

/// The dead letters that a purge will remove. Made first, so that a person can agree to exactly these.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PurgePlan {
    ids: Vec<EventKey>,
    /// How many there are of each reason.
    pub counts: ReasonCounts,
}

impl PurgePlan {
    /// Collects the selected dead letters.
    ///
    /// # Errors
    ///
    /// An id that does not exist, or the log cannot be read.
    pub fn make(
        letters: &dyn DeadLetterStore,
        selection: &Selection,
    ) -> Result<Self, DeadLettersError> {
        let mut plan = Self::default();
        selection.visit(letters, |letter| {
            plan.ids.push(letter.id);
            plan.counts.count(letter.reason);
            ControlFlow::Continue(())
        })?;
        Ok(plan)
    }

    /// Whether nothing is selected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Removes them, and none that was given up since. Returns how many; with `dry_run` how many it would remove.
    ///
    /// # Errors
    ///
    /// When the log cannot be read or written.
    pub fn run(
        self,
        letters: &dyn DeadLetterStore,
        dry_run: bool,
    ) -> Result<u64, DeadLettersError> {
        Ok(letters.purge(&Filter::all().ids(self.ids), dry_run)?)
    }
}
