//! Records that were asked for lately, complete: so that the next question about the same id reads no run.

use super::{ENTRY_BYTES, Records, merge_into};
use crate::fingerprint::Fingerprint;

/// Everything that is known of some ids, wherever it is kept. When the younger half is full, the older one goes; what is used
/// moves over.
#[derive(Default)]
pub(super) struct Cache {
    young: Records,
    old: Records,
    young_bytes: usize,
}

impl Cache {
    pub(super) fn get(&mut self, fingerprint: Fingerprint) -> Option<&[u8]> {
        if !self.young.contains_key(&fingerprint)
            && let Some(record) = self.old.remove(&fingerprint)
        {
            self.young_bytes += ENTRY_BYTES + record.len();
            self.young.insert(fingerprint, record);
        }
        self.young.get(&fingerprint).map(|record| &**record)
    }

    /// Adds what was learned of an id, if the id is here.
    pub(super) fn learn(&mut self, fingerprint: Fingerprint, record: &[u8], scratch: &mut Vec<u8>) {
        if let Some(known) = self.young.get_mut(&fingerprint) {
            self.young_bytes += merge_into(known, record, scratch);
        } else if let Some(known) = self.old.get_mut(&fingerprint) {
            merge_into(known, record, scratch);
        }
    }

    pub(super) fn insert(&mut self, fingerprint: Fingerprint, record: &[u8], limit: usize) {
        if self.young_bytes > limit / 2 {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += ENTRY_BYTES + record.len();
        self.young.insert(fingerprint, record.into());
    }
}
