//! How far each input has been read, and what became of its events: what a run that was interrupted needs to go on.

use std::collections::BTreeMap;

use conversions_delivery::{InputOffset, InputId, UnixMillis};
use bytes::Bytes;
use redb::{ReadTransaction, ReadableTable, WriteTransaction};
use serde::{Deserialize, Serialize};

use crate::journal::{Entry, Page};
use crate::tables::{self, INPUTS};

/// Inputs are forgotten so long after they were last heard of: no event of theirs could be sent any more.
const FORGET_AFTER: std::time::Duration = std::time::Duration::from_hours(62 * 24);

/// What became of the events of an input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub(crate) appended: u64,
    pub(crate) duplicates: u64,
    pub(crate) delivered: u64,
    pub(crate) dead_lettered: u64,
}

impl Tally {
    fn add(&mut self, more: Self) {
        self.appended += more.appended;
        self.duplicates += more.duplicates;
        self.delivered += more.delivered;
        self.dead_lettered += more.dead_lettered;
    }
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

/// What is to be written about inputs.
#[derive(Clone, Debug, Default)]
pub(crate) struct InputChanges(BTreeMap<InputId, InputChange>);

#[derive(Clone, Debug, Default)]
struct InputChange {
    /// How far it has been read, and the note.
    point: Option<(u64, Bytes)>,
    tally: Tally,
    heard_at: UnixMillis,
}

impl InputChanges {
    /// Moves an input on to a checkpoint, and counts.
    pub(crate) fn advance(&mut self, point: &InputOffset, tally: Tally, now: UnixMillis) {
        let change = self.0.entry(point.input).or_default();
        let line = change
            .point
            .as_ref()
            .map_or(point.line, |(line, _)| point.line.max(*line));
        change.point = Some((line, point.note.clone()));
        change.heard_at = now;
        change.tally.add(tally);
    }

    /// Counts settled events of an input.
    pub(crate) fn count(&mut self, input: InputId, tally: Tally, now: UnixMillis) {
        let change = self.0.entry(input).or_default();
        change.heard_at = now;
        change.tally.add(tally);
    }

    /// Adds later changes.
    pub(crate) fn extend(&mut self, later: Self) {
        for (input, later) in later.0 {
            let change = self.0.entry(input).or_default();
            change.point = later.point.or(change.point.take());
            change.heard_at = later.heard_at;
            change.tally.add(later.tally);
        }
    }

    /// Adds what the journal says.
    pub(crate) fn replay(
        &mut self,
        input: InputId,
        point: Option<(u64, Bytes)>,
        tally: Tally,
        at: UnixMillis,
    ) {
        let change = InputChange {
            point,
            tally,
            heard_at: at,
        };
        self.extend(Self(BTreeMap::from([(input, change)])));
    }

    /// Says them to the journal.
    pub(crate) fn note(&self, page: &mut Page) {
        for (input, change) in &self.0 {
            page.write(&Entry::Input {
                input: *input,
                point: change.point.clone(),
                tally: change.tally,
                at: change.heard_at,
            });
        }
    }

    /// Writes them.
    pub(crate) fn write(&self, transaction: &WriteTransaction) -> Result<(), redb::Error> {
        for (input, change) in &self.0 {
            change_row(transaction, *input, change.heard_at, |row| {
                if let Some((line, note)) = &change.point {
                    row.line = row.line.max(*line);
                    row.note = note.clone();
                }
                row.tally.add(change.tally);
            })?;
        }
        Ok(())
    }
}

/// Dead letters of an input are events again.
pub(crate) fn revive(
    transaction: &WriteTransaction,
    input: InputId,
    events: u64,
    now: UnixMillis,
) -> Result<(), redb::Error> {
    change_row(transaction, input, now, |row| {
        row.tally.dead_lettered = row.tally.dead_lettered.saturating_sub(events);
    })
}

fn change_row(
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

pub(crate) fn find(
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

pub(crate) fn forget(
    transaction: &WriteTransaction,
    InputId(input): InputId,
) -> Result<(), redb::Error> {
    transaction.open_table(INPUTS)?.remove(input)?;
    Ok(())
}

/// Forgets inputs that have not been heard of for long.
pub(crate) fn forget_old(
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
