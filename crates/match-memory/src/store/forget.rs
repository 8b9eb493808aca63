//! Forgetting ids at once, and their records on disk soon.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::flush::Durability;
use super::{Store, lock};
use crate::fingerprint::Fingerprint;
use crate::record::reset;

impl Store {
    /// Forgets these ids: from now on look-ups do not find their records. The records leave the disk with the next
    /// merge, which is due at once.
    pub(crate) fn forget(&self, fingerprints: &[Fingerprint]) -> io::Result<()> {
        let record = reset();
        for fingerprint in fingerprints {
            let mut shard = self.shard(*fingerprint);
            let growth = shard.learn(*fingerprint, &record);
            self.count(growth);
        }
        self.needs_erasure.store(true, Ordering::Relaxed);
        self.folder.remove_damaged()?;
        self.write_log(&mut self.writer(), Durability::Now)
    }

    /// Forgets everything, on disk as well.
    pub(crate) fn forget_all(&self) -> io::Result<()> {
        // A running merge works on records that are about to be removed: stop it instead of waiting for it.
        self.stops_compacting.store(true, Ordering::Relaxed);
        let _compacting = lock(&self.compacting);
        self.stops_compacting.store(false, Ordering::Relaxed);
        let mut writer = self.writer();
        for shard in &self.shards {
            lock(shard).clear();
        }
        self.memtable.clear();
        let runs = self.runs.swap(Arc::default());
        // The log first: written anew, it holds nothing.
        let rewritten = self.rewrite_log(&mut writer);
        runs.iter()
            .try_for_each(|run| self.folder.remove(run.name))?;
        self.folder.remove_damaged()?;
        self.needs_erasure.store(false, Ordering::Relaxed);
        rewritten
    }
}
