//! How far each input has been read, and what became of its events: what an interrupted run needs to go on.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use conversions_delivery::{InputId, InputOffset, Resumption, UnixMillis};
use facebook_conversions::ActionSource;
use redb::{ReadTransaction, ReadableTable, WriteTransaction};
use serde::{Deserialize, Serialize};

use crate::input_counts::InputCounts;
use crate::journal::{CommitBuilder, Entry};
use crate::tables::{self, INPUTS};

/// An input is forgotten this long after it was last heard of, which is the greatest age of any event: none of its
/// events could be sent any more.
const FORGET_AFTER: Duration = ActionSource::PhysicalStore.max_age();

/// A row of the table: a line of JSON, then the note.
#[derive(Serialize, Deserialize)]
struct InputRow {
    line: u64,
    heard_at: UnixMillis,
    #[serde(rename = "tally")]
    counts: InputCounts,
    #[serde(skip)]
    note: Bytes,
}

impl InputRow {
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

/// Changes of inputs that are to be written.
#[derive(Clone, Debug, Default)]
pub(crate) struct InputChanges(BTreeMap<InputId, InputChange>);

#[derive(Clone, Debug, Default)]
struct InputChange {
    /// The last line that is dealt with, and the note.
    offset: Option<(u64, Bytes)>,
    counts: InputCounts,
    heard_at: UnixMillis,
}

impl InputChanges {
    /// Moves an input on to an offset, and counts.
    pub(crate) fn advance(&mut self, offset: &InputOffset, counts: InputCounts, now: UnixMillis) {
        let change = self.0.entry(offset.input).or_default();
        let line = change
            .offset
            .as_ref()
            .map_or(offset.line, |(line, _)| offset.line.max(*line));
        change.offset = Some((line, offset.note.clone()));
        change.heard_at = now;
        change.counts.add(counts);
    }

    /// Counts settled events of an input.
    pub(crate) fn count(&mut self, input: InputId, counts: InputCounts, now: UnixMillis) {
        let change = self.0.entry(input).or_default();
        change.heard_at = now;
        change.counts.add(counts);
    }

    /// Adds later changes.
    pub(crate) fn extend(&mut self, later: Self) {
        for (input, later) in later.0 {
            let change = self.0.entry(input).or_default();
            change.offset = later.offset.or(change.offset.take());
            change.heard_at = later.heard_at;
            change.counts.add(later.counts);
        }
    }

    /// Adds a change that was read from the journal.
    pub(crate) fn replay(
        &mut self,
        input: InputId,
        offset: Option<(u64, Bytes)>,
        counts: InputCounts,
        at: UnixMillis,
    ) {
        let change = InputChange {
            offset,
            counts,
            heard_at: at,
        };
        self.extend(Self(BTreeMap::from([(input, change)])));
    }

    /// Writes them into a record of the journal.
    pub(crate) fn write_to_journal(&self, record: &mut CommitBuilder) {
        for (input, change) in &self.0 {
            record.write(&Entry::Input {
                input: *input,
                offset: change.offset.clone(),
                counts: change.counts,
                at: change.heard_at,
            });
        }
    }

    /// Writes them into the table.
    pub(crate) fn write(&self, transaction: &WriteTransaction) -> Result<(), redb::Error> {
        for (input, change) in &self.0 {
            change_row(transaction, *input, change.heard_at, |row| {
                if let Some((line, note)) = &change.offset {
                    row.line = row.line.max(*line);
                    row.note = note.clone();
                }
                row.counts.add(change.counts);
            })?;
        }
        Ok(())
    }
}

/// Counts dead letters of an input as pending events again.
pub(crate) fn count_replayed(
    transaction: &WriteTransaction,
    input: InputId,
    events: u64,
    now: UnixMillis,
) -> Result<(), redb::Error> {
    change_row(transaction, input, now, |row| {
        row.counts.dead_lettered = row.counts.dead_lettered.saturating_sub(events);
    })
}

fn change_row(
    transaction: &WriteTransaction,
    InputId(input): InputId,
    now: UnixMillis,
    change: impl FnOnce(&mut InputRow),
) -> Result<(), redb::Error> {
    let mut table = transaction.open_table(INPUTS)?;
    let mut row = table
        .get(input)?
        .and_then(|row| InputRow::read(row.value()))
        .unwrap_or_else(|| InputRow {
            line: 0,
            heard_at: now,
            counts: InputCounts::default(),
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
    let row = row.and_then(|row| InputRow::read(row.value()));
    Ok(row.map(|row| Resumption {
        line: row.line,
        note: row.note,
        appended: row.counts.appended,
        duplicates: row.counts.duplicates,
        delivered: row.counts.delivered,
        dead_lettered: row.counts.dead_lettered,
    }))
}

/// The last line of every input.
pub(crate) fn lines(transaction: &ReadTransaction) -> Result<BTreeMap<InputId, u64>, redb::Error> {
    let mut lines = BTreeMap::new();
    if let Some(table) = tables::open(transaction, INPUTS)? {
        for entry in table.iter()? {
            let (input, row) = entry?;
            if let Some(row) = InputRow::read(row.value()) {
                lines.insert(InputId(input.value()), row.line);
            }
        }
    }
    Ok(lines)
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
        let stays = InputRow::read(row).is_some_and(|row| now.since(row.heard_at) <= FORGET_AFTER);
        forgotten += u64::from(!stays);
        stays
    })?;
    Ok(forgotten)
}
