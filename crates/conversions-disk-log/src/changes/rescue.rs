//! Frees a segment of the journal of which little is left.

use bytes::Bytes;
use conversions_delivery::LogError;
use redb::{ReadableTable, WriteTransaction};

use crate::change::Change;
use crate::journal::Journal;
use crate::lock::lock;
use crate::rows::{self, RowPlace, RowTable};
use crate::shared::Shared;
use crate::tables::RowKey;
use crate::write_batch::WriteBatch;

/// Bytes of frames that one commit copies.
const BYTES_PER_COMMIT: usize = 8 << 20;

/// Copies frames of a segment into their rows, so that the segment can be removed. A few events that wait for long would
/// keep whole segments otherwise.
pub(crate) struct Rescue {
    pub(crate) segment: u64,
}

impl Rescue {
    /// The rows of a table that are in the segment, and their frames, as long as there is `room` for them.
    fn frames(
        &self,
        table: &RowTable<'_>,
        journal: &Journal,
        room: &mut usize,
    ) -> Result<Vec<(RowKey, Bytes)>, redb::Error> {
        let mut frames = Vec::new();
        for row in table.iter()? {
            let (key, value) = row?;
            let place = RowPlace::read(value.value());
            let Some(place) = place.filter(|place| place.location.segment == self.segment) else {
                continue;
            };
            if *room == 0 {
                break;
            }
            let bytes = rows::frame_bytes_at(journal, &place)?;
            *room = room.saturating_sub(bytes.len());
            frames.push((key.value(), bytes));
        }
        Ok(frames)
    }
}

impl Change for Rescue {
    fn write_to_tables(
        &mut self,
        transaction: &WriteTransaction,
        batch: &mut WriteBatch<'_>,
    ) -> Result<(), redb::Error> {
        let mut room = BYTES_PER_COMMIT;
        let partitions = batch.shared.partitions().clone();
        for partition in partitions.values() {
            let names = lock(partition).names.clone();
            let mut waiting = transaction.open_table(names.waiting())?;
            for (row, bytes) in self.frames(&waiting, &batch.shared.journal, &mut room)? {
                // What cannot be read stays where it is, until it is leased and set aside.
                let Some(read) = rows::read(row, &bytes).filter(|read| read.damaged.is_empty())
                else {
                    continue;
                };
                rows::remove(
                    &mut waiting,
                    row.0,
                    &rows::keys_of(row),
                    &mut batch.segments,
                )?;
                for piece in &read.pieces {
                    rows::insert(&mut waiting, row.0, piece)?;
                }
                batch.is_dirty = true;
            }
        }
        Ok(())
    }

    fn reply_done(self: Box<Self>) {}

    fn reply_failed(self: Box<Self>, error: LogError) {
        tracing::debug!("a segment of the journal stays: {error}");
    }
}

/// The segment to be freed, if the segments take much more than the events in them.
pub(crate) fn segment_to_rescue(shared: &Shared, segment_bytes: u64) -> Option<u64> {
    let held = shared.held_bytes.load(std::sync::atomic::Ordering::Relaxed);
    let segments = u64::try_from(shared.journal.segment_count()).unwrap_or(u64::MAX);
    let allowed = 4 + 4 * held.div_ceil(segment_bytes.max(1));
    let oldest = shared.state().segments.segments().next()?;
    (segments > allowed && oldest < shared.journal.current_segment()).then_some(oldest)
}
