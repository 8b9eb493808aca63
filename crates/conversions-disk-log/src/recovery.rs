//! Recovery when a log is opened: the journal's records are replayed in memory. They hold events that never reached the
//! tables, and what was settled of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use conversions_delivery::KeyRange;
use conversions_delivery::frame_codec;

use crate::dedup::NewIds;
use crate::journal::{CommitBuilder, Entry, Location, Record};
use crate::partition::Partition;
use crate::shared::LogState;

/// Replays the records of a journal.
pub(crate) struct Recovery<'a> {
    pub(crate) state: &'a mut LogState,
    pub(crate) partitions: &'a mut BTreeMap<Arc<str>, Partition>,
    /// Whether the journal's entries of inputs count.
    pub(crate) keeps_inputs: bool,
    /// Entries that this version does not know, in records that are whole.
    pub(crate) unknown_entries: u64,
}

impl Recovery<'_> {
    pub(crate) fn replay(&mut self, record: &Record) {
        if !record.is_damaged {
            self.replay_entries(record);
            return;
        }
        // Acknowledgements, ids and offsets have no checksum of their own, so they are not trusted: an event that is sent
        // twice is better than one that is lost.
        for frame in frame_codec::find_frames(&record.bytes) {
            let bytes = record.bytes.slice(frame.clone());
            self.remember_ids(&bytes);
            self.replay_frame(record, frame.start, &bytes);
        }
    }

    fn replay_entries(&mut self, record: &Record) {
        let mut destination: Arc<str> = Arc::from("");
        for entry in CommitBuilder::read(&record.bytes) {
            match entry {
                Some(Entry::Destination(name)) => destination = Arc::from(name),
                Some(Entry::Frame { offset, bytes }) => self.replay_frame(record, offset, &bytes),
                Some(Entry::Delivered { keys }) => self.replay_delivered(&destination, keys),
                Some(Entry::Ids(ids)) => self.state.dedup.remember(ids),
                Some(Entry::Input {
                    input,
                    offset,
                    counts,
                    at,
                }) => {
                    if self.keeps_inputs {
                        self.state
                            .journaled_inputs
                            .replay(input, offset, counts, at);
                    }
                }
                None => self.unknown_entries += 1,
            }
        }
    }

    /// Notes where a frame is. Its events are read when they are leased.
    fn replay_frame(&mut self, record: &Record, offset: usize, bytes: &Bytes) {
        let Ok(summary) = frame_codec::read_summary(bytes) else {
            self.unknown_entries += 1;
            return;
        };
        let keys = summary.keys;
        self.state.next_key = self.state.next_key.max(keys.range().end);
        let partition = self
            .partitions
            .entry(Arc::clone(&summary.destination))
            .or_insert_with(|| Partition::new(&summary.destination));
        partition.count_appended(keys.count, summary.event_bytes, summary.accepted_at);
        let location = Location {
            segment: record.segment,
            offset: record.offset + u64::try_from(offset).unwrap_or(u64::MAX),
            length: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
        };
        partition.unflushed.insert_found(&summary, location);
    }

    /// Remembers the ids of a frame whose record is damaged.
    fn remember_ids(&mut self, frame: &Bytes) {
        let mut ids = NewIds::default();
        for piece in frame_codec::read(frame).unwrap_or_default().pieces {
            for key in piece.frame.events().filter_map(|event| event.dedup_key) {
                ids.write(key, piece.accepted_at);
            }
        }
        self.state.dedup.remember(&ids.bytes);
    }

    fn replay_delivered(&mut self, destination: &Arc<str>, keys: KeyRange) {
        if let Some(partition) = self.partitions.get_mut(destination) {
            let (events, bytes) = partition.unflushed.settle(&keys.range());
            partition.count_removed(events, bytes);
        }
    }
}
