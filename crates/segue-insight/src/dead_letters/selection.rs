//! Which dead letters an operation is about.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use conversions_delivery::{
    DeadLetter, DeadLetterReason, DeadLetterStore, EventKey, Filter, UnixMillis,
};

use super::DeadLettersError;

/// Which dead letters: those that meet every condition that is set. The default selects all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only these ids; empty for all. An id that does not exist is an error.
    pub ids: Vec<u64>,
    /// Only those given up for this reason.
    pub reason: Option<DeadLetterReason>,
    /// Only those given up at this time or later.
    pub since: Option<UnixMillis>,
    /// Only those given up before this time.
    pub until: Option<UnixMillis>,
    /// Only those of this destination.
    pub destination: Option<String>,
    /// Only those of these destinations.
    pub destinations: Option<BTreeSet<String>>,
}

impl Selection {
    /// Whether any condition is set.
    #[must_use]
    pub fn is_restricted(&self) -> bool {
        *self != Self::default()
    }

    /// Visits the selected ones, oldest first, until the visitor breaks off.
    ///
    /// # Errors
    ///
    /// An id that does not exist, before anything is visited; or the log cannot be read.
    pub fn visit(
        &self,
        letters: &dyn DeadLetterStore,
        mut visitor: impl FnMut(DeadLetter) -> ControlFlow<()>,
    ) -> Result<(), DeadLettersError> {
        for id in &self.ids {
            find(letters, *id)?;
        }
        letters.visit(&self.filter(), &mut |letter| {
            let is_selected = self
                .destinations
                .as_ref()
                .is_none_or(|names| names.contains(&*letter.destination));
            if is_selected {
                visitor(letter)
            } else {
                ControlFlow::Continue(())
            }
        })?;
        Ok(())
    }

    fn filter(&self) -> Filter {
        let mut filter = Filter::all();
        if !self.ids.is_empty() {
            filter = filter.ids(self.ids.iter().copied().map(EventKey));
        }
        if let Some(reason) = self.reason {
            filter = filter.reason(reason);
        }
        if let Some(since) = self.since {
            filter = filter.since(since);
        }
        if let Some(until) = self.until {
            filter = filter.until(until);
        }
        if let Some(name) = &self.destination {
            filter = filter.destination(name);
        }
        filter
    }
}

/// The dead letter of an id.
///
/// # Errors
///
/// When it does not exist, or the log cannot be read.
pub fn find(letters: &dyn DeadLetterStore, id: u64) -> Result<DeadLetter, DeadLettersError> {
    let mut found = letters.get(EventKey(id))?;
    if found.is_none() {
        // `get` reads intact records only. A damaged one has an id too.
        letters.visit(&Filter::all().ids([EventKey(id)]), &mut |letter| {
            found = Some(letter);
            ControlFlow::Break(())
        })?;
    }
    found.ok_or(DeadLettersError::NotFound(id))
}
