//! Saving the letters of a damaged `dead-letters.redb`.

use std::collections::BTreeMap;
use std::path::Path;

use conversions_delivery::{DeadLetterReason, EventKey};
use redb::Database;

use super::letter;
use super::tables::{COUNTS, LETTERS, REPLAYS, SIZES, UNCONFIRMED};
use crate::store::{OpenError, Salvage, Saved, Wreck, keys_between, salvage, write_rows};

pub(super) fn salvage_letters(file: &Path) -> Result<Option<Salvage>, OpenError> {
    salvage(file, rescue)
}

/// Counts and sizes are made anew from the letters.
fn rescue(wreck: &mut Wreck, fresh: &Database) -> Option<Saved> {
    let mut counts: BTreeMap<(String, DeadLetterReason), u64> = BTreeMap::new();
    let mut bytes = 0;
    let mut strays = 0;
    let mut saved = wreck.rows(LETTERS, keys_between, |rows| {
        let mut letters = Vec::new();
        for (id, value) in rows {
            let Some(letter) = letter::read(EventKey(*id), value) else {
                strays += 1;
                continue;
            };
            bytes += u64::try_from(value.len()).unwrap_or(u64::MAX);
            let kind = (letter.destination.to_string(), letter.reason);
            *counts.entry(kind).or_default() += 1;
            letters.push((*id, value.clone()));
        }
        write_rows(fresh, LETTERS, &letters)
    })?;
    saved.kept -= strays;
    saved.lost += strays;
    for table in [REPLAYS, UNCONFIRMED] {
        wreck.rows(table, keys_between, |rows| write_rows(fresh, table, rows))?;
    }
    let transaction = fresh.begin_write().ok()?;
    {
        let mut table = transaction.open_table(COUNTS).ok()?;
        for ((destination, reason), count) in counts {
            table.insert((&*destination, reason.name()), count).ok()?;
        }
        transaction
            .open_table(SIZES)
            .ok()?
            .insert("bytes", bytes)
            .ok()?;
    }
    transaction.commit().ok()?;
    Some(saved)
}
