//! Writes records to segments, and removes old ones.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::TraceOptions;
use crate::block::{End, push_start};
use crate::folder;
use crate::history::ClockWatch;
use crate::trace::buffer::Told;
use crate::trace::segments::{self, MAGIC, Segment, block_head};

/// A trace is cut into so many segments: one of them more than the limits allow is the price of removing them whole.
const SEGMENTS: u64 = 16;

pub(super) struct Writer {
    folder: PathBuf,
    options: TraceOptions,
    clock: ClockWatch,
    /// Oldest first; the last one grows.
    segments: Vec<Segment>,
    file: Option<File>,
    /// What comes before the records of a block, kept for its memory.
    start: Vec<u8>,
    notes: Vec<String>,
    write_error: Option<String>,
    dropped: u64,
}

impl Writer {
    /// Opens the segments of a folder. With a new key the old ones cannot be searched, and go.
    pub(super) fn open(folder: &Path, options: TraceOptions, is_new: bool) -> io::Result<Self> {
        let mut writer = Self {
            folder: folder.to_owned(),
            options,
            clock: ClockWatch::new(Instant::now()),
            segments: Vec::new(),
            file: None,
            start: Vec::new(),
            notes: Vec::new(),
            write_error: None,
            dropped: 0,
        };
        for number in segments::numbers(folder)? {
            if is_new {
                fs::remove_file(segments::path(folder, number))?;
            } else {
                writer.adopt(number)?;
            }
        }
        Ok(writer)
    }

    /// Takes over a segment of an earlier process: what is not whole at its end is cut off.
    fn adopt(&mut self, number: u64) -> io::Result<()> {
        let path = segments::path(&self.folder, number);
        let (segment, end) = Segment::read(&self.folder, number, |_| {})?;
        match end {
            End::OtherFormat => {
                folder::put_aside(&path)?;
                self.note("a segment of the trace is of another version: it is put aside with .aside behind its name");
                return Ok(());
            }
            End::Damaged => self
                .note("a segment of the trace is damaged: the events behind the damage are lost"),
            End::Whole | End::Torn => {}
        }
        if segment.first_at.is_none() {
            return fs::remove_file(path);
        }
        if end != End::Whole {
            File::options()
                .write(true)
                .open(&path)?
                .set_len(segment.bytes)?;
        }
        self.segments.push(segment);
        Ok(())
    }

    /// Believes the clock until it jumps.
    #[cfg(test)]
    pub(super) fn trust_clock(&mut self) {
        self.clock = ClockWatch::believing();
    }

    fn note(&mut self, sentence: &str) {
        tracing::warn!("{sentence}");
        self.notes.push(sentence.to_owned());
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Sentences about the trace itself.
    pub(super) fn notes(&self) -> Vec<String> {
        let dropped = (self.dropped > 0).then(|| {
            format!(
                "{} records are missing: the disk was slower than events came",
                self.dropped
            )
        });
        let notes = self.notes.iter().cloned();
        notes
            .chain(self.write_error.clone())
            .chain(dropped)
            .collect()
    }

    /// Writes what was told. What cannot be written is lost.
    pub(super) fn write(&mut self, told: &Told) {
        self.dropped = told.dropped;
        let now = (self.options.clock)();
        let believed = self.clock.observe(now, Instant::now());
        let oldest = believed.then(|| now.saturating_sub(self.max_age_ms()));
        let result = self
            .append(told, now)
            .and_then(|()| self.remove_old(oldest));
        match (result, &self.write_error) {
            (Ok(()), Some(_)) => {
                tracing::warn!("the trace is written again");
                self.write_error = None;
            }
            (Err(error), None) => {
                let sentence = format!(
                    "the trace is not written at the moment, so later events are missing from it: {error}"
                );
                tracing::warn!("{sentence}");
                self.write_error = Some(sentence);
            }
            _ => {}
        }
    }

    fn append(&mut self, told: &Told, now: i64) -> io::Result<()> {
        let segment = self.current_segment(now);
        let path = segments::path(&self.folder, segment.number);
        let head = block_head(now, told.events);
        self.start.clear();
        if segment.bytes == 0 {
            self.start.extend_from_slice(&MAGIC);
        }
        push_start(&mut self.start, &head, &told.records);
        self.start.extend_from_slice(&head);
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(folder::open_to_append(&path)?),
        };
        let written = file
            .write_all(&self.start)
            .and_then(|()| file.write_all(&told.records));
        if let Err(error) = written {
            // A part of a block would hide what is appended later.
            let _ = file.set_len(segment.bytes);
            self.file = None;
            return Err(error);
        }
        if let Some(segment) = self.segments.last_mut() {
            segment.bytes += (self.start.len() + told.records.len()) as u64;
            segment.events += u64::from(told.events);
            segment.first_at.get_or_insert(now);
            segment.last_at = now;
        }
        Ok(())
    }

    /// The segment that grows. A new one begins when it is as large as a segment may be, or spans a good part of the time
    /// that events are kept.
    fn current_segment(&mut self, now: i64) -> Segment {
        let max_age = self.max_age_ms();
        if let Some(last) = self.segments.last() {
            let is_full = last.bytes >= self.options.max_bytes / SEGMENTS
                || last.events >= self.options.max_events.div_ceil(SEGMENTS)
                || last
                    .first_at
                    .is_some_and(|first| now.saturating_sub(first) > max_age / 8);
            if !is_full {
                return *last;
            }
        }
        self.file = None;
        let number = self.segments.last().map_or(1, |last| last.number + 1);
        let segment = Segment {
            number,
            ..Segment::default()
        };
        self.segments.push(segment);
        segment
    }

    fn max_age_ms(&self) -> i64 {
        i64::try_from(self.options.max_age.as_millis()).unwrap_or(i64::MAX)
    }

    /// Removes the oldest segments that are not needed: without them there are events enough, or all in them are from before
    /// `oldest_kept`, or all segments together are too large. As long as the clock is not believed, nothing is too old.
    fn remove_old(&mut self, oldest_kept: Option<i64>) -> io::Result<()> {
        let mut events: u64 = self.segments.iter().map(|one| one.events).sum();
        let mut bytes: u64 = self.segments.iter().map(|one| one.bytes).sum();
        while let [oldest, _, ..] = self.segments.as_slice() {
            let is_needed = events - oldest.events < self.options.max_events
                && oldest_kept.is_none_or(|kept| oldest.last_at >= kept)
                && bytes <= self.options.max_bytes;
            if is_needed {
                break;
            }
            match fs::remove_file(segments::path(&self.folder, oldest.number)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            events -= oldest.events;
            bytes -= oldest.bytes;
            self.segments.remove(0);
        }
        Ok(())
    }
}
