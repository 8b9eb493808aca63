//! The counts in memory and their files.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::HistoryOptions;
use super::counts::Counts;
use super::files::{BlockWriter, DayFile, Unit};
use super::match_keys::KeyCounts;
use super::retention::ClockWatch;
use crate::folder;

/// Minutes are kept apart for so long.
const MINUTES_KEPT: i64 = 2 * 24 * 60;
/// Days, today's among them, whose files have minutes: enough to cover [`MINUTES_KEPT`].
const DAYS_OF_MINUTES: i64 = 3;

/// The counts of a minute or an hour, by number of the counter.
pub(super) type Values = BTreeMap<u32, u64>;

/// A history in memory, with its files.
pub(super) struct Store {
    pub(super) folder: PathBuf,
    days: i64,
    max_bytes: u64,
    pub(super) counts: Counts,
    /// The minute that `counts` belongs to.
    pub(super) minute: i64,
    pub(super) minutes: BTreeMap<i64, Values>,
    pub(super) hours: BTreeMap<i64, (Values, BTreeMap<u32, KeyCounts>)>,
    pub(super) notes: Vec<String>,
    pub(super) write_error: Option<String>,
    clock: ClockWatch,
    is_clock_trusted: bool,
}

impl Store {
    /// Opens the files of a folder to add to them.
    pub(super) fn open(folder: &Path, options: &HistoryOptions) -> io::Result<Self> {
        folder::create(folder)?;
        let mut store = Self::empty(folder);
        store.days = i64::from(options.days.max(1));
        store.max_bytes = options.max_bytes;
        store.minute = (options.clock)().div_euclid(60_000);
        store.is_clock_trusted = options.is_clock_trusted;
        store.load(true)?;
        Ok(store)
    }

    /// Reads the files of a folder, and leaves them alone.
    pub(super) fn read(folder: &Path) -> io::Result<Self> {
        let mut store = Self::empty(folder);
        store.load(false)?;
        Ok(store)
    }

