//! How far each input has been read, and what became of its events: what a run that was interrupted needs to go on.

use bytes::Bytes;
use redb::{ReadTransaction, ReadableTable, WriteTransaction};
use serde::{Deserialize, Serialize};

use super::tables::{self, INPUTS};
use crate::accepted::{Checkpoint, InputId};
use crate::time::UnixMillis;

/// Inputs are forgotten so long after they were last heard of: no event of theirs could be sent any more.
const FORGET_AFTER: std::time::Duration = std::time::Duration::from_hours(62 * 24);

/// What became of the events of an input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tally {
    pub(super) appended: u64,
    pub(super) duplicates: u64,
    pub(super) delivered: u64,
    pub(super) dead_lettered: u64,
}

/// A line of JSON, then the note.
#[derive(Serialize, Deserialize)]
struct Row {
    line: u64,
    heard_at: UnixMillis,
    tally: Tally,
    #[serde(skip)]
    note: Bytes,
}

impl Row {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut parts = bytes.splitn(2, |byte| *byte == b'\n');
        let mut row: Self = serde_json::from_slice(parts.next()?).ok()?;
        row.note = Bytes::copy_from_slice(parts.next()?);
        Some(row)
    }

    fn write(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes.extend(&self.note);
        bytes
    }
}

/// Where to go on with an input, and what became of it so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resumption {
    /// The last line that was dealt with, counted from 1.
    pub line: u64,
    /// The note of the last checkpoint.
    pub note: Bytes,
    /// Events that were appended.
    pub appended: u64,
    /// Events that were not, being duplicates.
    pub duplicates: u64,
    /// Of those appended: delivered.
    pub delivered: u64,
    /// Of those appended: given up. One that is replayed is pending again.
    pub dead_lettered: u64,
}

impl Resumption {
    /// Events that were appended and are not settled.
    #[must_use]
    pub fn pending(&self) -> u64 {
        let settled = self.delivered.saturating_add(self.dead_lettered);
        self.appended.saturating_sub(settled)
    }
}

/// Moves an input on to a checkpoint, and counts.
pub(super) fn advance(
    transaction: &WriteTransaction,
    point: &Checkpoint,
    tally: Tally,
    now: UnixMillis,
) -> Result<(), redb::Error> {
    change(transaction, point.input, now, |row| {
        row.line = row.line.max(point.line);
        row.note = point.note.clone();
        row.tally.appended += tally.appended;
        row.tally.duplicates += tally.duplicates;
    })
}

/// Counts settled events of an input.
pub(super) fn count(
    transaction: &WriteTransaction,
    input: InputId,
    tally: Tally,
    now: UnixMillis,
) -> Result<(), redb::Error> {
    change(transaction, input, now, |row| {
        row.tally.delivered += tally.delivered;
        row.tally.dead_lettered += tally.dead_lettered;
    })
}

/// Dead letters of an input are events again.
pub(super) fn revive(
    transaction: &WriteTransaction,
    input: InputId,
    events: u64,
    now: UnixMillis,
) -> Result<(), redb::Error> {
    change(transaction, input, now, |row| {
        row.tally.dead_lettered = row.tally.dead_lettered.saturating_sub(events);
    })
}

fn change(
    transaction: &WriteTransaction,
    InputId(input): InputId,
    now: UnixMillis,
    change: impl FnOnce(&mut Row),
) -> Result<(), redb::Error> {
    let mut table = transaction.open_table(INPUTS)?;
    let mut row = table
        .get(input)?
        .and_then(|row| Row::read(row.value()))
        .unwrap_or_else(|| Row {
            line: 0,
            heard_at: now,
            tally: Tally::default(),
            note: Bytes::new(),
        });
    row.heard_at = now;
    change(&mut row);
    table.insert(input, row.write().as_slice())?;
    Ok(())
}

pub(super) fn find(
    transaction: &ReadTransaction,
    InputId(input): InputId,
) -> Result<Option<Resumption>, redb::Error> {
    let Some(table) = tables::open(transaction, INPUTS)? else {
        return Ok(None);
    };
    let row = table.get(input)?;
    let row = row.and_then(|row| Row::read(row.value()));
    Ok(row.map(|row| Resumption {
        line: row.line,
        note: row.note,
        appended: row.tally.appended,
        duplicates: row.tally.duplicates,
        delivered: row.tally.delivered,
        dead_lettered: row.tally.dead_lettered,
    }))
}

pub(super) fn forget(
    transaction: &WriteTransaction,
    InputId(input): InputId,
) -> Result<(), redb::Error> {
    transaction.open_table(INPUTS)?.remove(input)?;
    Ok(())
}

/// Forgets inputs that have not been heard of for long.
pub(super) fn forget_old(
    transaction: &WriteTransaction,
    now: UnixMillis,
) -> Result<u64, redb::Error> {
    let mut forgotten = 0;
    transaction.open_table(INPUTS)?.retain(|_, row| {
        let stays = Row::read(row).is_some_and(|row| now.since(row.heard_at) <= FORGET_AFTER);
        forgotten += u64::from(!stays);
        stays
    })?;
    Ok(forgotten)
}
