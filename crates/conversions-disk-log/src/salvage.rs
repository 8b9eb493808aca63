//! Saving the events of a damaged `events.redb`.

use std::collections::BTreeMap;
use std::path::Path;

use conversions_delivery::EventKey;
use redb::{Database, ReadableTable as _, TableDefinition, TableHandle as _};

use crate::record::Record;
use crate::tables::{
    BURIED, BYTES, COUNTERS, INPUTS, JOURNAL, NEXT_KEY, Names, REPLAYED, SEEN, UNKNOWN_FRAME,
};
use crate::store::{OpenError, Row, Salvage, Saved, Wreck, keys_between, salvage, write_rows};

/// When the counter of keys is lost, so many keys are left out: the events that are gone, and their dead letters, may have had
/// them.
const KEYS_LEFT_OUT: u64 = 1_000_000;

pub(crate) fn salvage_events(file: &Path) -> Result<Option<Salvage>, OpenError> {
    salvage(file, rescue)
}

fn rescue(wreck: &mut Wreck, fresh: &Database) -> Option<Saved> {
    let names = wreck.read(|transaction| {
        let tables = transaction.list_tables()?;
        Ok(tables
            .map(|table| table.name().to_owned())
            .collect::<Vec<_>>())
    })?;
    let next_key = wreck.read(|transaction| {
        let table = transaction.open_table(COUNTERS)?;
        Ok(table.get(NEXT_KEY)?.map_or(1, |key| key.value()))
    });
    let journal = wreck.read(|transaction| {
        let table = transaction.open_table(COUNTERS)?;
        Ok(table.get(JOURNAL)?.map(|number| number.value()))
    });
    let mut rescue = Rescue {
        fresh,
        destinations: destinations(wreck, &names),
        saved: Saved::default(),
        highest: 0,
        strays: Strays::Counted(0),
    };
    let tables: Vec<_> = names
        .iter()
        .filter(|name| !name.is_empty() && !is_other(name))
        .collect();
    for name in &tables {
        rescue.table(wreck, name)?;
    }
    let next_key = next_key
        .unwrap_or(rescue.highest + KEYS_LEFT_OUT)
        .max(rescue.highest + 1);
    if rescue.strays != Strays::Counted(0) {
        rescue.strays = Strays::Kept { next_key };
        for name in &tables {
            rescue.table(wreck, name)?;
        }
    }
    let saved = rescue.finish(next_key)?;
    let journal = journal.unwrap_or(Some(UNKNOWN_FRAME)).unwrap_or(0);
    write_number(fresh, COUNTERS, JOURNAL, journal)?;
    for table in [SEEN, BURIED, REPLAYED] {
        wreck.rows(table, keys_between, |rows| write_rows(fresh, table, rows))?;
    }
    let nothing_between = |_, _| Vec::new();
    wreck.rows(INPUTS, nothing_between, |rows| {
        write_rows(fresh, INPUTS, rows)
    })?;
    Some(saved)
}

/// Whether a table holds something else than events.
fn is_other(name: &str) -> bool {
    ["buried", "bytes", "counters", "inputs", "replayed", "seen"].contains(&name)
}

/// The destinations, and how many bytes of events each should have.
fn destinations(wreck: &mut Wreck, names: &[String]) -> BTreeMap<String, Share> {
    let noted = wreck.read(|transaction| {
        let table = transaction.open_table(BYTES)?;
        let rows = table.iter()?.map(|row| {
            let (name, bytes) = row?;
            Ok((name.value().to_owned(), bytes.value()))
        });
        rows.collect::<Result<Vec<_>, redb::Error>>()
    });
    let of_names = names.iter().filter_map(|name| {
        let (kind, destination) = name.split_once('/')?;
        ["waiting", "later"]
            .contains(&kind)
            .then(|| (destination.to_owned(), 0))
    });
    let mut destinations: BTreeMap<String, Share> = BTreeMap::new();
    for (name, expected) in noted.unwrap_or_default().into_iter().chain(of_names) {
        destinations.entry(name).or_default().expected += expected;
    }
    destinations
}

