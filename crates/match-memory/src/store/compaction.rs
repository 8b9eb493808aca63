//! Merges several runs into one.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::folder::{FileName, Folder};
use super::id_sample::{EvictionCutoff, IdSample};
use super::sorted_run::{Cursor, SortedRun, SortedRunError, SortedRunWriter};
use crate::record::{expire, is_fresh, is_reset, last_seen, merge};

/// How many runs of about the same size are merged at once. With fewer, records are copied more often; with more, a
/// look-up reads more runs.
const FAN_IN: usize = 8;

/// Records of a large merge between two looks at what was flushed since it began.
const RECORDS_BETWEEN: usize = 10_000;

/// What one merge does.
pub(super) struct Plan {
    /// Neighbours, oldest first.
    pub(super) runs: Vec<Arc<SortedRun>>,
    /// Whether the oldest run is among them. Then resets have nothing left to hide, and are dropped.
    pub(super) is_bottom: bool,
    /// Entries from before this time expire, Unix milliseconds.
    pub(super) oldest: u64,
    /// Which ids are dropped because there are too many people.
    pub(super) cutoff: EvictionCutoff,
}

impl Plan {
    /// All runs, with no more people than `max_people` in the end.
    pub(super) fn full(runs: &[Arc<SortedRun>], oldest: u64, max_people: u64) -> Self {
        let people = IdSample::union(runs.iter().map(|run| &run.sample));
        let cutoff = if people.people() > max_people {
            // Drops 5 % more than needed; otherwise a few new people would cause the next full merge.
            people.cutoff(max_people - max_people / 20)
        } else {
            EvictionCutoff::NONE
        };
        Self {
            runs: runs.to_vec(),
            is_bottom: true,
            oldest,
            cutoff,
        }
    }

    /// The newest neighbours of about one size, none of them before `from`, if there are enough of them.
    pub(super) fn of_newest(runs: &[Arc<SortedRun>], from: usize, oldest: u64) -> Option<Self> {
        (from..=runs.len()).rev().find_map(|end| {
            let first = Self::first_of_about_one_size(runs.get(from..end)?)? + from;
            Some(Self {
                runs: runs.get(first..end)?.to_vec(),
                is_bottom: first == 0,
                oldest,
                cutoff: EvictionCutoff::NONE,
            })
        })
    }

    /// Where the last runs begin that are of about one size, if there are enough of them.
    fn first_of_about_one_size(runs: &[Arc<SortedRun>]) -> Option<usize> {
        let mut bytes = 0;
        let mut first = runs.len();
        for run in runs.iter().rev() {
            // A run that is much larger than all newer ones together is not worth copying yet.
            if bytes > 0 && run.bytes > 2 * bytes {
                break;
            }
            bytes += run.bytes;
            first -= 1;
        }
        (runs.len() - first >= FAN_IN).then_some(first)
    }

    /// The numbers of the logs that the runs are made of.
    fn range(&self) -> Option<(u64, u64)> {
        let range = |run: &Arc<SortedRun>| match run.name {
            FileName::SortedRun { first, last, .. } => Some((first, last)),
            FileName::WriteAheadLog(_) => None,
        };
        let (first, _) = range(self.runs.first()?)?;
        let (_, last) = range(self.runs.last()?)?;
        Some((first, last))
    }

    /// Merges the runs. Returns `None` if `stop` was set. Calls `meanwhile` again and again, for what cannot wait until a large
    /// merge is done.
    pub(super) fn run(
        &self,
        folder: &Folder,
        stop: &AtomicBool,
        mut meanwhile: impl FnMut(),
    ) -> Result<Option<SortedRun>, CompactionError> {
        let Some((first, last)) = self.range() else {
            return Ok(None);
        };
        let bytes = self.runs.iter().map(|run| run.bytes).sum();
        folder.check_room(bytes).map_err(CompactionError::Write)?;
        let has_resets = !self.is_bottom && self.runs.iter().any(|run| run.has_resets());
        let name = FileName::SortedRun {
            first,
            last,
            has_resets,
        };
        let ids = IdSample::union(self.runs.iter().map(|run| &run.sample)).ids();
        // The number is estimated: the Bloom filter gets some room more.
        let room = usize::try_from(ids + ids / 32 + 64).unwrap_or(usize::MAX);
        let mut writer =
            SortedRunWriter::begin(folder, name, room).map_err(CompactionError::Write)?;
        let mut cursors = Vec::with_capacity(self.runs.len());
        // Newest first: a reset hides the older records that follow.
        for run in self.runs.iter().rev() {
            cursors.push(Cursor::new(run).map_err(|error| CompactionError::read(run, error))?);
        }
        let (mut record, mut merged, mut kept) = (Vec::new(), Vec::new(), Vec::new());
        let mut records = 0_usize;
        while let Some(next) = cursors.iter().filter_map(Cursor::id).min() {
            if stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            records += 1;
            if records.is_multiple_of(RECORDS_BETWEEN) {
                meanwhile();
            }
            record.clear();
            for (cursor, run) in cursors.iter_mut().zip(self.runs.iter().rev()) {
                let Some((_, older)) = cursor.current().filter(|(id, _)| *id == next) else {
                    continue;
                };
                if record.is_empty() {
                    record.extend_from_slice(older);
                } else if !is_reset(&record) {
                    merge(&record, older, &mut merged);
                    std::mem::swap(&mut record, &mut merged);
                }
                cursor
                    .advance()
                    .map_err(|error| CompactionError::read(run, error))?;
            }
            if !self.cutoff.keeps(next, last_seen(&record)) {
                continue;
            }
            kept.clear();
            if !is_fresh(&record, self.oldest) {
                expire(&record, self.oldest, !self.is_bottom, &mut kept);
                std::mem::swap(&mut record, &mut kept);
            }
            if !record.is_empty() {
                writer.push(next, &record).map_err(CompactionError::Write)?;
            }
        }
        writer
            .finish(folder)
            .map(Some)
            .map_err(CompactionError::Write)
    }
}

/// Why runs were not merged.
#[derive(Debug)]
pub(super) enum CompactionError {
    /// A run is damaged.
    Damaged(FileName),
    Read(io::Error),
    Write(io::Error),
}

impl CompactionError {
    fn read(run: &SortedRun, error: SortedRunError) -> Self {
        match error {
            SortedRunError::Damaged => Self::Damaged(run.name),
            SortedRunError::Io(error) => Self::Read(error),
        }
    }
}
