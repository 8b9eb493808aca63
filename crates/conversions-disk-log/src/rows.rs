//! Rows of the tables `waiting/…` and `later/…`: each is a frame, or what is left of one.
//!
//! When some events of a row are settled or deferred, the others become rows of their own.

use std::ops::Range;

use bytes::Bytes;
use conversions_delivery::EventKey;
use conversions_delivery::frame_codec::{self, Codec, DamagedEvent, ReadFrame, StoredFrame};
use redb::{ReadableTable, Table};

use crate::tables::RowKey;

/// A table that is being written.
pub(crate) type RowTable<'a> = Table<'a, RowKey, &'static [u8]>;

/// The keys of a row's events.
pub(crate) fn keys_of((_, first, count): RowKey) -> Range<u64> {
    first..first.saturating_add(count.into())
}

/// The row with this due time that has the event, if there is one.
pub(crate) fn row_of(
    table: &impl ReadableTable<RowKey, &'static [u8]>,
    due: i64,
    key: u64,
) -> Result<Option<RowKey>, redb::Error> {
    let mut before = table.range((due, 0, 0)..=(due, key, u32::MAX))?;
    let Some(row) = before.next_back().transpose()? else {
        return Ok(None);
    };
    let row = row.0.value();
    Ok(keys_of(row).contains(&key).then_some(row))
}

/// Writes a frame as a row.
pub(crate) fn insert(
    table: &mut RowTable<'_>,
    due: i64,
    stored: &StoredFrame,
) -> Result<(), redb::Error> {
    let mut bytes = Vec::with_capacity(stored.max_bytes());
    stored.write(Codec::None, &mut bytes);
    table.insert(row_key(due, &stored.keys().range()), bytes.as_slice())?;
    Ok(())
}

/// Removes events. Returns how many of them were there.
pub(crate) fn remove(
    table: &mut RowTable<'_>,
    due: i64,
    keys: &Range<u64>,
) -> Result<u64, redb::Error> {
    let mut removed = 0;
    loop {
        let mut before = table.range((due, 0, 0)..(due, keys.end, 0))?;
        let Some(last) = before.next_back().transpose()? else {
            return Ok(removed);
        };
        drop(before);
        let row = last.0.value();
        drop(last);
        let own = keys_of(row);
        if own.end <= keys.start {
            return Ok(removed);
        }
        let is_whole = keys.start <= own.start && own.end <= keys.end;
        let value = {
            let value = table.remove(row)?;
            let value = value.filter(|_| !is_whole);
            value.map(|value| Bytes::copy_from_slice(value.value()))
        };
        let gone = own.start.max(keys.start)..own.end.min(keys.end);
        removed += gone.end - gone.start;
        if let Some(value) = value {
            insert_rest(table, row, &gone, &value)?;
        }
    }
}

/// Writes what is left of a row without the events that are gone.
fn insert_rest(
    table: &mut RowTable<'_>,
    row: RowKey,
    gone: &Range<u64>,
    value: &Bytes,
) -> Result<(), redb::Error> {
    let own = keys_of(row);
    let sides = [own.start..gone.start, gone.end..own.end];
    let Some(ReadFrame {
        pieces, damaged, ..
    }) = read(row, value)
    else {
        // It stays what it is, unreadable, for the events that are left.
        for side in sides.iter().filter(|side| !side.is_empty()) {
            table.insert(row_key(row.0, side), &**value)?;
        }
        return Ok(());
    };
    for side in sides {
        for piece in &pieces {
            let rest = piece.of_keys(side.clone());
            if !rest.frame.is_empty() {
                insert(table, row.0, &rest)?;
            }
        }
        for DamagedEvent { key, bytes } in &damaged {
            // What is no frame is found to be damaged when it is leased.
            if side.contains(&key.0) {
                table.insert((row.0, key.0, 1), &**bytes)?;
            }
        }
    }
    Ok(())
}

/// Reads the frame of a row; `None` when it cannot be read, or is not the frame of this row.
pub(crate) fn read(row: RowKey, value: &Bytes) -> Option<ReadFrame> {
    let read = frame_codec::read(value).ok()?;
    let own = keys_of(row);
    let is_own = |key: EventKey| own.contains(&key.0);
    let first = read.pieces.iter().map(|piece| piece.first_key);
    let last = read
        .pieces
        .last()
        .map_or(own.end, |piece| piece.keys().range().end);
    let mut all = first.chain(read.damaged.iter().map(|event| event.key));
    (all.all(is_own) && last <= own.end).then_some(read)
}

/// The key of a row with these events.
pub(crate) fn row_key(due: i64, keys: &Range<u64>) -> RowKey {
    let count = keys.end.saturating_sub(keys.start);
    (due, keys.start, u32::try_from(count).unwrap_or(u32::MAX))
}
