//! The log of a run. In a data folder it is on disk, and the run resumes where an earlier one ended.

use std::sync::Arc;

use bytes::Bytes;
use conversions_delivery::{
    DurableLog, EventLog, InputId, InputOffset, LogError, MemoryLog, Progress, Resumption, Totals,
    UnixMillis,
};
use conversions_disk_log::DiskLogOptions;
use conversions_files::MappedChunk;
use conversions_mapping::{OutcomeCounts, SkipReason};
use serde_json::{Value, json};

use crate::data_folder::DataFolder;
use crate::error::AppError;
use crate::notice::Notice;
use crate::send::progress::SendObserver;
use crate::send::report::OtherEvents;
use crate::send::run_totals::RunTotals;

/// Where events are until they are delivered.
#[derive(Clone)]
pub(super) enum RunLog {
    Memory(Arc<MemoryLog>),
    Disk(Arc<ResumableLog>),
}

impl RunLog {
    pub(super) fn as_event_log(&self) -> Arc<dyn EventLog> {
        match self {
            Self::Memory(log) => Arc::clone(log) as Arc<dyn EventLog>,
            Self::Disk(log) => Arc::clone(&log.log) as Arc<dyn EventLog>,
        }
    }
}

/// The log of a data folder, and the input that is read into it.
pub(super) struct ResumableLog {
    pub(super) log: Arc<dyn DurableLog>,
    pub(super) folder: DataFolder,
    input: InputId,
    /// Whether the input can be recognised when it comes again.
    pub(super) recognises_input: bool,
}

impl ResumableLog {
    /// Opens the log. Must be called in a tokio runtime.
    pub(super) fn open(
        folder: DataFolder,
        input: InputId,
        totals: &RunTotals,
        observer: &dyn SendObserver,
    ) -> Result<Self, AppError> {
        let log = folder.open_log(DiskLogOptions::default(), |notice| observer.notice(&notice))?;
        Ok(Self {
            log: Arc::new(log),
            folder,
            input,
            recognises_input: totals.can_be_recognised(),
        })
    }

    /// Forgets that the input was read before.
    pub(super) async fn forget_input(&self) -> Result<(), LogError> {
        self.log.forget_input(self.input).await
    }

    /// Continues the totals of an earlier run that read the same input.
    pub(super) async fn resume(
        &self,
        totals: &mut RunTotals,
        observer: &dyn SendObserver,
    ) -> Result<(), LogError> {
        if let Some(line) = self.reconcile(totals).await? {
            observer.notice(&Notice::Resumed { line });
        }
        Ok(())
    }

    /// Sets the totals to what the log says: a chunk can be safe on disk although the run ended before it heard so. Returns
    /// the last line that the log has.
    pub(super) async fn reconcile(&self, totals: &mut RunTotals) -> Result<Option<u64>, LogError> {
        let Some(resumption) = self.resumption().await? else {
            totals.truncate_rejects(0);
            return Ok(None);
        };
        let note = Note::read(&resumption.note);
        totals.next_line = resumption.line + 1;
        totals.truncate_rejects(note.rejects_length);
        for ((_, counts), noted) in totals.counts.iter_mut().zip(note.counts) {
            *counts = noted;
        }
        count_duplicates(totals, resumption.duplicates);
        Ok(Some(resumption.line))
    }

    /// The position and totals after a chunk. The log keeps them in the same transaction as its events.
    pub(super) fn offset(&self, totals: &RunTotals, chunk: &MappedChunk) -> InputOffset {
        let mut counts: Vec<_> = totals
            .counts
            .iter()
            .map(|(_, counts)| counts.clone())
            .collect();
        for (counts, one) in counts.iter_mut().zip(&chunk.destinations) {
            counts.merge(&mut one.counts.clone());
        }
        let note = json!({ "tallies": counts, "rejects_length": totals.rejects_length() });
        InputOffset {
            input: self.input,
            line: chunk.last_line,
            note: Bytes::from(note.to_string()),
        }
    }

