//! Recovery when a log is opened: the journal's frames are replayed in memory. They hold events that never reached the
//! tables, and what was settled of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use conversions_delivery::EventKey;

use crate::journal::{Entry, FrameBuilder};
use crate::partition::Partition;
use crate::record::Record;
use crate::shared::LogState;

/// Replays the frames of a journal.
pub(crate) struct Recovery<'a> {
    pub(crate) state: &'a mut LogState,
    pub(crate) partitions: &'a mut BTreeMap<Arc<str>, Partition>,
    /// Whether the journal's entries of inputs count.
    pub(crate) keeps_inputs: bool,
    /// Entries that this version does not know, in frames that are whole.
    pub(crate) unknown_entries: u64,
}

impl Recovery<'_> {
    pub(crate) fn replay_frame(&mut self, entries: &[u8]) {
        let mut destination: Arc<str> = Arc::from("");
        for entry in FrameBuilder::read(entries) {
            match entry {
                Some(Entry::Destination(name)) => destination = Arc::from(name),
                Some(Entry::Event { key, record }) => self.replay_event(&destination, key, record),
                Some(Entry::Delivered { key }) => self.replay_delivered(&destination, key),
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

    fn replay_event(&mut self, destination: &Arc<str>, key: u64, record: &[u8]) {
        self.state.next_key = self.state.next_key.max(key + 1);
        let partition = self
            .partitions
            .entry(Arc::clone(destination))
            .or_insert_with(|| Partition::new(destination));
        let bytes = u64::try_from(record.len()).unwrap_or(u64::MAX);
        let accepted_at = Record::read(destination, EventKey(key), record)
            .map(|record| record.accepted_at)
            .unwrap_or_default();
        partition.count_appended(1, 0, bytes, accepted_at);
        partition.extend_unflushed(vec![(key, Bytes::copy_from_slice(record))]);
    }

    fn replay_delivered(&mut self, destination: &Arc<str>, key: u64) {
        if let Some(partition) = self.partitions.get_mut(destination)
            && let Some(record) = partition.remove_unflushed(key)
        {
            partition.count_removed(1, u64::try_from(record.len()).unwrap_or(u64::MAX));
        }
    }
}
