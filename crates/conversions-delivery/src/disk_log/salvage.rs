//! Saving the events of a damaged `events.redb`.

use std::collections::BTreeSet;
use std::path::Path;

use redb::{Database, TableHandle as _};

use super::tables::{BYTES, COUNTERS, INPUTS, NEXT_KEY, Names, REPLAYED, SEEN};
use crate::store::{OpenError, Salvage, Saved, Wreck, keys_between, salvage, write_rows};

/// When the counter of keys is lost, so many keys are left out: the events that are gone, and their dead letters, may have had
/// them.
const KEYS_LEFT_OUT: u64 = 1_000_000;

pub(super) fn salvage_events(file: &Path) -> Result<Option<Salvage>, OpenError> {
    salvage(file, rescue)
}

fn rescue(wreck: &mut Wreck, fresh: &Database) -> Option<Saved> {
    let names = wreck.read(|transaction| {
        let names = transaction.list_tables()?;
        Ok(names
            .map(|table| table.name().to_owned())
            .collect::<Vec<_>>())
    })?;
    let next_key = wreck.read(|transaction| {
        let table = transaction.open_table(COUNTERS)?;
        Ok(table.get(NEXT_KEY)?.map_or(1, |key| key.value()))
    });
    let destinations: BTreeSet<&str> = names
        .iter()
        .filter_map(|name| {
            name.strip_prefix("waiting/")
                .or_else(|| name.strip_prefix("later/"))
        })
        .collect();
    let mut saved = Saved::default();
    let mut highest = 0;
    for destination in destinations {
        let part = rescue_events(wreck, fresh, destination, &mut highest)?;
        saved.kept += part.kept;
        saved.lost += part.lost;
    }
    let none = |_, _| Vec::new();
    wreck.rows(SEEN, keys_between, |rows| write_rows(fresh, SEEN, rows))?;
    wreck.rows(
        INPUTS,
        |_, _| Vec::new(),
        |rows| write_rows(fresh, INPUTS, rows),
    )?;
    wreck.rows(REPLAYED, none, |rows| write_rows(fresh, REPLAYED, rows))?;
    let next_key = next_key.unwrap_or(highest + KEYS_LEFT_OUT).max(highest + 1);
    write_number(fresh, COUNTERS, NEXT_KEY, next_key)?;
    Some(saved)
}

fn rescue_events(
    wreck: &mut Wreck,
    fresh: &Database,
    destination: &str,
    highest: &mut u64,
) -> Option<Saved> {
    let names = Names::of(destination);
    let mut bytes = 0;
    let mut note = |key: u64, value: &[u8]| {
        *highest = key.max(*highest);
        bytes += u64::try_from(value.len()).unwrap_or(u64::MAX);
    };
    let waiting = wreck.rows(names.waiting(), keys_between, |rows| {
        for (key, value) in rows {
            note(*key, value);
        }
        write_rows(fresh, names.waiting(), rows)
    })?;
    let later = wreck.rows(
        names.later(),
        |_, _| Vec::new(),
        |rows| {
            for ((_, key), value) in rows {
                note(*key, value);
            }
            write_rows(fresh, names.later(), rows)
        },
    )?;
    write_number(fresh, BYTES, destination, bytes)?;
    Some(Saved {
        kept: waiting.kept + later.kept,
        lost: waiting.lost + later.lost,
    })
}

fn write_number(
    fresh: &Database,
    table: redb::TableDefinition<'_, &'static str, u64>,
    name: &str,
    number: u64,
) -> Option<()> {
    let transaction = fresh.begin_write().ok()?;
    transaction
        .open_table(table)
        .ok()?
        .insert(name, number)
        .ok()?;
    transaction.commit().ok()
}
