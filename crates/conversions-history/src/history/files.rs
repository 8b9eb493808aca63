//! The files of a history: `minutes-2026-11-29` with a block for each minute, `hours-2026-11-27` with one for each hour.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

use crate::block::{End, push_block, read_blocks};
use crate::codec::{Decoder, put_number, put_signed, put_text};
use crate::folder;
use crate::history::counts::Counter;
use crate::history::match_keys::KeyCounts;

/// Name and version of the format.
const MAGIC: [u8; 8] = *b"segHist1";
/// The tag of match keys; lower tags are kinds of counters.
const MATCH_KEYS: u8 = 100;
/// The tag of a match key that a memory has filled. An earlier version skips it as a kind of counter that it does not know:
/// the detail is the key's index as two digits, and the event's name.
const REMEMBERED_KEY: u8 = 101;
const DAY_SECONDS: i64 = 86_400;

/// A unit of time in which a file counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unit {
    Minutes,
    Hours,
}

impl Unit {
    pub(super) fn seconds(self) -> i64 {
        match self {
            Self::Minutes => 60,
            Self::Hours => 3600,
        }
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::Minutes => "minutes-",
            Self::Hours => "hours-",
        }
    }
}

/// A file: its unit, and its day, counted from 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DayFile {
    pub(super) day: i64,
    pub(super) unit: Unit,
}

impl DayFile {
    /// The file for a minute or an hour of this number.
    pub(super) fn of(unit: Unit, number: i64) -> Self {
        let day = number
            .saturating_mul(unit.seconds())
            .div_euclid(DAY_SECONDS);
        Self { day, unit }
    }

    pub(super) fn name(self) -> String {
        let date = Timestamp::from_second(self.day.saturating_mul(DAY_SECONDS))
            .map(|time| Offset::UTC.to_datetime(time).date())
            .unwrap_or_default();
        format!("{}{date}", self.unit.prefix())
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        let units = [Unit::Minutes, Unit::Hours];
        units.into_iter().find_map(|unit| {
            let date: Date = name.strip_prefix(unit.prefix())?.parse().ok()?;
            let start = Offset::UTC
                .to_timestamp(date.at(0, 0, 0, 0))
                .ok()?
                .as_second();
            let file = Self {
                day: start.div_euclid(DAY_SECONDS),
                unit,
            };
            (file.name() == name).then_some(file)
        })
    }

    /// Appends a block. After an error the file is as long as before, if that can be done.
    pub(super) fn append(self, folder: &Path, body: &[u8]) -> io::Result<()> {
        let mut file = folder::open_to_append(&folder.join(self.name()))?;
        let before = file.metadata()?.len();
        let mut block = Vec::with_capacity(body.len() + 16);
        if before == 0 {
            block.extend_from_slice(&MAGIC);
        }
        push_block(&mut block, body);
        file.write_all(&block).inspect_err(|_| {
            // A part of a block would hide what is appended later.
            let _ = file.set_len(before);
        })
    }

    /// Replaces the file by one with these blocks.
    pub(super) fn write(
        self,
        folder: &Path,
        bodies: impl Iterator<Item = Vec<u8>>,
    ) -> io::Result<()> {
        let mut text = MAGIC.to_vec();
        for body in bodies {
            push_block(&mut text, &body);
        }
        let temporary = folder.join("new");
        let mut file = folder::create_file(&temporary)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(temporary, folder.join(self.name()))
    }

    /// Hands on the blocks, and says how the file ended. An end that is not whole is cut off if the file `is_ours`.
    pub(super) fn read(
        self,
        folder: &Path,
        is_ours: bool,
        take: impl FnMut(&[u8]),
    ) -> io::Result<End> {
        let path = folder.join(self.name());
        let file = File::open(&path)?;
        let (sound, end) = read_blocks(io::BufReader::new(file), MAGIC, take)?;
        if is_ours && matches!(end, End::Torn | End::Damaged) {
            File::options().write(true).open(&path)?.set_len(sound)?;
        }
        Ok(end)
    }
}

/// Writes the block of one minute or hour.
pub(super) struct BlockWriter(Vec<u8>);

impl BlockWriter {
    pub(super) fn new(number: i64) -> Self {
        let mut body = Vec::new();
        put_signed(&mut body, number);
        Self(body)
    }

    pub(super) fn counter(&mut self, counter: Counter<'_>, count: u64) {
        let (kind, name, detail) = counter.parts();
        self.0.push(kind);
        put_text(&mut self.0, name);
        put_text(&mut self.0, detail);
        put_number(&mut self.0, count);
    }

    pub(super) fn match_keys(&mut self, destination: &str, event_name: &str, counts: &KeyCounts) {
        self.0.push(MATCH_KEYS);
        put_text(&mut self.0, destination);
        put_text(&mut self.0, event_name);
        put_number(&mut self.0, counts.events);
        put_number(&mut self.0, counts.present.counted().count() as u64);
        for (index, count) in counts.present.counted() {
            put_number(&mut self.0, index as u64);
            put_number(&mut self.0, count);
        }
        for (index, count) in counts.remembered.counted() {
            self.0.push(REMEMBERED_KEY);
            put_text(&mut self.0, destination);
            put_text(&mut self.0, &format!("{index:02}{event_name}"));
            put_number(&mut self.0, count);
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// An item of a block.
pub(super) enum Item<'a> {
    Counter(Counter<'a>, u64),
    MatchKeys(&'a str, &'a str, KeyCounts),
}

/// Reads a block: the number of its minute or hour, and its items up to the first that makes no sense.
pub(super) fn read_block<'a>(body: &'a [u8], mut take: impl FnMut(i64, Item<'a>)) -> Option<()> {
    let mut decoder = Decoder(body);
    let number = decoder.signed()?;
    while let Some(tag) = decoder.byte() {
        let (name, detail) = (decoder.text()?, decoder.text()?);
        if tag == MATCH_KEYS {
            let mut counts = KeyCounts {
                events: decoder.number()?,
                ..KeyCounts::default()
            };
            for _ in 0..decoder.number()?.min(64) {
                let index = usize::try_from(decoder.number()?).ok()?;
                counts.present.add_count(index.min(63), decoder.number()?);
            }
            take(number, Item::MatchKeys(name, detail, counts));
        } else {
            let count = decoder.number()?;
            if tag == REMEMBERED_KEY
                && let Some((index, event_name)) = detail.split_at_checked(2)
                && let Ok(index) = index.parse::<usize>()
            {
                let mut counts = KeyCounts::default();
                counts.remembered.add_count(index.min(63), count);
                take(number, Item::MatchKeys(name, event_name, counts));
            } else if let Some(counter) = Counter::from_parts(tag, name, detail) {
                take(number, Item::Counter(counter, count));
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_by_its_name() {
        let file = DayFile::of(Unit::Minutes, 29_400_000);
        assert_eq!(file.name(), "minutes-2025-11-24");
        assert_eq!(DayFile::from_name("minutes-2025-11-24"), Some(file));
        let hours = DayFile {
            unit: Unit::Hours,
            ..file
        };
        assert_eq!(DayFile::from_name(&hours.name()), Some(hours));
        for other in [
            "minutes-",
            "new",
            "minutes-2025-11-24.aside",
            "hours-2025-13-01",
            "days-2025-11-24",
        ] {
            assert_eq!(DayFile::from_name(other), None, "{other}");
        }
    }
}
