//! What operators do with dead letters: list, count, purge and replay them.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crate::dead_letter::{DeadLetter, DeadLetterReason};
use crate::event::EventKey;
use crate::log::LogError;
use crate::time::UnixMillis;

mod filter;
pub use filter::Filter;

/// How many dead letters there are, by destination and reason.
pub type DeadLetterCounts = BTreeMap<String, BTreeMap<DeadLetterReason, u64>>;

/// The dead letters of a log, seen by an operator while an engine may be running. All methods block on the storage.
///
/// A replay is a request: the engine that has the log open makes an event of the letter within seconds, or the next
/// engine does when it starts.
pub trait DeadLetterStore: Send + Sync {
    /// Visits the letters that pass the filter, oldest first, until the visitor breaks off. Returns how many it
    /// visited.
    ///
    /// # Errors
    ///
    /// [`LogError`] when the storage cannot be read.
    fn visit(
        &self,
        filter: &Filter,
        visitor: &mut dyn FnMut(DeadLetter) -> ControlFlow<()>,
    ) -> Result<u64, LogError>;

    /// One letter.
    ///
    /// # Errors
    ///
    /// [`LogError`] when the storage cannot be read.
    fn get(&self, id: EventKey) -> Result<Option<DeadLetter>, LogError>;

    /// How many letters there are, by destination and reason.
    ///
    /// # Errors
    ///
    /// [`LogError`] when the storage cannot be read.
    fn counts(&self) -> Result<DeadLetterCounts, LogError>;

    /// Removes letters for good. Ids that no letter has are ignored.
    ///
    /// # Errors
    ///
    /// [`LogError`] when the storage cannot be written.
    fn remove(&self, ids: &[EventKey]) -> Result<(), LogError>;

    /// Requests that letters are sent again.
    ///
    /// # Errors
    ///
    /// [`LogError`] when the storage cannot be written.
    fn request_replay(&self, ids: &[EventKey], now: UnixMillis) -> Result<(), LogError>;

    /// How many letters wait for the engine to send them again.
    ///
    /// # Errors
    ///
    /// [`LogError`] when the storage cannot be read.
    fn awaiting_replay(&self) -> Result<u64, LogError>;

    /// Removes the letters that pass the filter, for good; with `dry_run` only counts them.
    ///
    /// # Errors
    ///
    /// [`LogError`] when the storage cannot be read or written.
    fn purge(&self, filter: &Filter, dry_run: bool) -> Result<u64, LogError> {
        let mut ids = Vec::new();
        let found = self.visit(filter, &mut |letter| {
            ids.push(letter.id);
            ControlFlow::Continue(())
        })?;
        if !dry_run {
            self.remove(&ids)?;
        }
        Ok(found)
    }

    /// Requests that the letters that pass the filter are sent again; with `dry_run` only says which would be.
    ///
    /// Each letter is checked again. One that is too old by now or damaged is refused, and so is one for which
    /// `validate` returns the name of a reason. Letters stay until the engine has them in its log again.
    ///
    /// # Errors
    ///
    /// [`LogError`] when the storage cannot be read or written.
    fn replay(
        &self,
        filter: &Filter,
        now: UnixMillis,
        dry_run: bool,
        validate: &mut dyn FnMut(&DeadLetter) -> Result<(), String>,
    ) -> Result<Replay, LogError> {
        let mut replay = Replay::default();
        self.visit(filter, &mut |letter| {
            match check(&letter, now).and_then(|()| validate(&letter)) {
                Ok(()) => replay.requested.push(letter.id),
                Err(reason) => replay.refused.push(RefusedReplay {
                    id: letter.id,
                    reason,
                }),
            }
            ControlFlow::Continue(())
        })?;
        if !dry_run && !replay.requested.is_empty() {
            self.request_replay(&replay.requested, now)?;
        }
        Ok(replay)
    }
}

/// What became of a request to replay dead letters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replay {
    /// Letters that will be sent again.
    pub requested: Vec<EventKey>,
    /// Letters that will not be sent again, because Meta would refuse them again.
    pub refused: Vec<RefusedReplay>,
}

/// A letter that is not sent again, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedReplay {
    /// The letter.
    pub id: EventKey,
    /// The name of the reason.
    pub reason: String,
}

/// What can be checked without looking into the event.
fn check(letter: &DeadLetter, now: UnixMillis) -> Result<(), String> {
    let age = now.since(UnixMillis::from_seconds(letter.event_time));
    let refused = if letter.reason == DeadLetterReason::Damaged {
        Some(DeadLetterReason::Damaged)
    } else if age > letter.max_age {
        Some(DeadLetterReason::EventTimeTooOld)
    } else {
        None
    };
    refused.map_or(Ok(()), |reason| Err(reason.name().to_owned()))
}
