//! A part of the ids, in memory: what was learned and is in no run yet (the memtable), and what was asked for lately (the
//! cache). An id is in both at once, with one record.

mod record_pool;
mod slot;

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use self::record_pool::RecordPool;
use self::slot::{ENTRY_BYTES, Kept, Slot};
use super::write_ahead_log::push_record_with;
use crate::fingerprint::{BuildFingerprintHasher, Fingerprint};
use crate::record::{Tags, is_linked, is_reset, merge, push_part};

/// One of the parts of the ids.
#[derive(Default)]
pub(super) struct Shard {
    slots: HashMap<Fingerprint, Slot, BuildFingerprintHasher>,
    records: RecordPool,
    /// Changes when the shard is full. Then what is in runs and was not asked for in the last one goes.
    generation: u8,
    /// Bytes of the records that were asked for in this generation.
    young_bytes: usize,
    /// Grows with every new run. A record that was read at an earlier epoch may lack what is in the newer runs, so it is not
    /// kept as whole.
    epoch: u64,
    scratch: Vec<u8>,
}

/// How much of what is known of an id is in memory.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum InMemory {
    All,
    /// The runs of this epoch may know more.
    Part {
        epoch: u64,
    },
}

/// By how much the memtable has grown.
#[derive(Clone, Copy, Default)]
pub(super) struct Growth {
    pub(super) memtable: usize,
    pub(super) new_ids: usize,
    pub(super) new_people: usize,
}

/// What a shard adds to a run: records by id, in no order.
#[derive(Default)]
pub(super) struct Flushing {
    bytes: Vec<u8>,
    /// Each id, and where its record ends.
    ends: Vec<(Fingerprint, usize)>,
}

impl Flushing {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn records(&self) -> impl Iterator<Item = (Fingerprint, &[u8])> {
        let mut start = 0;
        self.ends.iter().map(move |(id, end)| {
            let record = self.bytes.get(start..*end).unwrap_or_default();
            start = *end;
            (*id, record)
        })
    }
}

impl Shard {
    /// Adds what was learned of an id.
    pub(super) fn learn(&mut self, fingerprint: Fingerprint, record: &[u8]) -> Growth {
        let mut growth = Growth::default();
        match self.slots.entry(fingerprint) {
            Entry::Occupied(slot) => {
                let slot = slot.into_mut();
                let grown = slot.merge_newer(record, &mut self.records, &mut self.scratch);
                if slot.kept.changes() {
                    growth = Growth::of(self.records.get(slot.place));
                } else {
                    growth.memtable = grown;
                }
            }
            Entry::Vacant(place) => {
                growth = Growth::of(record);
                place.insert(Slot {
                    place: self.records.add(record),
                    kept: Kept::InMemory,
                    is_whole: false,
                    unflushed: Tags::of(record),
                    is_logged: false,
                    generation: self.generation,
                });
            }
        }
        self.close_gaps();
        growth
    }

    /// Adds what is in the log already.
    pub(super) fn restore(&mut self, fingerprint: Fingerprint, record: &[u8]) -> Growth {
        let growth = self.learn(fingerprint, record);
        if let Some(slot) = self.slots.get_mut(&fingerprint) {
            slot.is_logged = true;
        }
        growth
    }

    /// What memory knows of an id, appended to `out`.
    pub(super) fn look_up(&mut self, fingerprint: Fingerprint, out: &mut Vec<u8>) -> InMemory {
        let part = InMemory::Part { epoch: self.epoch };
        let Some(slot) = self.slots.get_mut(&fingerprint) else {
            return part;
        };
        if slot.generation != self.generation {
            slot.generation = self.generation;
            self.young_bytes += slot.bytes();
        }
        let record = self.records.get(slot.place);
        out.extend_from_slice(record);
        if slot.is_whole || is_reset(record) {
            InMemory::All
        } else {
            part
        }
    }

    /// Completes what stands in `out` from `start` on, a record of [`Self::look_up`] at that epoch, by what was read from the
    /// runs, and keeps the whole unless there is a newer run by now. When the shard has more than `limit` bytes, what is in runs
    /// and was not asked for lately goes.
    pub(super) fn complete(
        &mut self,
        fingerprint: Fingerprint,
        (older, epoch): (&[u8], u64),
        limit: usize,
        (out, start): (&mut Vec<u8>, usize),
    ) -> Growth {
        let mut growth = Growth::default();
        if epoch != self.epoch {
            merge_behind(out, start, older, &mut self.scratch);
            return growth;
        }
        let bytes = match self.slots.entry(fingerprint) {
            Entry::Occupied(slot) => {
                let slot = slot.into_mut();
                let grown = slot.merge_older(older, &mut self.records, &mut self.scratch);
                if slot.kept.is_in_memtable() {
                    growth.memtable = grown;
                }
                slot.is_whole = true;
                // More may have been learned meanwhile.
                out.truncate(start);
                out.extend_from_slice(self.records.get(slot.place));
                grown
            }
            Entry::Vacant(place) => {
                let slot = place.insert(Slot {
                    place: self.records.add(older),
                    kept: Kept::InRun,
                    is_whole: true,
                    unflushed: Tags::NONE,
                    is_logged: true,
                    generation: self.generation,
                });
                out.extend_from_slice(older);
                slot.bytes()
            }
        };
        self.young_bytes += bytes;
        // What was learned must stay, so a shard can be full of it: then a generation ends only after some look-ups.
        if self.bytes() > limit && self.young_bytes > limit / 4 {
            let generation = self.generation;
            self.retain(|slot, _| slot.kept != Kept::InRun || slot.generation == generation);
            self.generation = generation.wrapping_add(1);
            self.young_bytes = 0;
        }
        self.close_gaps();
        growth
    }

