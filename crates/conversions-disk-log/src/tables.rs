//! The tables of `events.redb`.
//!
//! | table | key | value |
//! |---|---|---|
//! | `waiting/<destination>` | 0, first key, number of events | where the frame is in the journal, or a frame, as [`frame_codec`](conversions_delivery::frame_codec) writes it |
//! | `later/<destination>` | due (Unix milliseconds), first key, number of events | a frame: its events are deferred |
//! | `sizes` | destination | number of its events, how many of them are deferred, bytes of their texts |
//! | `counters` | name | `next_key`: the key of the next event; `journal`, `segment` and `offset`: number and place of the first record of the journal that is not in these tables |
//! | `seen` | number of the row, ascending | times and digests of the `messageId`s between two checkpoints |
//! | `inputs` | input | a line of JSON: how far it was read, and what became of its events; then the note |
//! | `buried` | id of a dead letter | the input that its event came from |
//! | `replayed` | id of a dead letter that is an event again | nothing |

use redb::{ReadTransaction, TableDefinition, TableError};

/// When the events of a row are due (Unix milliseconds, 0 when they are), the key of the first, and their number.
pub(crate) type RowKey = (i64, u64, u32);
/// Frames, oldest or due first.
pub(crate) type Frames<'a> = TableDefinition<'a, RowKey, &'static [u8]>;
/// Number of events, how many of them are deferred, bytes of their texts.
pub(crate) type Size = (u64, u64, u64);

pub(crate) const SIZES: TableDefinition<'_, &str, Size> = TableDefinition::new("sizes");
pub(crate) const COUNTERS: TableDefinition<'_, &str, u64> = TableDefinition::new("counters");
pub(crate) const DEDUP: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("seen");
pub(crate) const INPUTS: TableDefinition<'_, [u8; 16], &[u8]> = TableDefinition::new("inputs");
pub(crate) const DEAD_LETTER_INPUTS: TableDefinition<'_, u64, &[u8]> =
    TableDefinition::new("buried");
pub(crate) const REPLAYED: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("replayed");

/// In [`COUNTERS`].
pub(crate) const NEXT_KEY: &str = "next_key";

/// In [`COUNTERS`].
pub(crate) const JOURNAL: &str = "journal";

/// In [`COUNTERS`].
pub(crate) const SEGMENT: &str = "segment";

/// In [`COUNTERS`].
pub(crate) const OFFSET: &str = "offset";

/// In place of the number of the first commit that counts, when that is lost: every commit counts. An event that is
/// sent twice is better than one that is lost.
pub(crate) const UNKNOWN_COMMIT: u64 = u64::MAX;

/// The names of a destination's tables.
#[derive(Clone, Debug)]
pub(crate) struct TableNames {
    waiting: String,
    later: String,
}

impl TableNames {
    pub(crate) fn of(destination: &str) -> Self {
        Self {
            waiting: format!("waiting/{destination}"),
            later: format!("later/{destination}"),
        }
    }

    /// The names that go with the table of the waiting of some destination; `None` when the table is another.
    pub(crate) fn of_table(name: &str) -> Option<Self> {
        name.strip_prefix("waiting/").map(Self::of)
    }

    pub(crate) fn waiting(&self) -> Frames<'_> {
        TableDefinition::new(&self.waiting)
    }

    pub(crate) fn later(&self) -> Frames<'_> {
        TableDefinition::new(&self.later)
    }
}

/// A table that may not have been made yet.
pub(crate) fn if_made<T>(opened: Result<T, TableError>) -> Result<Option<T>, redb::Error> {
    match opened {
        Ok(table) => Ok(Some(table)),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Opens a table for reading; `None` when it has not been made yet.
pub(crate) fn open<K: redb::Key + 'static, V: redb::Value + 'static>(
    transaction: &ReadTransaction,
    table: TableDefinition<'_, K, V>,
) -> Result<Option<redb::ReadOnlyTable<K, V>>, redb::Error> {
    if_made(transaction.open_table(table))
}
