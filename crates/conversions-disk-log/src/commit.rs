//! A commit: to the journal when that will do, to the tables otherwise.
//!
//! A *checkpoint* writes into the tables where everything is that is in the journal only.

use std::sync::atomic::Ordering;

use conversions_delivery::LogError;
use tokio::runtime::Handle;

use crate::change::Change;
use crate::inputs::InputChanges;
use crate::journal::{JournalError, JournalPosition};
use crate::lock::lock;
use crate::rows;
use crate::segment_use::SegmentUse;
use crate::shared::{Shared, UnflushedFrames};
use crate::store::End;
use crate::write_batch::WriteBatch;

/// At most this many bytes of events that only the journal holds are in memory too. That is several large commits: most
/// events are delivered before they would need rows in the tables.
const MAX_UNFLUSHED_BYTES: u64 = 8 << 20;
/// A segment of the journal is followed by another past this length. It is removed as a whole, so a longer one would stay
/// longer for its last event; opening a log after a kill reads no more than this.
const SEGMENT_BYTES: u64 = 64 << 20;
/// The segment of an empty log may have this length before another takes its place, so that a trickle of events makes
/// no checkpoints.
pub(crate) const EMPTY_SEGMENT_BYTES: u64 = 1 << 20;

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
        || is_segment_full(shared)
        || for_tables
            .iter()
            .any(|change| change.needs_checkpoint(shared));
    if is_checkpoint || !for_tables.is_empty() {
        commit_to_tables(shared, for_tables, is_checkpoint);
    }
}

/// Makes a checkpoint that no change asked for. After a failure everything stays in the journal.
pub(crate) fn checkpoint_now(shared: &Shared) {
    if shared.store.is_open() && (shared.has_unflushed() || is_segment_due(shared)) {
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
        let mut record = batch.commit_record();
        let written = shared.journal.write(&mut record);
        written.map(|place| record.locations(&place).collect())
    } else {
        Ok(Vec::new())
    };
    match written {
        Ok(locations) => {
            let mut committed = batch.into_committed();
            committed.count_added(shared, locations.into_iter());
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
    let rolls = is_segment_due(shared);
    let checkpoint = (is_checkpoint && (rolls || shared.has_unflushed())).then(|| {
        let position = shared.journal.prepare_checkpoint(rolls);
        (shared.unflushed(), position)
    });
    let result = shared.store.write(|transaction| {
        let mut batch = WriteBatch::new(shared);
        batch.skip_used_keys(transaction)?;
        if let Some((unflushed, position)) = &checkpoint {
            batch.checkpoint(transaction, unflushed, *position)?;
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
            state
                .segments
                .apply(std::mem::take(&mut committed.segments));
            drop(state);
            if let Some((unflushed, position)) = checkpoint {
                finish_checkpoint(shared, &unflushed, position);
            }
            committed.count_added(shared, std::iter::empty());
            if let Some(mut record) = committed.settled_record() {
                shared.journal.write_behind(&mut record);
            }
            remove_segments(shared);
            finish(shared, changes);
        }
        Err(error) => {
            // It is unknown whether the commit is in the tables. A frame that follows could contradict it, so the
            // journal takes none until a checkpoint has succeeded.
            shared.journal.disable();
            shared.state().segments.forget();
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

/// After a checkpoint nothing is unflushed.
fn finish_checkpoint(shared: &Shared, unflushed: &UnflushedFrames, position: JournalPosition) {
    for (destination, _) in unflushed {
        let (_, partition) = shared.partition_of(destination);
        lock(&partition).finish_checkpoint();
    }
    shared.state().journaled_inputs = InputChanges::default();
    shared.journal.finish_checkpoint(position);
}

/// Removes the segments of the journal that no row is in any more.
fn remove_segments(shared: &Shared) {
    if shared.state().segments.is_unknown() {
        match shared.store.read(rows::count_segments) {
            Ok(rows) => shared.state().segments = SegmentUse::of_rows(rows),
            Err(error) => {
                tracing::debug!("segments of the journal: {error}");
                return;
            }
        }
    }
    let in_use = shared.state().segments.clone();
    shared
        .journal
        .remove_segments(|segment| !in_use.contains(segment));
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

/// Whether more than `times` the limit is in the journal and in memory only.
fn is_unflushed_over(shared: &Shared, times: u64) -> bool {
    let limit = MAX_UNFLUSHED_BYTES.min(shared.options.disk_bytes / 16) * times;
    // The length of the segment, which is never smaller, is known at once; the unflushed bytes have to be added up over
    // all destinations.
    shared.journal.bytes() > limit && shared.unflushed_bytes() > limit
}

/// Whether a checkpoint has to begin another segment.
fn is_segment_full(shared: &Shared) -> bool {
    shared.journal.bytes() > segment_bytes(shared)
}

/// Whether a checkpoint that is made anyhow begins another segment: one with settled events only is removed then.
fn is_segment_due(shared: &Shared) -> bool {
    let is_empty = shared.held_bytes.load(Ordering::Relaxed) == 0;
    is_segment_full(shared) || is_empty && shared.journal.bytes() > EMPTY_SEGMENT_BYTES
}

/// How long a segment becomes.
pub(crate) fn segment_bytes(shared: &Shared) -> u64 {
    SEGMENT_BYTES.min(shared.options.disk_bytes / 8)
}