    fn empty(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            days: 14,
            max_bytes: u64::MAX,
            counts: Counts::default(),
            minute: 0,
            minutes: BTreeMap::new(),
            hours: BTreeMap::new(),
            notes: Vec::new(),
            write_error: None,
            clock: ClockWatch::new(Instant::now()),
            is_clock_trusted: false,
        }
    }

    /// Believes the clock until it jumps.
    #[cfg(test)]
    pub(super) fn trust_clock(&mut self) {
        self.clock = ClockWatch::believing();
    }

    pub(super) fn counts(&mut self) -> &mut Counts {
        &mut self.counts
    }

    pub(super) fn files(&self) -> io::Result<Vec<DayFile>> {
        let names = folder::names(&self.folder)?;
        Ok(names
            .iter()
            .filter_map(|name| DayFile::from_name(name))
            .collect())
    }

    /// Writes the counts of a minute that is over, or of the last one.
    pub(super) fn tick(&mut self, now_ms: i64, is_last: bool) {
        let believed = self.clock.observe(now_ms, Instant::now()) || self.is_clock_trusted;
        let minute = now_ms.div_euclid(60_000);
        if minute == self.minute && !is_last {
            return;
        }
        let mut result = self.write_minute();
        self.minute = minute;
        if believed {
            result = result.and(self.remove_old(minute));
        }
        self.note_result(result.and(self.keep_size()));
    }

    fn note_result(&mut self, result: io::Result<()>) {
        match (result, &self.write_error) {
            (Ok(()), Some(_)) => {
                tracing::warn!("the history is written again");
                self.write_error = None;
            }
            (Err(error), None) => {
                let sentence = format!(
                    "the history is not written at the moment, and a restart would lose what it counts meanwhile: {error}"
                );
                tracing::warn!("{sentence}");
                self.write_error = Some(sentence);
            }
            _ => {}
        }
    }

    /// Moves the counts of the minute to those that are over, and appends them to the file of their day.
    fn write_minute(&mut self) -> io::Result<()> {
        let values = std::mem::take(&mut self.counts.values);
        let keys = std::mem::take(&mut self.counts.keys);
        let hour = self.minute.div_euclid(60);
        let mut file = DayFile::of(Unit::Minutes, self.minute);
        let rolled_up = DayFile {
            unit: Unit::Hours,
            ..file
        };
        let mut number = self.minute;
        if self.folder.join(rolled_up.name()).exists() {
            // The clock was set back to a day whose minutes are rolled up.
            (file, number) = (rolled_up, hour);
        }
        let mut block = BlockWriter::new(number);
        let mut is_empty = true;
        for (series, count) in (0..).zip(values).filter(|(_, count)| *count > 0) {
            is_empty = false;
            if let Some(counter) = self.counts.counter(series) {
                block.counter(counter, count);
            }
            add(self.minutes.entry(self.minute).or_default(), series, count);
            add(&mut self.hours.entry(hour).or_default().0, series, count);
        }
        for (name, counts) in (0..).zip(keys).filter(|(_, counts)| counts.events > 0) {
            is_empty = false;
            if let Some((destination, event_name)) = self.counts.name(name) {
                block.match_keys(destination, event_name, &counts);
            }
            let of_hour = &mut self.hours.entry(hour).or_default().1;
            of_hour.entry(name).or_default().merge(&counts);
        }
        if is_empty {
            return Ok(());
        }
        file.append(&self.folder, &block.finish())
    }

    /// Rolls days up to hours, and removes what is older than the history is kept.
    fn remove_old(&mut self, minute: i64) -> io::Result<()> {
        let today = minute.div_euclid(24 * 60);
        self.minutes = self.minutes.split_off(&(minute - MINUTES_KEPT));
        let oldest_day = today - self.days;
        self.hours = self.hours.split_off(&(oldest_day * 24));
        for file in self.files()? {
            if file.day < oldest_day {
                fs::remove_file(self.folder.join(file.name()))?;
            } else if file.unit == Unit::Minutes && file.day <= today - DAYS_OF_MINUTES {
                self.roll_up(file)?;
            }
        }
        Ok(())
    }

    /// Replaces the minutes of a day by its hours.
    fn roll_up(&self, minutes: DayFile) -> io::Result<()> {
        let hours = self.hours.range(minutes.day * 24..(minutes.day + 1) * 24);
        let blocks = hours.map(|(hour, (values, keys))| {
            let mut block = BlockWriter::new(*hour);
            for (series, count) in values {
                if let Some(counter) = self.counts.counter(*series) {
                    block.counter(counter, *count);
                }
            }
            for (name, counts) in keys {
                if let Some((destination, event_name)) = self.counts.name(*name) {
                    block.match_keys(destination, event_name, counts);
                }
            }
            block.finish()
        });
        let rolled_up = DayFile {
            unit: Unit::Hours,
            ..minutes
        };
        if !self.folder.join(rolled_up.name()).exists() {
            rolled_up.write(&self.folder, blocks)?;
        }
        fs::remove_file(self.folder.join(minutes.name()))
    }

    /// While all files together are too large, rolls days up before their time, then removes the oldest files.
    fn keep_size(&self) -> io::Result<()> {
        let today = DayFile::of(Unit::Minutes, self.minute).day;
        let mut files = self.sizes()?;
        for (file, _) in files.clone() {
            if total(&files) <= self.max_bytes {
                return Ok(());
            }
            if file.unit == Unit::Minutes && file.day < today {
                self.roll_up(file)?;
                files = self.sizes()?;
            }
        }
        while total(&files) > self.max_bytes {
            let (oldest, _) = files.remove(0);
            fs::remove_file(self.folder.join(oldest.name()))?;
        }
        Ok(())
    }

    /// The files with their bytes, oldest first.
    fn sizes(&self) -> io::Result<Vec<(DayFile, u64)>> {
        let size = |file: DayFile| Ok((file, fs::metadata(self.folder.join(file.name()))?.len()));
        let mut files: Vec<_> = self
            .files()?
            .into_iter()
            .map(size)
            .collect::<io::Result<_>>()?;
        files.sort();
        Ok(files)
    }
}

fn total(files: &[(DayFile, u64)]) -> u64 {
    files.iter().map(|(_, bytes)| bytes).sum()
}

pub(super) fn add(values: &mut Values, series: u32, count: u64) {
    let value = values.entry(series).or_default();
    *value = value.saturating_add(count);
}
