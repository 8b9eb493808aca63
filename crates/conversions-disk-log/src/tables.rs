//! The tables of `events.redb`.
//!
//! | table | key | value |
//! |---|---|---|
//! | `waiting/<destination>` | key of the event | record |
//! | `later/<destination>` | due (Unix milliseconds), key of the event | record |
//! | `bytes` | destination | bytes of its events, without what surrounds them |
//! | `counters` | name | `next_key`: the key of the next event; `journal`: the first frame that is not in these tables |
//! | `seen` | number of the group, ascending | times and digests of the `messageId`s of one commit |
//! | `inputs` | input | how far it was read, and what became of its events |
//! | `buried` | id of a dead letter | the input that it came from |
//! | `replayed` | id of a dead letter | key under which it is an event again (little endian) |

use redb::{ReadTransaction, TableDefinition, TableError};

/// Events by key.
pub(crate) type Waiting<'a> = TableDefinition<'a, u64, &'static [u8]>;
/// Events by the time from which on they may be leased.
pub(crate) type Later<'a> = TableDefinition<'a, (i64, u64), &'static [u8]>;

pub(crate) const BYTES: TableDefinition<'_, &str, u64> = TableDefinition::new("bytes");
pub(crate) const COUNTERS: TableDefinition<'_, &str, u64> = TableDefinition::new("counters");
pub(crate) const SEEN: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("seen");
pub(crate) const INPUTS: TableDefinition<'_, [u8; 16], &[u8]> = TableDefinition::new("inputs");
pub(crate) const BURIED: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("buried");
pub(crate) const REPLAYED: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("replayed");

/// In [`COUNTERS`].
pub(crate) const NEXT_KEY: &str = "next_key";

/// In [`COUNTERS`].
pub(crate) const JOURNAL: &str = "journal";

/// The number of the first frame that counts is lost: every frame counts. Better an event twice than none.
pub(crate) const UNKNOWN_FRAME: u64 = u64::MAX;

/// The names of a destination's tables.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    waiting: String,
    later: String,
}

impl Names {
    pub(crate) fn of(destination: &str) -> Self {
        Self {
            waiting: format!("waiting/{destination}"),
            later: format!("later/{destination}"),
        }
    }

    pub(crate) fn waiting(&self) -> Waiting<'_> {
        TableDefinition::new(&self.waiting)
    }

    pub(crate) fn later(&self) -> Later<'_> {
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
