//! Recovery when a log is opened: the journal's records are replayed in memory. They hold events that never reached the
//! tables, and what was settled of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use conversions_delivery::KeyRange;
use conversions_delivery::frame_codec::{self, DamagedEvent, StoredFrame};

use crate::dedup::NewIds;
use crate::journal::{CommitBuilder, Entry, Record, frames_in};
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
    /// Events that cannot be read, by destination.
    pub(crate) damaged: Vec<(Arc<str>, DamagedEvent)>,
}

impl Recovery<'_> {
    pub(crate) fn replay(&mut self, record: Record) {
        match record {
            Record::Whole(entries) => self.replay_entries(&entries),
            // Acknowledgements, ids and offsets have no checksum of their own, so they are not trusted: an event that
            // is sent twice is better than one that is lost.
            Record::Damaged(bytes) => {
                for frame in frames_in(&bytes) {
                    self.replay_frame(&frame, true);
                }
            }
        }
    }

    fn replay_entries(&mut self, entries: &Bytes) {
        let mut destination: Arc<str> = Arc::from("");
        for entry in CommitBuilder::read(entries) {
            match entry {
                Some(Entry::Destination(name)) => destination = Arc::from(name),
                Some(Entry::Frame(frame)) => self.replay_frame(&frame, false),
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

    fn replay_frame(&mut self, bytes: &Bytes, remembers_ids: bool) {
        // A copy, since the events may stay in memory for a while, and the record around them should not.
        let bytes = Bytes::copy_from_slice(bytes);
        let read = frame_codec::read_summary(&bytes).and_then(|summary| {
            Ok((
                summary.destination,
                summary.keys,
                frame_codec::read(&bytes)?,
            ))
        });
        let Ok((destination, keys, read)) = read else {
            self.unknown_entries += 1;
            return;
        };
        self.state.next_key = self.state.next_key.max(keys.range().end);
        for stored in read.pieces {
            if remembers_ids {
                self.remember_ids(&stored);
            }
            let partition = self
                .partitions
                .entry(Arc::clone(&destination))
                .or_insert_with(|| Partition::new(&destination));
            partition.count_appended(&stored, false);
            partition.unflushed.insert(stored);
        }
        let damaged = read.damaged.into_iter();
        self.damaged
            .extend(damaged.map(|event| (Arc::clone(&destination), event)));
    }

    /// Remembers the ids of a frame whose record is damaged.
    fn remember_ids(&mut self, stored: &StoredFrame) {
        let mut ids = NewIds::default();
        for key in stored.frame.events().filter_map(|event| event.dedup_key) {
            ids.write(key, stored.accepted_at);
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
