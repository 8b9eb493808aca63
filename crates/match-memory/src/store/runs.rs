//! The list of runs: a new one is added, several are merged into one when it is time, a damaged one is put aside.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::compaction::{CompactionError, Plan};
use super::folder::put_aside;
use super::sorted_run::{SortedRun, SortedRunError};
use super::{Store, lock};

/// How often all runs are merged, so that expired records leave the disk: once a day, in milliseconds.
const MERGE_ALL_EVERY: u64 = 24 * 3600 * 1000;

/// How a merge has ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum MergeOutcome {
    Merged,
    /// One of the runs was damaged, and was put aside: the others can be merged now.
    Damaged,
    /// It was stopped, or the disk is full.
    NotMerged,
}

impl Store {
    /// Replaces the list of runs by what `change` makes of it; it may be called several times.
    fn change_runs(&self, mut change: impl FnMut(&[Arc<SortedRun>]) -> Vec<Arc<SortedRun>>) {
        self.runs.rcu(|runs| change(runs));
        self.measure_runs();
    }

    /// Notes how much memory the runs take.
    pub(super) fn measure_runs(&self) {
        let bytes = self.runs.load().iter().map(|run| run.memory()).sum();
        self.runs_memory.store(bytes, Ordering::Relaxed);
    }

    /// Adds the newest run.
    pub(super) fn add_run(&self, run: Option<SortedRun>) {
        let Some(run) = run.map(Arc::new) else { return };
        self.change_runs(|runs| {
            let mut runs = runs.to_vec();
            runs.push(Arc::clone(&run));
            runs
        });
    }

    /// Merges runs if it is time: a few of about the same size, or all, when records have to leave the disk. Returns
    /// whether anything was done.
    pub(crate) fn compact(&self, now: u64) -> bool {
        let _compacting = lock(&self.compacting);
        let oldest = now.saturating_sub(self.limits.ttl_millis);
        let is_erasing = self.needs_erasure.load(Ordering::Relaxed);
        if is_erasing {
            // The resets must be in a run before a merge can apply them to older records.
            let flushed = self.flush();
            if flushed.is_err() {
                self.record_write(flushed);
                return false;
            }
        }
        let runs = self.runs.load_full();
        let is_daily =
            now.saturating_sub(self.merged_at.load(Ordering::Relaxed)) >= MERGE_ALL_EVERY;
        let merges_all = !runs.is_empty() && (is_erasing || is_daily || self.has_too_many_people());
        let plan = if merges_all {
            Some(Plan::full(&runs, oldest, self.limits.max_people))
        } else {
            Plan::of_newest(&runs, 0, oldest)
        };
        let Some(plan) = plan else {
            if is_erasing {
                self.needs_erasure.store(false, Ordering::Relaxed);
            }
            return false;
        };
        drop(runs);
        let outcome = self.merge(plan);
        if merges_all && outcome == MergeOutcome::Merged {
            // What was evicted or has expired may still be in the cache.
            for shard in &self.shards {
                lock(shard).drop_cache();
            }
            self.merged_at.store(now, Ordering::Relaxed);
            self.needs_erasure.store(false, Ordering::Relaxed);
        }
        outcome != MergeOutcome::NotMerged
    }

    /// Merges runs, and meanwhile those that are flushed, so that there are never many.
    fn merge(&self, plan: Plan) -> MergeOutcome {
        let last = plan.runs.last().cloned();
        let oldest = plan.oldest;
        let merge_newer = || {
            let runs = self.runs.load_full();
            let is_last = |run| last.as_ref().is_some_and(|last| Arc::ptr_eq(last, run));
            let newer = runs.iter().position(is_last).map(|last| last + 1);
            if let Some(plan) = newer.and_then(|newer| Plan::of_newest(&runs, newer, oldest)) {
                drop(runs);
                self.merge(plan);
            }
        };
        match plan.run(&self.folder, &self.stops_compacting, merge_newer) {
            Ok(None) => MergeOutcome::NotMerged,
            Ok(Some(run)) => {
                let run = Arc::new(run);
                self.replace_runs(&plan.runs, &run);
                // It may wait for room in the list.
                self.wake();
                // Their filters make room for its own.
                drop((plan, last));
                self.load_filter(&run);
                MergeOutcome::Merged
            }
            Err(CompactionError::Damaged(name)) => {
                if let Some(run) = plan.runs.iter().find(|run| run.name == name) {
                    self.put_aside(run);
                }
                MergeOutcome::Damaged
            }
            Err(CompactionError::Read(error) | CompactionError::Write(error)) => {
                tracing::warn!(%error, "files of the match memory cannot be merged; it is tried again");
                MergeOutcome::NotMerged
            }
        }
    }

    fn replace_runs(&self, old: &[Arc<SortedRun>], new: &Arc<SortedRun>) {
        let is_old = |run: &Arc<SortedRun>| old.iter().any(|old| Arc::ptr_eq(old, run));
        self.change_runs(|runs| {
            let mut merged = Vec::with_capacity(runs.len());
            for run in runs {
                if !is_old(run) {
                    merged.push(Arc::clone(run));
                } else if old.first().is_some_and(|first| Arc::ptr_eq(first, run)) {
                    merged.push(Arc::clone(new));
                }
            }
            merged
        });
        for run in old.iter().filter(|run| run.name != new.name) {
            if let Err(error) = self.folder.remove(run.name) {
                tracing::warn!(%error, "an old file of the match memory cannot be removed");
            }
        }
    }

    /// Reads the filter of a run that was written without keeping it in memory. Until then look-ups read a page of it.
    fn load_filter(&self, run: &Arc<SortedRun>) {
        if run.has_filter() {
            return;
        }
        match SortedRun::open(&self.folder, run.name) {
            Ok(whole) => {
                let whole = Arc::new(whole);
                self.change_runs(|runs| {
                    let replaced = runs.iter().map(|other| {
                        let is_it = Arc::ptr_eq(other, run);
                        Arc::clone(if is_it { &whole } else { other })
                    });
                    replaced.collect::<Vec<_>>()
                });
            }
            Err(SortedRunError::Damaged) => self.put_aside(run),
            Err(SortedRunError::Io(error)) => {
                tracing::warn!(%error, "the index of a file of the match memory cannot be read; look-ups take longer");
            }
        }
    }

    /// Puts a damaged run aside. If it has resets, all older runs go with it: without the resets, forgotten records in
    /// them would come back.
    pub(super) fn put_aside(&self, damaged: &Arc<SortedRun>) {
        let mut gone: Vec<Arc<SortedRun>> = Vec::new();
        self.change_runs(|runs| {
            gone.clear();
            let position = runs.iter().position(|run| Arc::ptr_eq(run, damaged));
            let Some(position) = position else {
                return runs.to_vec();
            };
            let first = if damaged.has_resets() { 0 } else { position };
            let mut kept = runs.to_vec();
            gone.extend(kept.drain(first..=position));
            kept
        });
        for run in &gone {
            put_aside(&self.folder, run.name);
        }
        for shard in &self.shards {
            lock(shard).drop_cache();
        }
    }
}
