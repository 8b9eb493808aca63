//! Asking for dead letters to be sent again.

use std::ops::ControlFlow;

use redb::ReadableTable;

use super::tables::{self, LETTERS, REPLAYS};
use super::{DeadLetters, Filter, letter};
use crate::dead_letter::{DeadLetter, DeadLetterReason};
use crate::log::{EventKey, LogError};
use crate::store::End;
use crate::time::UnixMillis;

/// What became of a replay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replay {
    /// Letters that will be sent again.
    pub requested: Vec<EventKey>,
    /// Letters that will not, because they would be refused again.
    pub refused: Vec<RefusedReplay>,
}

/// A letter that is not sent again, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedReplay {
    /// Which.
    pub id: EventKey,
    /// Why: the name of a reason.
    pub reason: String,
}

impl DeadLetters {
    /// Asks for the letters that pass the filter to be sent again; with `dry_run` only says which would be.
    ///
    /// Each is checked again: one that is too old by now or damaged is refused, and so is one for which `validate` gives the
    /// name of a reason. They stay dead letters until the engine has them in its log again.
    ///
    /// # Errors
    ///
    /// [`LogError`] when the file cannot be read or written.
    pub fn replay(
        &self,
        filter: &Filter,
        now: UnixMillis,
        dry_run: bool,
        mut validate: impl FnMut(&DeadLetter) -> Result<(), String>,
    ) -> Result<Replay, LogError> {
        let mut replay = Replay::default();
        self.visit(filter, |letter| {
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
            self.store.write(|transaction| {
                let mut replays = transaction.open_table(REPLAYS)?;
                for id in &replay.requested {
                    replays.insert(id.0, now.0.to_le_bytes().as_slice())?;
                }
                drop(replays);
                Ok(End::Commit(()))
            })?;
        }
        Ok(replay)
    }

    /// How many letters wait for the engine to send them again.
    ///
    /// # Errors
    ///
    /// [`LogError`] when the file cannot be read.
    pub fn awaiting_replay(&self) -> Result<u64, LogError> {
        use redb::ReadableTableMetadata as _;
        self.store.read(|transaction| {
            let table = tables::open(transaction, REPLAYS)?;
            Ok(table.map(|table| table.len()).transpose()?.unwrap_or(0))
        })
    }

    /// The next letters whose replay was asked for, at most `count`.
    pub(crate) fn to_replay(&self, count: usize) -> Result<Vec<DeadLetter>, LogError> {
        self.store.read(|transaction| {
            let mut found = Vec::new();
            let replays = tables::open(transaction, REPLAYS)?;
            let letters = tables::open(transaction, LETTERS)?;
            let (Some(replays), Some(letters)) = (replays, letters) else {
                return Ok(found);
            };
            for row in replays.iter()?.take(count) {
                let id = EventKey(row?.0.value());
                let value = letters.get(id.0)?;
                found.extend(value.and_then(|value| letter::read(id, value.value())));
            }
            Ok(found)
        })
    }
}

/// What is known without looking into the event.
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
