//! A commit: to the journal when that will do, to the tables otherwise.
//!
//! A *checkpoint* writes everything that is in the journal only into the tables, and truncates the journal.

use conversions_delivery::LogError;
use tokio::runtime::Handle;

use crate::change::Change;
use crate::inputs::InputChanges;
use crate::journal::JournalError;
use crate::lock::lock;
use crate::shared::{Shared, UnflushedFrames};
use crate::store::End;
use crate::write_batch::WriteBatch;

/// At most this many bytes of events are in the journal and in memory only. That is several large commits: most events are
/// delivered before a checkpoint would write them into the tables, which costs several times as much as the journal.
const MAX_UNFLUSHED_BYTES: u64 = 8 << 20;
/// The journal is truncated at this length at the latest, because opening a log after a kill reads all of it.
const MAX_JOURNAL_BYTES: u64 = 256 << 20;
/// Past this length it is truncated early, if little of it is unsettled ([`CHEAP_CHECKPOINT_BYTES`]).
const LONG_JOURNAL_BYTES: u64 = 64 << 20;
/// Writing this much into the tables costs little.
const CHEAP_CHECKPOINT_BYTES: u64 = 3 << 20;

/// Makes changes durable and replies to their callers.
pub(crate) fn commit(shared: &Shared, changes: Vec<Box<dyn Change>>) {
    // When checkpoints fail, the journal takes up to twice as much. After that, appends go into the tables, which
    // refuse them.
    let is_usable = shared.journal.is_usable() && !is_unflushed_over(shared, 2);
    let (for_journal, for_tables): (Vec<_>, Vec<_>) = changes
        .into_iter()
        .partition(|change| is_usable && change.fits_journal(shared));
    if !for_journal.is_empty() {
        commit_to_journal(shared, for_journal);
    }
    let is_checkpoint = is_unflushed_over(shared, 1)
        || is_journal_over(shared)
        || for_tables
            .iter()
            .any(|change| change.needs_checkpoint(shared));
    if is_checkpoint || !for_tables.is_empty() {
        commit_to_tables(shared, for_tables, is_checkpoint);
    }
}

/// Makes a checkpoint that no change asked for. After a failure everything stays in the journal.
pub(crate) fn checkpoint_now(shared: &Shared) {
    if shared.store.is_open() && shared.has_unflushed() {
        commit_to_tables(shared, Vec::new(), true);
    }
}

fn commit_to_journal(shared: &Shared, mut changes: Vec<Box<dyn Change>>) {
    let mut batch = WriteBatch::new(shared);
    for change in &mut changes {
        change.add_to_batch(&mut batch);
    }
    take_keys(&mut batch, &mut changes);
    let written = if batch.is_dirty {
        shared.journal.write(&mut batch.commit_record())
    } else {
        Ok(())
    };
    match written {
        Ok(()) => {
            let mut committed = batch.into_committed();
            committed.count_added(shared, true);
            let mut state = shared.state();
            state.next_key = committed.next_key;
            state.dedup.remember(&committed.new_ids.bytes);
            state.journaled_inputs.extend(committed.inputs);
            drop(state);
            finish(shared, changes);
        }
        Err(JournalError::Write(error)) => {
            let reason = error.to_string();
            fail(shared, changes, &LogError::Unavailable { reason });
        }
        Err(JournalError::Sync(error)) => {
            let error = shared.store.fail(error.to_string());
            fail(shared, changes, &error);
        }
    }
}

fn commit_to_tables(shared: &Shared, mut changes: Vec<Box<dyn Change>>, is_checkpoint: bool) {
    let unflushed = (is_checkpoint && shared.has_unflushed()).then(|| shared.unflushed());
    let result = shared.store.write(|transaction| {
        let mut batch = WriteBatch::new(shared);
        batch.skip_used_keys(transaction)?;
        if let Some(unflushed) = &unflushed {
            batch.checkpoint(transaction, unflushed)?;
        }
        for change in &mut changes {
            change.write_to_tables(transaction, &mut batch)?;
        }
        take_keys(&mut batch, &mut changes);
        if batch.is_dirty {
            batch.write(transaction)?;
            if is_checkpoint {
                shared.state().dedup.write(transaction, &batch.new_ids)?;
            }
        }
        let committed = batch.into_committed();
        Ok(if committed.is_dirty {
            End::Commit(committed)
        } else {
            End::Abort(committed)
        })
    });
    match result {
        Ok(mut committed) => {
            let mut state = shared.state();
            state.next_key = committed.next_key;
            if is_checkpoint {
                state.dedup.finish_write(&committed.new_ids);
            }
            drop(state);
            if let Some(unflushed) = unflushed {
                finish_checkpoint(shared, &unflushed);
            }
            committed.count_added(shared, false);
            finish(shared, changes);
        }
        Err(error) => {
            // It is unknown whether the commit is in the tables. A frame that follows could contradict it, so the
            // journal takes none until a checkpoint has succeeded.
            shared.journal.disable();
            if is_checkpoint {
                shared.start_append_cooldown(&error);
            }
            fail(shared, changes, &error);
        }
    }
}

/// Assigns the keys of what is appended, and tells the changes.
fn take_keys(batch: &mut WriteBatch<'_>, changes: &mut [Box<dyn Change>]) {
    batch.assign_keys();
    for change in changes {
        change.take_keys(batch);
    }
}

/// After a checkpoint: nothing is unflushed, and the journal can be truncated.
fn finish_checkpoint(shared: &Shared, unflushed: &UnflushedFrames) {
    for (destination, _) in unflushed {
        let (_, partition) = shared.partition_of(destination);
        lock(&partition).finish_checkpoint();
    }
    shared.state().journaled_inputs = InputChanges::default();
    shared.journal.truncate();
}

/// Completes changes that are durable. A task of the runtime replies to the callers: waking each of them from this thread
/// would cost a system call each.
fn finish(shared: &Shared, mut changes: Vec<Box<dyn Change>>) {
    for change in &mut changes {
        change.update_memory(shared);
    }
    let reply = move || changes.into_iter().for_each(Change::reply_done);
    match Handle::try_current() {
        Ok(runtime) => drop(runtime.spawn(async move { reply() })),
        Err(_) => reply(),
    }
}

fn fail(shared: &Shared, changes: Vec<Box<dyn Change>>, error: &LogError) {
    if changes.iter().any(|change| change.appended_bytes() > 0) {
        shared.start_append_cooldown(error);
    }
    for change in changes {
        change.reply_failed(error.clone());
    }
}

/// Whether more than `times` the limit is in the journal only.
fn is_unflushed_over(shared: &Shared, times: u64) -> bool {
    let limit = MAX_UNFLUSHED_BYTES.min(shared.options.disk_bytes / 16) * times;
    // The length of the journal, which is never smaller, is known at once; the unflushed bytes have to be added up over
    // all destinations.
    shared.journal.bytes() > limit && shared.unflushed_bytes() > limit
}

/// Whether the journal has to be truncated, or can be at little cost.
fn is_journal_over(shared: &Shared) -> bool {
    let limit = shared.options.disk_bytes / 8;
    let bytes = shared.journal.bytes();
    bytes > MAX_JOURNAL_BYTES.min(limit)
        || bytes > LONG_JOURNAL_BYTES.min(limit)
            && shared.unflushed_bytes() < CHEAP_CHECKPOINT_BYTES
}
