//! Opening a log: damaged files are put aside, the journal is replayed, and what a process left half done is completed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use conversions_delivery::{DeadLetterStore as _, LogError};
use redb::{ConcurrencyMode, ReadTransaction, ReadableTable};

use crate::commit::checkpoint_now;
use crate::dead_letters::DeadLetters;
use crate::dedup::DedupIndex;
use crate::inputs::InputChanges;
use crate::journal::{Journal, JournalPosition};
use crate::lock::lock;
use crate::options::DiskLogOptions;
use crate::partition::Partition;
use crate::recovery::Recovery;
use crate::rows;
use crate::segment_use::SegmentUse;
use crate::shared::{LogState, Shared};
use crate::store::{
    Damage, DamagedContents, FileStorage, Folder, FolderSegments, OpenError, SegmentStorage, Store,
    StoreOptions, copy_aside, replace_damaged, sync_folder_of,
};
use crate::tables::{
    self, COUNTERS, JOURNAL, NEXT_KEY, OFFSET, SEGMENT, SIZES, TableNames, UNKNOWN_COMMIT,
};

/// The number of a log's first segment.
const FIRST_SEGMENT: u64 = 1;

pub(crate) fn open(path: &Path, options: DiskLogOptions) -> Result<Shared, OpenError> {
    let folder = Folder::create(path)?;
    let file = folder.events();
    folder.check_not_lost(&file)?;
    let (store, damaged_tables) = open_or_replace(&file, &options)?;
    let (letters, damaged_letters) = DeadLetters::open_or_replace(&folder, options.dead_letters)?;
    let journal = Arc::new(FolderSegments::of(path));
    if journal.list()?.is_empty() {
        // A folder that has held a log has a segment.
        folder.check_not_lost(&journal.path(FIRST_SEGMENT))?;
    }
    // A new file is lost with the power unless its name is durable too.
    sync_folder_of(&file)?;
    sync_folder_of(path)?;
    folder.write_marker()?;
    let found = FoundDamage {
        tables: damaged_tables,
        letters: damaged_letters,
    };
    open_parts(store, journal, letters, options, Some(folder), found)
}

/// What was found damaged before the journal was read.
#[derive(Debug, Default)]
pub(crate) struct FoundDamage {
    /// Where the damaged tables are now.
    tables: Option<PathBuf>,
    letters: Option<Damage>,
}

/// Opens the tables. Damaged ones are put aside, and fresh ones take every record of the journal.
fn open_or_replace(
    file: &Path,
    options: &DiskLogOptions,
) -> Result<(Store, Option<PathBuf>), OpenError> {
    let storage = Arc::new(FileStorage {
        path: file.to_owned(),
    });
    match Store::open(storage.clone(), store_options(options)) {
        Err(OpenError::Damaged { name, reason }) => {
            tracing::error!("{name} is damaged: {reason}");
            let aside = replace_damaged(file, |database| {
                let transaction = database.begin_write()?;
                transaction
                    .open_table(COUNTERS)?
                    .insert(JOURNAL, UNKNOWN_COMMIT)?;
                transaction.commit()?;
                Ok(())
            })?;
            let store = Store::open(storage, store_options(options))?;
            Ok((store, Some(aside)))
        }
        opened => Ok((opened?, None)),
    }
}

/// Opens a log on its parts.
pub(crate) fn open_parts(
    store: Store,
    journal: Arc<dyn SegmentStorage>,
    letters: DeadLetters,
    options: DiskLogOptions,
    folder: Option<Folder>,
    found: FoundDamage,
) -> Result<Shared, OpenError> {
    let name = store.name();
    let as_open_error = |error: LogError| OpenError::Damaged {
        name: name.clone(),
        reason: error.to_string(),
    };
    let (mut state, mut partitions, from) = store
        .read(|transaction| {
            let from = position(transaction)?;
            let state = read_state(transaction, &options)?;
            Ok((state, partitions(transaction)?, from))
        })
        .map_err(as_open_error)?;
    check_segments(&*journal, from, &state)?;
    if from.is_none() {
        // The counter of keys is lost with the tables. Dead letters keep their keys as ids, which no event may get
        // again.
        let highest = letters.highest_id().map_err(as_open_error)?;
        state.next_key = state.next_key.max(highest + 1);
    }
    let mut recovery = Recovery {
        state: &mut state,
        partitions: &mut partitions,
        // The start of an input's counts was in the tables. Without it the input is read from its beginning again.
        keeps_inputs: from.is_some(),
        unknown_entries: 0,
    };
    let (journal, contents) = Journal::open(journal, from, |record| recovery.replay(&record))?;
    let damaged_commits = contents.damaged + recovery.unknown_entries;
    if contents.has_torn_end {
        tracing::warn!(
            "the last entry of {} is not whole: it was being written when the process or the machine ended",
            journal.name()
        );
    }
    let recovered: u64 = partitions
        .values()
        .map(|partition| partition.unflushed.events())
        .sum();
    let mut damage: Vec<Damage> = found.letters.into_iter().collect();
    damage.extend(found.tables.map(|damaged_file| Damage {
        contents: DamagedContents::Tables { recovered },
        damaged_file,
    }));
    if damaged_commits > 0 {
        let segment = contents
            .damaged_segment
            .unwrap_or(journal.current_segment());
        let path = folder
            .as_ref()
            .map(|folder| FolderSegments::of(folder.path()).path(segment));
        damage.push(Damage {
            contents: DamagedContents::Journal {
                recovered,
                damaged_commits,
            },
            // What could be read is in memory by now. The file stays in use, so a copy of it is kept.
            damaged_file: path
                .map(|path| copy_aside(&path))
                .transpose()?
                .unwrap_or_default(),
        });
    }
    for damage in &damage {
        tracing::error!("{}", damage.message());
    }
    let held = partitions.values().map(|partition| partition.backlog.bytes);
    let shared = Shared {
        held_bytes: AtomicU64::new(held.sum()),
        store,
        journal,
        letters,
        options,
        folder,
        damage,
        state: Mutex::new(state),
        partitions: Mutex::new(
            partitions
                .into_iter()
                .map(|(name, partition)| (name, Arc::new(Mutex::new(partition))))
                .collect(),
        ),
        append_cooldown: Mutex::default(),
    };
    reconcile(&shared).map_err(as_open_error)?;
    // If this fails, for want of room, a later checkpoint may succeed: everything is still in the journal.
    checkpoint_now(&shared);
    Ok(shared)
}

