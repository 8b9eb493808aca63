//! Rows of the tables `waiting/…` and `later/…`: each stands for a frame, or for what is left of one.
//!
//! A row says where in the journal its frame is, or has the frame itself. When some events of a row are settled or
//! deferred, the others become rows of their own.

use std::ops::Range;

use bytes::Bytes;
use conversions_delivery::UnixMillis;
use conversions_delivery::frame_codec::{self, Codec, DamagedEvent, ReadFrame, StoredFrame};
use redb::{ReadTransaction, ReadableTable, Table, TableHandle};

use crate::journal::{Journal, Location};
use crate::segment_use::SegmentChanges;
use crate::tables::{self, RowKey, TableNames};

/// A table that is being written.
pub(crate) type RowTable<'a> = Table<'a, RowKey, &'static [u8]>;

/// The first byte of a row whose frame is in the journal.
const IN_JOURNAL: u8 = b'L';
/// The first byte of a row that cannot be read. Frames begin with neither of the two.
const UNREADABLE: u8 = b'?';

/// Where the frame of a row is, and what delivery wants to know without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RowPlace {
    pub(crate) location: Location,
    /// When its events were accepted.
    pub(crate) accepted_at: UnixMillis,
    /// The line of the frame's first event.
    pub(crate) line: Option<u64>,
}

impl RowPlace {
    fn write(&self) -> Vec<u8> {
        let mut bytes = vec![IN_JOURNAL];
        bytes.extend(self.location.segment.to_le_bytes());
        bytes.extend(self.location.offset.to_le_bytes());
        bytes.extend(self.location.length.to_le_bytes());
        bytes.extend(self.accepted_at.0.to_le_bytes());
        bytes.extend(self.line.unwrap_or(0).to_le_bytes());
        bytes
    }

    /// Reads the value of a row; `None` when that is a frame.
    pub(crate) fn read(value: &[u8]) -> Option<Self> {
        let (kind, rest) = value.split_first()?;
        let (segment, rest) = rest.split_first_chunk()?;
        let (offset, rest) = rest.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (accepted_at, rest) = rest.split_first_chunk()?;
        let line = u64::from_le_bytes(*rest.first_chunk()?);
        let place = Self {
            location: Location {
                segment: u64::from_le_bytes(*segment),
                offset: u64::from_le_bytes(*offset),
                length: u32::from_le_bytes(*length),
            },
            accepted_at: UnixMillis(i64::from_le_bytes(*accepted_at)),
            line: (line > 0).then_some(line),
        };
        (*kind == IN_JOURNAL).then_some(place)
    }
}

/// The keys of a row's events.
pub(crate) fn keys_of((_, first, count): RowKey) -> Range<u64> {
    first..first.saturating_add(count.into())
}

/// The key of a row with these events.
pub(crate) fn row_key(due: i64, keys: &Range<u64>) -> RowKey {
    let count = keys.end.saturating_sub(keys.start);
    (due, keys.start, u32::try_from(count).unwrap_or(u32::MAX))
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

/// Writes a row that has its frame itself.
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

/// Writes a row whose frame is in the journal.
pub(crate) fn insert_place(
    table: &mut RowTable<'_>,
    keys: &Range<u64>,
    place: &RowPlace,
    segments: &mut SegmentChanges,
) -> Result<(), redb::Error> {
    let before = table.insert(row_key(0, keys), place.write().as_slice())?;
    // A commit that was reported as failed may have written it before.
    if before.is_none() {
        segments.add(place.location.segment, 1);
    }
    Ok(())
}

/// Removes events. Returns how many of them were there.
pub(crate) fn remove(
    table: &mut RowTable<'_>,
    due: i64,
    keys: &Range<u64>,
    segments: &mut SegmentChanges,
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
        let value = {
            let value = table.remove(row)?;
            value.map(|value| Bytes::copy_from_slice(value.value()))
        };
        let gone = own.start.max(keys.start)..own.end.min(keys.end);
        removed += gone.end - gone.start;
        let sides = [own.start..gone.start, gone.end..own.end];
        let value = value.unwrap_or_default();
        if let Some(place) = RowPlace::read(&value) {
            segments.add(place.location.segment, -1);
            for side in sides.iter().filter(|side| !side.is_empty()) {
                table.insert(row_key(row.0, side), &*value)?;
                segments.add(place.location.segment, 1);
            }
        } else if sides.iter().any(|side| !side.is_empty()) {
            insert_sides(table, row, sides, &value)?;
        }
    }
}