    /// Appends what the log lacks to the body of a frame. A record that was learned in many parts since then is in it once.
    pub(super) fn take_unlogged(&mut self, body: &mut Vec<u8>) {
        self.write_memtable(body, |slot| !slot.is_logged);
    }

    /// Appends everything that a log of this shard would hold.
    pub(super) fn dump(&mut self, body: &mut Vec<u8>) {
        self.write_memtable(body, |_| true);
    }

    #[expect(
        clippy::iter_over_hash_type,
        reason = "the order of records in a log means nothing"
    )]
    fn write_memtable(&mut self, body: &mut Vec<u8>, wanted: impl Fn(&Slot) -> bool) {
        for (fingerprint, slot) in &mut self.slots {
            if slot.kept.is_in_memtable() && wanted(slot) {
                let record = self.records.fetch(slot.place);
                push_record_with(body, *fingerprint, |body| {
                    push_part(body, record, slot.unflushed);
                });
                slot.is_logged = true;
            }
        }
    }

    /// Begins a run: hands out what is in the memtable, which is in no memtable from now on.
    #[expect(
        clippy::iter_over_hash_type,
        reason = "they are sorted when all are there"
    )]
    pub(super) fn begin_flush(&mut self) -> Flushing {
        let in_memtable = |slot: &&Slot| slot.kept.is_in_memtable();
        let records = self.slots.values().filter(in_memtable);
        let (count, bytes) = records.fold((0, 0), |(count, bytes), slot| {
            (count + 1, bytes + slot.place.len())
        });
        let mut flushing = Flushing {
            bytes: Vec::with_capacity(bytes),
            ends: Vec::with_capacity(count),
        };
        for (fingerprint, slot) in &mut self.slots {
            if slot.kept.is_in_memtable() {
                let record = self.records.fetch(slot.place);
                push_part(&mut flushing.bytes, record, slot.unflushed);
                slot.unflushed = Tags::NONE;
                flushing.ends.push((*fingerprint, flushing.bytes.len()));
                slot.kept = Kept::Flushing;
            }
        }
        flushing
    }

    /// The run is there.
    pub(super) fn end_flush(&mut self) {
        self.retain(|slot, record| {
            slot.kept = match slot.kept {
                Kept::Flushing => Kept::InRun,
                Kept::ChangedSince => Kept::InMemory,
                other => other,
            };
            // What a part of it would be good for is in the run, and one that hides older records hides them there.
            slot.kept != Kept::InRun || slot.is_whole && !is_reset(record)
        });
        self.close_gaps();
        self.epoch += 1;
    }

    /// The run could not be written: what was flushing is memtable again.
    #[expect(clippy::iter_over_hash_type, reason = "each is counted")]
    pub(super) fn undo_flush(&mut self) -> Growth {
        let mut growth = Growth::default();
        for slot in self.slots.values_mut() {
            if matches!(slot.kept, Kept::Flushing | Kept::ChangedSince) {
                slot.unflushed = Tags::ALL;
            }
            match slot.kept {
                Kept::Flushing => {
                    let own = Growth::of(self.records.get(slot.place));
                    growth.memtable += own.memtable;
                    growth.new_ids += own.new_ids;
                    growth.new_people += own.new_people;
                    slot.kept = Kept::InMemory;
                }
                Kept::ChangedSince => slot.kept = Kept::InMemory,
                Kept::InMemory | Kept::InRun => {}
            }
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
        self.retain(|slot, _| {
            slot.is_whole = false;
            slot.unflushed = Tags::ALL;
            slot.kept != Kept::InRun
        });
        self.close_gaps();
        self.young_bytes = 0;
        self.epoch += 1;
    }

    /// Bytes of all records that are there, slots included.
    fn bytes(&self) -> usize {
        self.records.bytes() + self.slots.len() * ENTRY_BYTES
    }

    /// Keeps the records that are wanted.
    fn retain(&mut self, mut wanted: impl FnMut(&mut Slot, &[u8]) -> bool) {
        let records = &mut self.records;
        self.slots.retain(|_, slot| {
            let stays = wanted(slot, records.get(slot.place));
            if !stays {
                records.remove(slot.place);
            }
            stays
        });
    }

    /// Moves the records together where too many between them are gone.
    fn close_gaps(&mut self) {
        if self.records.has_gaps() {
            let places = self.slots.values_mut().map(|slot| &mut slot.place);
            self.records.close_gaps(places);
        }
    }
}

impl Growth {
    /// One more record.
    fn of(record: &[u8]) -> Self {
        Self {
            memtable: ENTRY_BYTES + record.len(),
            new_ids: 1,
            new_people: usize::from(!is_linked(record)),
        }
    }
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
