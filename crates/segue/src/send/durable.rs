//! A run with a data folder: events go through a log on disk, and the input is known again when it comes again.

use std::sync::Arc;

use bytes::Bytes;
use conversions_delivery::{
    DurableLog, InputId, InputOffset, Progress, Resumption, Totals, UnixMillis,
};
use conversions_disk_log::DiskLogOptions;
use conversions_mapping::SkipReason;
use serde_json::{Value, json};

use crate::data_folder::DataFolder;
use crate::failure::{Failure, say_wrapped};
use crate::send::account::Account;
use crate::send::feed::MappedChunk;
use crate::send::report::Others;
use crate::terminal::grouped;
use conversions_mapping::OutcomeCounts;

/// The log of a data folder, and the input that is read into it.
pub(crate) struct Durable {
    pub(crate) log: Arc<dyn DurableLog>,
    pub(crate) folder: DataFolder,
    input: InputId,
    /// Whether the input can be recognised when it comes again.
    pub(crate) comes_again: bool,
}

impl Durable {
    /// Opens the log. Must be called in a tokio runtime.
    pub(crate) fn open(
        folder: DataFolder,
        input: InputId,
        comes_again: bool,
    ) -> Result<Self, Failure> {
        let log = folder.open_log(DiskLogOptions::default())?;
        Ok(Self {
            log: Arc::new(log),
            folder,
            input,
            comes_again,
        })
    }

    /// Forgets that the input was read before.
    pub(crate) async fn restart(&self) -> Result<(), Failure> {
        self.log
            .forget_input(self.input)
            .await
            .map_err(|error| Failure::of(&error))
    }

    /// Takes up the books of an earlier run that read the same input.
    pub(crate) async fn resume(&self, account: &mut Account) -> Result<(), Failure> {
        if let Some(line) = self.balance(account).await? {
            say_wrapped(&format!(
                "This input was read before, up to line {}; only what comes behind is read. (--restart begins anew.)",
                grouped(line),
            ));
        }
        Ok(())
    }

    /// Brings the books to what is on disk, which is the truth: a chunk can be safe there although its run was ended
    /// before it heard of that. Says the last line that is dealt with, if one is.
    pub(crate) async fn balance(&self, account: &mut Account) -> Result<Option<u64>, Failure> {
        let Some(resumption) = self.resumption().await? else {
            account.cut_rejects(0);
            return Ok(None);
        };
        let note = Note::read(&resumption.note);
        account.next_line = resumption.line + 1;
        account.cut_rejects(note.rejects_length);
        for ((_, tally), noted) in account.tallies.iter_mut().zip(note.tallies) {
            *tally = noted;
        }
        settle_duplicates(account, resumption.duplicates);
        Ok(Some(resumption.line))
    }

    /// What is kept with a chunk, in one step with its events.
    pub(crate) fn offset(&self, account: &Account, chunk: &MappedChunk) -> InputOffset {
        let mut tallies: Vec<_> = account
            .tallies
            .iter()
            .map(|(_, tally)| tally.clone())
            .collect();
        for (tally, routed) in tallies.iter_mut().zip(&chunk.routed) {
            tally.merge(&mut routed.tally.clone());
        }
        let note = json!({ "tallies": tallies, "rejects_length": account.rejects_length() });
        InputOffset {
            input: self.input,
            line: chunk.last_line,
            note: Bytes::from(note.to_string()),
        }
    }

    /// What became of the events of this input, in all runs that read it.
    pub(crate) async fn totals(&self, progress: &Progress) -> Result<Totals, Failure> {
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

    /// Puts dead letters back whose replay was asked for, so that this run sends them too.
    pub(crate) async fn requeue_replays(&self, now: UnixMillis) -> Result<(), Failure> {
        let taken_up = self.log.requeue_replays(now).await;
        let taken_up = taken_up.map_err(|error| Failure::of(&error))?;
        if taken_up > 0 {
            say_wrapped(&format!(
                "{} put back and sent again.",
                if taken_up == 1 {
                    "1 dead letter is".to_owned()
                } else {
                    format!("{} dead letters are", grouped(taken_up))
                }
            ));
        }
        Ok(())
    }

    /// How many events of the input were delivered so far.
    pub(crate) async fn delivered(&self) -> Result<u64, Failure> {
        let resumption = self.resumption().await?;
        Ok(resumption.map_or(0, |own| own.delivered))
    }

    /// What became of events that are not of this input, which had so many delivered when the run began.
    pub(crate) async fn others(
        &self,
        before: u64,
        own: &Totals,
        progress: &Progress,
    ) -> Result<Others, Failure> {
        let backlogs = self.log.backlogs().await;
        let backlogs = backlogs.map_err(|error| Failure::of(&error))?;
        let all: u64 = backlogs.values().map(|backlog| backlog.events).sum();
        let in_this_run = own.delivered.saturating_sub(before);
        Ok(Others {
            delivered: progress.total().delivered.saturating_sub(in_this_run),
            pending: all.saturating_sub(own.pending),
        })
    }

    async fn resumption(&self) -> Result<Option<Resumption>, Failure> {
        self.log
            .resumption(self.input)
            .await
            .map_err(|error| Failure::of(&error))
    }
}

/// What an input offset keeps for the reader.
#[derive(Default)]
struct Note {
    tallies: Vec<OutcomeCounts>,
    rejects_length: u64,
}

impl Note {
    fn read(bytes: &[u8]) -> Self {
        let note: Value = serde_json::from_slice(bytes).unwrap_or_default();
        let tallies = note["tallies"].as_array().map_or(&[][..], Vec::as_slice);
        Self {
            tallies: tallies.iter().map(OutcomeCounts::from_json).collect(),
            rejects_length: note["rejects_length"].as_u64().unwrap_or(0),
        }
    }
}

/// A chunk is noted before it is known which of its events are duplicates; the log has counted them.
fn settle_duplicates(account: &mut Account, counted: u64) {
    let known = |(_, tally): &(String, OutcomeCounts)| {
        tally
            .skipped
            .get(SkipReason::Duplicate.name())
            .copied()
            .unwrap_or(0)
    };
    let known: u64 = account.tallies.iter().map(known).sum();
    for _ in known..counted {
        if let Some((_, tally)) = account
            .tallies
            .iter_mut()
            .find(|(_, tally)| tally.accepted > 0)
        {
            tally.move_to_skipped(SkipReason::Duplicate);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_read_as_they_were_written() {
        let mut tally = OutcomeCounts::default();
        tally.count_accepted();
        tally.count_accepted();
        tally.move_to_skipped(SkipReason::Duplicate);
        tally.count_skipped(SkipReason::NotTrack);
        tally.count_rejected(conversions_mapping::RejectReason::Message(
            conversions_mapping::MessageFault::InvalidJson,
        ));
        let note = json!({ "tallies": [tally], "rejects_length": 7 }).to_string();
        let read = Note::read(note.as_bytes());
        assert_eq!((read.tallies, read.rejects_length), (vec![tally], 7));
        assert!(Note::read(b"").tallies.is_empty());
    }
}