/// Writes what is left of a row that has its frame itself.
fn insert_sides(
    table: &mut RowTable<'_>,
    row: RowKey,
    sides: [Range<u64>; 2],
    value: &Bytes,
) -> Result<(), redb::Error> {
    let unreadable = |bytes: &[u8]| [&[UNREADABLE], bytes].concat();
    let Some(read) = read(row, value) else {
        // It stays what it is, unreadable, for the events that are left.
        for side in sides.iter().filter(|side| !side.is_empty()) {
            table.insert(row_key(row.0, side), unreadable(value).as_slice())?;
        }
        return Ok(());
    };
    for side in sides {
        for piece in &read.pieces {
            let rest = piece.of_keys(side.clone());
            if !rest.frame.is_empty() {
                insert(table, row.0, &rest)?;
            }
        }
        for DamagedEvent { key, bytes } in &read.damaged {
            if side.contains(&key.0) {
                table.insert((row.0, key.0, 1), unreadable(bytes).as_slice())?;
            }
        }
    }
    Ok(())
}

/// The bytes that are stored of a row's frame, wherever they are.
pub(crate) fn frame_bytes(journal: &Journal, value: &[u8]) -> Result<Bytes, redb::Error> {
    match RowPlace::read(value) {
        Some(place) => frame_bytes_at(journal, &place),
        None => Ok(Bytes::copy_from_slice(value)),
    }
}

/// The bytes that are stored of a frame in the journal. A part of the journal that is gone has none.
pub(crate) fn frame_bytes_at(journal: &Journal, place: &RowPlace) -> Result<Bytes, redb::Error> {
    use std::io::ErrorKind::{NotFound, UnexpectedEof};
    match journal.read(&place.location) {
        Err(error) if matches!(error.kind(), NotFound | UnexpectedEof) => Ok(Bytes::new()),
        read => Ok(read?),
    }
}

/// Reads the events of a row from the bytes of its frame; `None` when they cannot be read, or are not of this row.
pub(crate) fn read(row: RowKey, bytes: &Bytes) -> Option<ReadFrame> {
    let own = keys_of(row);
    let mut read = frame_codec::read(bytes).ok()?;
    for piece in &mut read.pieces {
        *piece = piece.of_keys(own.clone());
    }
    read.pieces.retain(|piece| !piece.frame.is_empty());
    read.damaged.retain(|event| own.contains(&event.key.0));
    let pieces: u64 = read.pieces.iter().map(|piece| piece.keys().count).sum();
    let damaged = u64::try_from(read.damaged.len()).unwrap_or(u64::MAX);
    (pieces + damaged == own.end - own.start).then_some(read)
}

/// The use that all rows make of the segments.
pub(crate) fn count_segments(transaction: &ReadTransaction) -> Result<SegmentChanges, redb::Error> {
    let mut segments = SegmentChanges::default();
    for table in transaction.list_tables()? {
        let Some(names) = TableNames::of_table(table.name()) else {
            continue;
        };
        // Deferred events have their frames in their rows.
        let Some(waiting) = tables::open(transaction, names.waiting())? else {
            continue;
        };
        for row in waiting.iter()? {
            if let Some(place) = RowPlace::read(row?.1.value()) {
                segments.add(place.location.segment, 1);
            }
        }
    }
    Ok(segments)
}
