//! The tables of `dead-letters.redb`.
//!
//! | table | key | value |
//! |---|---|---|
//! | `letters` | id | the letter |
//! | `counts` | destination, reason | how many |
//! | `replays` | id | when its replay was requested (Unix milliseconds, little endian) |
//! | `unconfirmed` | id | empty: the event may still be in the log |
//! | `sizes` | `bytes` | bytes of all letters |

use conversions_delivery::DeadLetter;
use redb::{ReadTransaction, ReadableTable, Table, TableDefinition, TableError, WriteTransaction};

pub(super) const LETTERS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("letters");
pub(super) const COUNTS: TableDefinition<'_, (&str, &str), u64> = TableDefinition::new("counts");
pub(super) const REPLAYS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("replays");
pub(super) const UNCONFIRMED: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("unconfirmed");
pub(super) const SIZES: TableDefinition<'_, &str, u64> = TableDefinition::new("sizes");

/// Opens a table for reading; `None` when it has not been made yet.
pub(super) fn open<K: redb::Key + 'static, V: redb::Value + 'static>(
    transaction: &ReadTransaction,
    table: TableDefinition<'_, K, V>,
) -> Result<Option<redb::ReadOnlyTable<K, V>>, redb::Error> {
    match transaction.open_table(table) {
        Ok(table) => Ok(Some(table)),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Adds `change` to the count of the letter's destination and reason.
pub(super) fn add_to_count(
    counts: &mut Table<'_, (&'static str, &'static str), u64>,
    letter: &DeadLetter,
    change: i64,
) -> Result<(), redb::Error> {
    let key = (&*letter.destination, letter.reason.name());
    let before = counts.get(key)?.map_or(0, |count| count.value());
    match before.saturating_add_signed(change) {
        0 => counts.remove(key)?,
        after => counts.insert(key, after)?,
    };
    Ok(())
}

/// Counts bytes, and returns how many there are now.
pub(super) fn add_bytes(
    transaction: &WriteTransaction,
    added: u64,
    freed: u64,
) -> Result<u64, redb::Error> {
    let mut sizes = transaction.open_table(SIZES)?;
    let before = sizes.get("bytes")?.map_or(0, |bytes| bytes.value());
    let after = before.saturating_add(added).saturating_sub(freed);
    sizes.insert("bytes", after)?;
    Ok(after)
}