pub(crate) fn store_options(options: &DiskLogOptions) -> StoreOptions {
    StoreOptions {
        cache_bytes: options.cache_bytes,
        mode: ConcurrencyMode::ExclusiveWriter,
        reopen_after: options.reopen_after,
    }
}

fn counter(transaction: &ReadTransaction, name: &str) -> Result<Option<u64>, redb::Error> {
    let Some(counters) = tables::open(transaction, COUNTERS)? else {
        return Ok(None);
    };
    Ok(counters.get(name)?.map(|number| number.value()))
}

/// Where the first record of the journal is that is not in the tables; `None` when that is lost, so that every record
/// counts.
fn position(transaction: &ReadTransaction) -> Result<Option<JournalPosition>, redb::Error> {
    let record = counter(transaction, JOURNAL)?.unwrap_or(0);
    let position = JournalPosition {
        record,
        segment: counter(transaction, SEGMENT)?.unwrap_or(FIRST_SEGMENT),
        offset: counter(transaction, OFFSET)?.unwrap_or(JournalPosition::START_OF_SEGMENT),
    };
    Ok((record != UNKNOWN_COMMIT).then_some(position))
}

/// Refuses a log of which a segment is gone. Only the first segment of a new log is not there yet.
fn check_segments(
    journal: &dyn SegmentStorage,
    from: Option<JournalPosition>,
    state: &LogState,
) -> Result<(), OpenError> {
    let there = journal.list()?;
    let is_new = from.is_some_and(|from| from.record == 0) && there.is_empty();
    let written = from.map(|from| from.segment).filter(|_| !is_new);
    let mut needed = state.segments.segments().chain(written);
    needed.try_for_each(|segment| {
        let is_there = there.contains(&segment)
            && journal.open(segment)?.len()? >= JournalPosition::START_OF_SEGMENT;
        is_there.then_some(()).ok_or_else(|| OpenError::Missing {
            name: journal.name(segment),
        })
    })
}

fn read_state(
    transaction: &ReadTransaction,
    options: &DiskLogOptions,
) -> Result<LogState, redb::Error> {
    Ok(LogState {
        next_key: counter(transaction, NEXT_KEY)?.unwrap_or(1),
        dedup: DedupIndex::load(transaction, options.dedup)?,
        journaled_inputs: InputChanges::default(),
        segments: SegmentUse::of_rows(rows::count_segments(transaction)?),
    })
}

fn partitions(transaction: &ReadTransaction) -> Result<BTreeMap<Arc<str>, Partition>, redb::Error> {
    let mut partitions = BTreeMap::new();
    let Some(table) = tables::open(transaction, SIZES)? else {
        return Ok(partitions);
    };
    for row in table.iter()? {
        let (name, size) = row?;
        let mut partition = Partition::new(name.value());
        let backlog = &mut partition.backlog;
        (backlog.events, backlog.later, backlog.bytes) = size.value();
        partitions.insert(Arc::from(name.value()), partition);
    }
    Ok(partitions)
}

/// A process that died after it stored a dead letter and before it removed the event has left both. The event is still
/// to be sent, so the letter is removed.
fn reconcile(shared: &Shared) -> Result<(), LogError> {
    let unconfirmed = shared.letters.unconfirmed()?;
    if unconfirmed.is_empty() {
        return Ok(());
    }
    let destinations: Vec<_> = shared.partitions().keys().cloned().collect();
    let mut still_there = Vec::new();
    for partition in shared.partitions().values() {
        let unflushed = &lock(partition).unflushed;
        still_there.extend(unconfirmed.iter().filter(|id| unflushed.contains(id.0)));
    }
    shared.store.read(|transaction| {
        for destination in &destinations {
            let names = TableNames::of(destination);
            if let Some(waiting) = tables::open(transaction, names.waiting())? {
                for id in &unconfirmed {
                    if rows::row_of(&waiting, 0, id.0)?.is_some() {
                        still_there.push(*id);
                    }
                }
            }
            if let Some(later) = tables::open(transaction, names.later())? {
                for row in later.iter()? {
                    let keys = rows::keys_of(row?.0.value());
                    still_there.extend(unconfirmed.iter().filter(|id| keys.contains(&id.0)));
                }
            }
        }
        Ok(())
    })?;
    shared.letters.remove(&still_there)?;
    shared.letters.confirm(&unconfirmed)
}
