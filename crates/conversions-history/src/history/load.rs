//! Reads the files of a history into memory.

use std::io;

use super::files::{DayFile, Item, Unit, read_block};
use super::store::{Store, add};
use crate::block::End;
use crate::folder;

impl Store {
    /// Reads all files. In a folder that `is_ours` to write, what cannot be read is cut off or put aside.
    pub(super) fn load(&mut self, is_ours: bool) -> io::Result<()> {
        let files = self.files()?;
        for file in &files {
            let is_rolled_up = files.contains(&DayFile {
                unit: Unit::Hours,
                ..*file
            });
            if file.unit == Unit::Minutes && is_rolled_up {
                // The process ended between writing the hours and removing the minutes.
                continue;
            }
            self.load_file(*file, is_ours)?;
        }
        Ok(())
    }

    fn load_file(&mut self, file: DayFile, is_ours: bool) -> io::Result<()> {
        let folder = self.folder.clone();
        let end = file.read(&folder, is_ours, |body| {
            let _ = read_block(body, |number, item| self.load_item(file.unit, number, item));
        });
        let what_happened = match end {
            Ok(End::Whole | End::Torn) => return Ok(()),
            // Another process has removed it meanwhile.
            Err(error) if !is_ours && error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
            Ok(End::Damaged) => "is damaged: what follows the damage is lost",
            Ok(End::OtherFormat) if is_ours => {
                folder::put_aside(&folder.join(file.name()))?;
                "is of another version: it is put aside under the same name with .aside, and its day begins anew"
            }
            Ok(End::OtherFormat) => "is of another version, and is left out",
        };
        let sentence = format!("the history file {} {what_happened}", file.name());
        if is_ours {
            tracing::warn!("{sentence}");
        }
        self.notes.push(sentence);
        Ok(())
    }

    fn load_item(&mut self, unit: Unit, number: i64, item: Item<'_>) {
        let hour = number.saturating_mul(unit.seconds()).div_euclid(3600);
        match item {
            Item::Counter(counter, count) => {
                let Some(series) = self.counts.number(counter) else {
                    return;
                };
                if unit == Unit::Minutes {
                    add(self.minutes.entry(number).or_default(), series, count);
                }
                add(&mut self.hours.entry(hour).or_default().0, series, count);
            }
            Item::MatchKeys(destination, event_name, counts) => {
                if let Some(name) = self.counts.name_number(destination, event_name) {
                    let keys = &mut self.hours.entry(hour).or_default().1;
                    keys.entry(name).or_default().merge(&counts);
                }
            }
        }
    }
}
