//! A part of the ids, in memory: the memtable of what was learned and is not in a run yet, and the cache of what was asked
//! for lately.

mod cache;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use self::cache::Cache;
use super::write_ahead_log::push_record;
use crate::fingerprint::{BuildFingerprintHasher, Fingerprint};
use crate::record::{is_linked, is_reset, merge, update_in_place};

/// Records by id.
pub(super) type Records = HashMap<Fingerprint, Box<[u8]>, BuildFingerprintHasher>;

/// Bytes that an entry of a map takes beside its record: key, pointer and length, the map's room to spare, the allocator's
/// own.
const ENTRY_BYTES: usize = 72;

/// One of the parts of the ids.
#[derive(Default)]
pub(super) struct Shard {
    /// Learned since the last run was begun.
    memtable: Records,
    /// What is being written into a run.
    flushing: Arc<Records>,
    cache: Cache,
    /// The ids of the memtable whose records the log lacks, or has in an older form.
    unlogged: HashSet<Fingerprint, BuildFingerprintHasher>,
    /// Grows with every new run. A record that was read at an earlier epoch may lack what is in the newer runs, so it is not
    /// cached.
    pub(super) epoch: u64,
    scratch: Vec<u8>,
}

/// By how much memory in use has grown.
#[derive(Clone, Copy, Default)]
pub(super) struct Growth {
    pub(super) memtable: usize,
    pub(super) new_ids: usize,
    pub(super) new_people: usize,
}

impl Shard {
    /// Adds what was learned of an id.
    pub(super) fn learn(&mut self, fingerprint: Fingerprint, record: &[u8]) -> Growth {
        self.unlogged.insert(fingerprint);
        self.cache.learn(fingerprint, record, &mut self.scratch);
        self.restore(fingerprint, record)
    }

    /// Adds what is in the log already.
    pub(super) fn restore(&mut self, fingerprint: Fingerprint, record: &[u8]) -> Growth {
        let Some(known) = self.memtable.get_mut(&fingerprint) else {
            self.memtable.insert(fingerprint, record.into());
            return Growth {
                memtable: ENTRY_BYTES + record.len(),
                new_ids: 1,
                new_people: usize::from(!is_linked(record)),
            };
        };
        Growth {
            memtable: merge_into(known, record, &mut self.scratch),
            ..Growth::default()
        }
    }

    /// What memory knows of an id, appended to `out`. Says whether that is all there is: if not, the runs are to be read.
    pub(super) fn look_up(&mut self, fingerprint: Fingerprint, out: &mut Vec<u8>) -> bool {
        if let Some(record) = self.cache.get(fingerprint) {
            out.extend_from_slice(record);
            return true;
        }
        let start = out.len();
        self.look_up_learned(fingerprint, out);
        out.get(start..).is_some_and(is_reset)
    }

    /// What was learned of an id and is in no run yet, appended to `out`.
    fn look_up_learned(&mut self, fingerprint: Fingerprint, out: &mut Vec<u8>) {
        let start = out.len();
        if let Some(record) = self.memtable.get(&fingerprint) {
            out.extend_from_slice(record);
        }
        if let Some(record) = self.flushing.get(&fingerprint) {
            merge_behind(out, start, record, &mut self.scratch);
        }
    }

    /// Completes what stands in `out` from `start` on, a record of [`Self::look_up`] at that epoch, by what was read from the
    /// runs, and keeps the whole unless there is a newer run by now.
    pub(super) fn complete(
        &mut self,
        fingerprint: Fingerprint,
        (older, epoch): (&[u8], u64),
        limit: usize,
        (out, start): (&mut Vec<u8>, usize),
    ) {
        if epoch == self.epoch {
            // More may have been learned meanwhile.
            out.truncate(start);
            self.look_up_learned(fingerprint, out);
        }
        merge_behind(out, start, older, &mut self.scratch);
        if epoch == self.epoch {
            let whole = out.get(start..).unwrap_or_default();
            self.cache.insert(fingerprint, whole, limit);
        }
    }

    /// Appends what the log lacks to the body of a frame. A record that was learned in many parts since then is in it once.
    pub(super) fn take_unlogged(&mut self, body: &mut Vec<u8>) {
        #[expect(
            clippy::iter_over_hash_type,
            reason = "the order of records in a log means nothing"
        )]
        for fingerprint in self.unlogged.drain() {
            // One that is not in the memtable any more is in a run.
            if let Some(record) = self.memtable.get(&fingerprint) {
                push_record(body, fingerprint, record);
            }
        }
    }

    /// Appends everything that a log of this shard would hold.
    pub(super) fn dump(&mut self, body: &mut Vec<u8>) {
        self.unlogged.clear();
        #[expect(
            clippy::iter_over_hash_type,
            reason = "the order of records in a log means nothing"
        )]
        for (fingerprint, record) in &self.memtable {
            push_record(body, *fingerprint, record);
        }
    }

    /// Begins a run: what is memtable is flushing from now on.
    pub(super) fn begin_flush(&mut self) -> Arc<Records> {
        self.flushing = Arc::new(std::mem::take(&mut self.memtable));
        Arc::clone(&self.flushing)
    }

    /// The run is there.
    pub(super) fn end_flush(&mut self) {
        self.flushing = Arc::default();
        self.epoch += 1;
    }

    /// The run could not be written: what was flushing is memtable again.
    pub(super) fn undo_flush(&mut self) -> Growth {
        let flushing = std::mem::take(&mut self.flushing);
        let newer = std::mem::take(&mut self.memtable);
        self.memtable = Arc::try_unwrap(flushing).unwrap_or_else(|shared| (*shared).clone());
        let mut growth = Growth::default();
        #[expect(
            clippy::iter_over_hash_type,
            reason = "each is merged, in whatever order"
        )]
        for (fingerprint, record) in newer {
            let grown = self.restore(fingerprint, &record);
            growth.memtable += grown.memtable;
            growth.new_ids += grown.new_ids;
            growth.new_people += grown.new_people;
        }
        growth
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        let epoch = self.epoch + 1;
        *self = Self {
            epoch,
            ..Self::default()
        };
    }

    /// The runs have changed in another way than by a new one.
    pub(super) fn drop_cache(&mut self) {
        self.cache = Cache::default();
        self.epoch += 1;
    }
}

/// Merges what was learned into a record, and returns by how many bytes it has grown.
fn merge_into(known: &mut Box<[u8]>, learned: &[u8], scratch: &mut Vec<u8>) -> usize {
    if update_in_place(known, learned) {
        return 0;
    }
    merge(learned, known, scratch);
    let grown = scratch.len().saturating_sub(known.len());
    if scratch.len() == known.len() {
        known.copy_from_slice(scratch);
    } else {
        *known = scratch.as_slice().into();
    }
    grown
}

/// Merges an older record behind what stands in `out` from `start` on.
pub(super) fn merge_behind(out: &mut Vec<u8>, start: usize, older: &[u8], scratch: &mut Vec<u8>) {
    let newer = out.get(start..).unwrap_or_default();
    if newer.is_empty() {
        out.extend_from_slice(older);
        return;
    }
    merge(newer, older, scratch);
    out.truncate(start);
    out.extend_from_slice(scratch);
}
