//! What was told and is not written yet.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::trace::batch::EventBatch;
use crate::trace::event::Provenance;

/// Bytes that wait at most. Two buffers of this size exist while one is written.
const MAX_BYTES: usize = 4 << 20;
/// From so many bytes on the writer is woken.
const MUCH_BYTES: usize = 1 << 20;
/// Provenances that wait at most: more than the newest events are not shown anyway.
const MAX_PROVENANCES: usize = 1000;

/// Records, waiting for the writer.
#[derive(Default)]
pub(super) struct Buffer {
    told: Mutex<Told>,
    spare: Mutex<Vec<u8>>,
    dropped: AtomicU64,
}

/// Records that were told since the last time they were taken.
#[derive(Default)]
pub(super) struct Told {
    pub(super) records: Vec<u8>,
    /// How many of the records are events.
    pub(super) events: u32,
    /// Provenance by index of the event.
    pub(super) provenances: Vec<(u32, Provenance)>,
    /// When it was taken, records were dropped: all of them since the process started.
    pub(super) dropped: u64,
}

impl Buffer {
    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn drop_records(&self, count: u64) {
        self.dropped.fetch_add(count, Ordering::Relaxed);
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Adds the events of a request. Says whether the writer is to be woken.
    pub(super) fn add_events(&self, batch: &mut EventBatch, keys: &[Option<u64>]) -> bool {
        let provenances = std::mem::take(&mut batch.provenances);
        let events = batch.events;
        let is_much = self.add_records(batch.records(keys), events, provenances);
        batch.clear();
        is_much
    }

    fn add_records(
        &self,
        records: &[u8],
        events: u32,
        provenances: Vec<(u32, Provenance)>,
    ) -> bool {
        let mut told = self.told();
        let before = told.records.len();
        if before + records.len() > MAX_BYTES {
            drop(told);
            self.drop_records(u64::from(events));
            return false;
        }
        told.records.extend_from_slice(records);
        let room = MAX_PROVENANCES.saturating_sub(told.provenances.len());
        let first = told.events;
        let provenances = provenances.into_iter().take(room);
        told.provenances
            .extend(provenances.map(|(index, provenance)| (first + index, provenance)));
        told.events += events;
        before < MUCH_BYTES && told.records.len() >= MUCH_BYTES
    }

    /// Adds one record of another kind. Says whether the writer is to be woken.
    pub(super) fn add(&self, put: impl FnOnce(&mut Vec<u8>)) -> bool {
        let mut told = self.told();
        let before = told.records.len();
        if before > MAX_BYTES {
            drop(told);
            self.drop_records(1);
            return false;
        }
        put(&mut told.records);
        before < MUCH_BYTES && told.records.len() >= MUCH_BYTES
    }

    /// Takes what was told; `None` if that is nothing.
    pub(super) fn take(&self) -> Option<Told> {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let mut told = self.told();
        if told.records.is_empty() {
            return None;
        }
        let records = std::mem::take(&mut *spare);
        let taken = std::mem::replace(
            &mut *told,
            Told {
                records,
                ..Told::default()
            },
        );
        Some(Told {
            dropped: self.dropped(),
            ..taken
        })
    }

    /// Takes the memory back.
    pub(super) fn recycle(&self, mut told: Told) {
        told.records.clear();
        *self.spare.lock().unwrap_or_else(PoisonError::into_inner) = told.records;
    }
}