/// Bytes of events of a destination.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    expected: u64,
    found: u64,
}

struct Rescue<'a> {
    fresh: &'a Database,
    destinations: BTreeMap<String, Share>,
    saved: Saved,
    highest: u64,
    strays: Strays,
}

/// What is done about rows that are no record of any destination: their bytes are kept, under keys of their own, for whoever
/// can make something of them. The first time through it is only seen whether there are any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strays {
    Counted(u64),
    Kept { next_key: u64 },
}

/// Rows by destination.
type Sorted<K> = BTreeMap<String, Vec<(K, Vec<u8>)>>;

impl Rescue<'_> {
    /// Saves a table of events, even one whose name is damaged: each record knows its destination.
    fn table(&mut self, wreck: &mut Wreck, name: &str) -> Option<()> {
        let waiting = TableDefinition::<u64, &[u8]>::new(name);
        let later = TableDefinition::<(i64, u64), &[u8]>::new(name);
        let is_later = wreck.read(|transaction| {
            transaction.open_table(later)?;
            Ok(())
        });
        let part = if is_later.is_some() {
            wreck.rows(
                later,
                |_, _| Vec::new(),
                |rows| self.rows(name, rows, |(_, key)| *key, Names::later),
            )?
        } else {
            wreck.rows(waiting, keys_between, |rows| {
                self.rows(name, rows, |key| *key, Names::waiting)
            })?
        };
        if matches!(self.strays, Strays::Counted(_)) {
            self.saved.lost += part.lost;
        }
        Some(())
    }

    fn rows<K: Row>(
        &mut self,
        table: &str,
        rows: &[(K, Vec<u8>)],
        key_of: impl Fn(&K) -> u64,
        to: for<'n> fn(&'n Names) -> TableDefinition<'n, K, &'static [u8]>,
    ) -> Option<()> {
        let mut sorted: Sorted<K> = Sorted::new();
        let mut strays: Sorted<u64> = Sorted::new();
        for (row, value) in rows {
            let key = key_of(row);
            let fits =
                |destination: &&String| Record::read(destination, EventKey(key), value).is_ok();
            let fitting = self.destinations.keys().find(fits).cloned();
            match (fitting, &mut self.strays) {
                (None, Strays::Counted(strays)) => *strays += 1,
                (Some(destination), Strays::Counted(_)) => {
                    self.highest = self.highest.max(key);
                    self.saved.kept += 1;
                    self.found(&destination, value);
                    sorted
                        .entry(destination)
                        .or_default()
                        .push((*row, value.clone()));
                }
                (None, Strays::Kept { next_key }) => {
                    let own = table
                        .split_once('/')
                        .map_or(table, |(_, destination)| destination);
                    let stray = (*next_key, value.clone());
                    *next_key += 1;
                    self.saved.lost += 1;
                    self.found(own, value);
                    strays.entry(own.to_owned()).or_default().push(stray);
                }
                (Some(_), Strays::Kept { .. }) => {}
            }
        }
        for (destination, rows) in &sorted {
            write_rows(self.fresh, to(&Names::of(destination)), rows)?;
        }
        for (destination, rows) in &strays {
            write_rows(self.fresh, Names::of(destination).waiting(), rows)?;
        }
        Some(())
    }

    fn found(&mut self, destination: &str, value: &[u8]) {
        let share = self.destinations.entry(destination.to_owned()).or_default();
        share.found += u64::try_from(value.len()).unwrap_or(u64::MAX);
    }

    fn finish(mut self, next_key: u64) -> Option<Saved> {
        for (destination, share) in &self.destinations {
            write_number(self.fresh, BYTES, destination, share.found)?;
            if share.found < share.expected && self.saved.lost == 0 {
                self.saved.lost = 1;
            }
        }
        let next_key = match self.strays {
            Strays::Counted(_) => next_key,
            Strays::Kept { next_key } => next_key,
        };
        write_number(self.fresh, COUNTERS, NEXT_KEY, next_key)?;
        Some(self.saved)
    }
}

fn write_number(
    fresh: &Database,
    table: TableDefinition<'_, &'static str, u64>,
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