    /// What became of the events of this input, in all runs that read it. Requests and retries are those of this run.
    pub(super) async fn input_totals(&self, progress: &Progress) -> Result<Totals, LogError> {
        let all = progress.total();
        let Some(own) = self.resumption().await? else {
            return Ok(Totals {
                pending: 0,
                delivered: 0,
                dead_lettered: 0,
                ..all
            });
        };
        Ok(Totals {
            accepted: own.appended,
            duplicates: own.duplicates,
            delivered: own.delivered,
            dead_lettered: own.dead_lettered,
            pending: own.pending(),
            ..all
        })
    }

    /// Requeues dead letters whose replay was asked for, so that this run sends them too.
    pub(super) async fn requeue_replays(
        &self,
        now: UnixMillis,
        observer: &dyn SendObserver,
    ) -> Result<(), LogError> {
        let letters = self.log.requeue_replays(now).await?;
        if letters > 0 {
            observer.notice(&Notice::Requeued { letters });
        }
        Ok(())
    }

    /// Events of the input that were delivered so far.
    pub(super) async fn delivered(&self) -> Result<u64, LogError> {
        let resumption = self.resumption().await?;
        Ok(resumption.map_or(0, |own| own.delivered))
    }

    /// What became of events of other inputs; `delivered_before` events of this input were delivered before the run.
    pub(super) async fn other_events(
        &self,
        delivered_before: u64,
        own: &Totals,
        progress: &Progress,
    ) -> Result<OtherEvents, LogError> {
        let backlogs = self.log.backlogs().await?;
        let all: u64 = backlogs.values().map(|backlog| backlog.events).sum();
        let own_in_this_run = own.delivered.saturating_sub(delivered_before);
        Ok(OtherEvents {
            delivered: progress.total().delivered.saturating_sub(own_in_this_run),
            pending: all.saturating_sub(own.pending),
        })
    }

    async fn resumption(&self) -> Result<Option<Resumption>, LogError> {
        self.log.resumption(self.input).await
    }
}

/// What an input offset keeps for the reader of the input.
#[derive(Default)]
struct Note {
    counts: Vec<OutcomeCounts>,
    rejects_length: u64,
}

impl Note {
    /// A note that cannot be read, of a future version perhaps, is empty: the position still holds.
    fn read(bytes: &[u8]) -> Self {
        let note: Value = serde_json::from_slice(bytes).unwrap_or_default();
        let counts = note["tallies"].as_array().map_or(&[][..], Vec::as_slice);
        Self {
            counts: counts.iter().map(OutcomeCounts::from_json).collect(),
            rejects_length: note["rejects_length"].as_u64().unwrap_or(0),
        }
    }
}

/// An input offset is written before it is known which events of its chunk are duplicates. The log has counted them.
fn count_duplicates(totals: &mut RunTotals, duplicates: u64) {
    let skipped = |(_, counts): &(String, OutcomeCounts)| {
        counts
            .skipped
            .get(SkipReason::Duplicate.name())
            .copied()
            .unwrap_or(0)
    };
    let known: u64 = totals.counts.iter().map(skipped).sum();
    for _ in known..duplicates {
        if let Some((_, counts)) = totals
            .counts
            .iter_mut()
            .find(|(_, counts)| counts.accepted > 0)
        {
            counts.move_to_skipped(SkipReason::Duplicate);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_read_as_they_were_written() {
        let mut counts = OutcomeCounts::default();
        counts.count_accepted();
        counts.count_skipped(SkipReason::NotTrack);
        let note = json!({ "tallies": [counts], "rejects_length": 7 }).to_string();
        let read = Note::read(note.as_bytes());
        assert_eq!((read.counts, read.rejects_length), (vec![counts], 7));
        assert!(Note::read(b"").counts.is_empty());
    }
}
