//! What the journal says when a log is opened: events that never reached the tables, and what was settled of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use conversions_delivery::EventKey;
use bytes::Bytes;

use crate::shared::Ledger;
use crate::journal::{Entry, Page};
use crate::partition::Partition;
use crate::record::Record;

/// Takes the frames of a journal.
pub(crate) struct Recovery<'a> {
    pub(crate) ledger: &'a mut Ledger,
    pub(crate) partitions: &'a mut BTreeMap<Arc<str>, Partition>,
    /// Whether what the journal says of inputs counts.
    pub(crate) keeps_inputs: bool,
    /// Entries that cannot be read, although their frame is whole.
    pub(crate) strange: u64,
}

impl Recovery<'_> {
    pub(crate) fn frame(&mut self, entries: &[u8]) {
        let mut destination: Arc<str> = Arc::from("");
        for entry in Page::read(entries) {
            match entry {
                Some(Entry::Destination(name)) => destination = Arc::from(name),
                Some(Entry::Event { key, record }) => self.event(&destination, key, record),
                Some(Entry::Delivered { key }) => self.delivered(&destination, key),
                Some(Entry::Ids(ids)) => self.ledger.seen.note(ids),
                Some(Entry::Input {
                    input,
                    point,
                    tally,
                    at,
                }) => {
                    if self.keeps_inputs {
                        self.ledger.journaled_inputs.replay(input, point, tally, at);
                    }
                }
                None => self.strange += 1,
            }
        }
    }

    fn event(&mut self, destination: &Arc<str>, key: u64, record: &[u8]) {
        self.ledger.next_key = self.ledger.next_key.max(key + 1);
        let partition = self
            .partitions
            .entry(Arc::clone(destination))
            .or_insert_with(|| Partition::new(destination));
        let bytes = u64::try_from(record.len()).unwrap_or(u64::MAX);
        let accepted_at = Record::read(destination, EventKey(key), record)
            .map(|record| record.accepted_at)
            .unwrap_or_default();
        partition.grew(1, 0, bytes, accepted_at);
        partition.extend_tail(vec![(key, Bytes::copy_from_slice(record))]);
    }

    fn delivered(&mut self, destination: &Arc<str>, key: u64) {
        if let Some(partition) = self.partitions.get_mut(destination)
            && let Some(record) = partition.remove_from_tail(key)
        {
            partition.shrank(1, u64::try_from(record.len()).unwrap_or(u64::MAX));
        }
    }
}
