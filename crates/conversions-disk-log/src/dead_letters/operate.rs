//! What operators do with the letters of a folder, also while an engine has it open.

use std::ops::ControlFlow;

use conversions_delivery::{
    DeadLetter, DeadLetterCounts, DeadLetterReason, DeadLetterStore, EventKey, Filter, LogError,
    UnixMillis,
};
use redb::{ReadableTable, ReadableTableMetadata};

use super::tables::{self, COUNTS, LETTERS, REPLAYS};
use super::{DeadLetters, PAGE, letter};
use crate::store::End;

impl DeadLetterStore for DeadLetters {
    fn visit(
        &self,
        filter: &Filter,
        visitor: &mut dyn FnMut(DeadLetter) -> ControlFlow<()>,
    ) -> Result<u64, LogError> {
        let mut visited = 0;
        let mut from = 0;
        loop {
            let page = self.page(from)?;
            let Some(last) = page.last().map(|letter| letter.id.0) else {
                return Ok(visited);
            };
            for letter in page {
                if filter.passes(&letter) {
                    visited += 1;
                    if visitor(letter).is_break() {
                        return Ok(visited);
                    }
                }
            }
            from = last + 1;
        }
    }

    fn get(&self, id: EventKey) -> Result<Option<DeadLetter>, LogError> {
        self.store.read(|transaction| {
            let table = tables::open(transaction, LETTERS)?;
            let value = table.map(|table| table.get(id.0)).transpose()?.flatten();
            Ok(value.and_then(|value| letter::read(id, value.value())))
        })
    }

    fn counts(&self) -> Result<DeadLetterCounts, LogError> {
        self.store.read(|transaction| {
            let mut counts = DeadLetterCounts::new();
            let Some(table) = tables::open(transaction, COUNTS)? else {
                return Ok(counts);
            };
            for row in table.iter()? {
                let (key, count) = row?;
                let (destination, reason) = key.value();
                if let Some(reason) = DeadLetterReason::from_name(reason) {
                    let counts = counts.entry(destination.to_owned()).or_default();
                    counts.insert(reason, count.value());
                }
            }
            Ok(counts)
        })
    }

    fn remove(&self, ids: &[EventKey]) -> Result<(), LogError> {
        for ids in ids.chunks(PAGE * 16) {
            self.store.write(|transaction| {
                let mut table = transaction.open_table(LETTERS)?;
                let mut counts = transaction.open_table(COUNTS)?;
                let mut replays = transaction.open_table(REPLAYS)?;
                let mut freed = 0;
                for id in ids {
                    replays.remove(id.0)?;
                    if let Some(old) = table.remove(id.0)? {
                        freed += u64::try_from(old.value().len()).unwrap_or(u64::MAX);
                        if let Some(old) = letter::read(*id, old.value()) {
                            tables::add_to_count(&mut counts, &old, -1)?;
                        }
                    }
                }
                tables::add_bytes(transaction, 0, freed)?;
                Ok(End::Commit(()))
            })?;
        }
        Ok(())
    }

    fn request_replay(&self, ids: &[EventKey], now: UnixMillis) -> Result<(), LogError> {
        self.store.write(|transaction| {
            let mut replays = transaction.open_table(REPLAYS)?;
            for id in ids {
                replays.insert(id.0, now.0.to_le_bytes().as_slice())?;
            }
            drop(replays);
            Ok(End::Commit(()))
        })
    }

    fn awaiting_replay(&self) -> Result<u64, LogError> {
        self.store.read(|transaction| {
            let table = tables::open(transaction, REPLAYS)?;
            Ok(table.map(|table| table.len()).transpose()?.unwrap_or(0))
        })
    }
}

impl DeadLetters {
    /// Letters from an id on.
    fn page(&self, from: u64) -> Result<Vec<DeadLetter>, LogError> {
        self.store.read(|transaction| {
            let Some(table) = tables::open(transaction, LETTERS)? else {
                return Ok(Vec::new());
            };
            let mut page = Vec::new();
            for row in table.range(from..)?.take(PAGE) {
                let (id, value) = row?;
                let id = EventKey(id.value());
                page.push(
                    letter::read(id, value.value()).unwrap_or_else(|| letter::unreadable(id)),
                );
            }
            Ok(page)
        })
    }
}
