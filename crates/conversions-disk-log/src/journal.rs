//! The journal, a write-ahead log: commits are appended to it, one record and one sync each.
//!
//! It consists of segments. What is delivered soon never reaches the tables. A checkpoint writes into the tables where
//! everything is that is not settled, together with the [position](JournalPosition) of the next record. The frames of
//! events stay in their segments until all of a segment are settled.
//!
//! A record is its magic (4 bytes), number (8), length (4) and checksum (4), then its [entries]. The checksum covers the
//! number. Of a damaged record the frames are read, which have checksums of their own.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use redb::StorageBackend;

use crate::lock::lock;
use crate::store::SegmentStorage;

mod entries;
mod files;
mod reading;

pub(crate) use entries::{CommitBuilder, Entry};
use files::Files;
pub(crate) use reading::{JournalContents, Record};

/// What every record begins with.
const MAGIC: [u8; 4] = *b"sgJ2";
/// Magic, number, length, checksum.
const HEADER_BYTES: usize = 4 + 8 + 4 + 4;
/// A segment begins with its name: one without records differs from a file that lost its content.
const TITLE: [u8; 16] = *b"segue journal 2\n";

/// Where bytes are in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Location {
    pub(crate) segment: u64,
    pub(crate) offset: u64,
    pub(crate) length: u32,
}

/// Where the next record goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JournalPosition {
    /// The number of the record.
    pub(crate) record: u64,
    pub(crate) segment: u64,
    pub(crate) offset: u64,
}

impl JournalPosition {
    /// The offset of the first record of a segment.
    pub(crate) const START_OF_SEGMENT: u64 = TITLE_BYTES;
}

/// The journal, open for appending.
pub(crate) struct Journal {
    storage: Arc<dyn SegmentStorage>,
    writer: Mutex<Writer>,
    /// Held while bytes are read, but not while they are written.
    files: Mutex<Files>,
}

struct Writer {
    file: Arc<dyn StorageBackend>,
    /// Whether records can be written. They cannot after a failure, until a checkpoint.
    is_usable: bool,
    next: JournalPosition,
    /// The offset of the first record that is not in the tables.
    flushed: u64,
    /// Segments below this one have no such record.
    flushed_segment: u64,
}

/// Why a record was not written.
#[derive(Debug)]
pub(crate) enum JournalError {
    /// The record is not there. Until the next checkpoint, commits go into the tables.
    Write(io::Error),
    /// It is unknown whether the record is on the disk.
    Sync(io::Error),
}

impl Journal {
    /// Opens a journal and gives its records from a position on to `visit`. Without a position every record counts.
    pub(crate) fn open(
        storage: Arc<dyn SegmentStorage>,
        from: Option<JournalPosition>,
        mut visit: impl FnMut(Record),
    ) -> io::Result<(Self, JournalContents)> {
        let mut all: BTreeSet<u64> = storage.list()?.into_iter().collect();
        let newest = all.last().copied().unwrap_or(1);
        let mut contents = JournalContents::default();
        let expected = from.map(|from| from.record);
        let mut last = expected;
        if from.is_none() {
            for segment in all.iter().filter(|segment| **segment != newest) {
                let file = storage.open(*segment)?;
                let found = reading::read(&*file, *segment, TITLE_BYTES, None, &mut visit)?;
                last = found.next.or(last);
                contents.damaged += found.damaged;
                contents.damaged_segment = found.damaged_segment.or(contents.damaged_segment);
            }
        }
        let segment = from.map_or(newest, |from| from.segment);
        let file = storage.open(segment)?;
        all.insert(segment);
        if file.len()? < TITLE_BYTES {
            file.write(0, &TITLE)?;
            file.sync_data()?;
        }
        let start = from.map_or(TITLE_BYTES, |from| from.offset);
        let found = reading::read(&*file, segment, start, expected, visit)?;
        let contents = JournalContents {
            damaged: contents.damaged + found.damaged,
            damaged_segment: found.damaged_segment.or(contents.damaged_segment),
            ..found
        };
        if found.damaged == 0 && file.len()? > found.end {
            file.set_len(found.end)?;
        }
        let file: Arc<dyn StorageBackend> = Arc::from(file);
        let writer = Writer {
            file: Arc::clone(&file),
            is_usable: true,
            next: JournalPosition {
                record: found.next.or(last).unwrap_or(0),
                segment,
                offset: found.end,
            },
            flushed: start,
            flushed_segment: from.map_or(0, |from| from.segment),
        };
        let journal = Self {
            storage,
            writer: Mutex::new(writer),
            files: Mutex::new(Files {
                current: (segment, file),
                other: None,
                prepared: None,
                all,
            }),
        };
        Ok((journal, contents))
    }

    /// Appends a record, and returns when it is durable: where it begins.
    pub(crate) fn write(&self, record: &mut CommitBuilder) -> Result<Location, JournalError> {
        let mut writer = lock(&self.writer);
        let Writer {
            file,
            is_usable,
            next,
            ..
        } = &mut *writer;
        if !*is_usable {
            let error = io::Error::other("the journal is disabled");
            return Err(JournalError::Write(error));
        }
        let bytes = record.finish(next.record);
        let written = file
            .write(next.offset, bytes)
            .map_err(JournalError::Write)
            .and_then(|()| file.sync_data().map_err(JournalError::Sync));
        let place = Location {
            segment: next.segment,
            offset: next.offset,
            length: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
        };
        // When it failed, part of the record or all of it may be there. It was not acknowledged: the next record has
        // another number and takes its place.
        next.record += 1;
        if let Err(error) = written {
            *is_usable = false;
            return Err(error);
        }
        next.offset += u64::from(place.length);
        Ok(place)
    }

    /// Appends a record that need not be durable before the next one. A failure loses it.
    pub(crate) fn write_behind(&self, record: &mut CommitBuilder) {
        let mut writer = lock(&self.writer);
        let Writer {
            file,
            is_usable,
            next,
            ..
        } = &mut *writer;
        if !*is_usable {
            return;
        }
        let bytes = record.finish(next.record);
        match file.write(next.offset, bytes) {
            Ok(()) => {
                next.record += 1;
                next.offset += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            }
            Err(error) => tracing::debug!("the journal lacks what was settled: {error}"),
        }
    }

    /// Reads bytes that were written before.
    pub(crate) fn read(&self, place: &Location) -> io::Result<Bytes> {
        let mut bytes = vec![0; usize::try_from(place.length).map_err(io::Error::other)?];
        let mut files = lock(&self.files);
        let file = files.file(place.segment, &*self.storage)?;
        if place.offset.saturating_add(place.length.into()) > file.len()? {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        file.read(place.offset, &mut bytes)?;
        Ok(bytes.into())
    }

    /// Where the next record goes after a checkpoint. With `rolls` that is another segment, unless it cannot be made.
    pub(crate) fn prepare_checkpoint(&self, rolls: bool) -> JournalPosition {
        let next = lock(&self.writer).next;
        if !rolls || next.offset <= TITLE_BYTES {
            return next;
        }
        let fresh = JournalPosition {
            record: next.record,
            segment: next.segment + 1,
            offset: TITLE_BYTES,
        };
        match self.make_segment(fresh.segment) {
            Ok(()) => fresh,
            Err(error) => {
                tracing::debug!("the journal stays in its segment: {error}");
                next
            }
        }
    }

    /// Goes on at a position that a checkpoint has written into the tables.
    pub(crate) fn finish_checkpoint(&self, position: JournalPosition) {
        let mut writer = lock(&self.writer);
        if position.segment != writer.next.segment {
            let mut files = lock(&self.files);
            let Some((segment, file)) = files.prepared.take() else {
                writer.is_usable = false;
                return;
            };
            let file: Arc<dyn StorageBackend> = Arc::from(file);
            files.current = (segment, Arc::clone(&file));
            writer.file = file;
        }
        writer.next = position;
        writer.flushed = position.offset;
        writer.flushed_segment = position.segment;
        writer.is_usable = true;
    }

    /// Removes the segments that no record and no row is in any more.
    pub(crate) fn remove_segments(&self, is_unused: impl Fn(u64) -> bool) {
        let before = lock(&self.writer).flushed_segment;
        let mut files = lock(&self.files);
        let unused = files.all.range(..before.min(files.current.0));
        let unused: Vec<u64> = unused.copied().filter(|one| is_unused(*one)).collect();
        for segment in unused {
            files.other.take_if(|(number, _)| *number == segment);
            match self.storage.remove(segment) {
                Ok(()) => {
                    files.all.remove(&segment);
                }
                Err(error) => tracing::debug!("a segment cannot be removed: {error}"),
            }
        }
    }

    /// How many segments there are.
    pub(crate) fn segment_count(&self) -> usize {
        lock(&self.files).all.len()
    }

    /// The segment that is written.
    pub(crate) fn current_segment(&self) -> u64 {
        lock(&self.files).current.0
    }

    /// Whether records can be written.
    pub(crate) fn is_usable(&self) -> bool {
        lock(&self.writer).is_usable
    }

    /// Whether a record is not in the tables.
    pub(crate) fn has_unflushed(&self) -> bool {
        let writer = lock(&self.writer);
        writer.next.offset > writer.flushed
    }

    /// Bytes of the segment that is written, without its title.
    pub(crate) fn bytes(&self) -> u64 {
        lock(&self.writer).next.offset.saturating_sub(TITLE_BYTES)
    }

    /// What messages call the segment that is written.
    pub(crate) fn name(&self) -> String {
        self.storage.name(self.current_segment())
    }

    /// Takes no more records until a checkpoint.
    pub(crate) fn disable(&self) {
        let mut writer = lock(&self.writer);
        if std::mem::take(&mut writer.is_usable) {
            writer.next.record += 1;
        }
    }

    /// Makes a segment, or empties what an earlier try has left of it.
    fn make_segment(&self, number: u64) -> io::Result<()> {
        let mut files = lock(&self.files);
        let file = match files.prepared.take_if(|(prepared, _)| *prepared == number) {
            Some((_, file)) => file,
            None => self.storage.open(number)?,
        };
        file.set_len(0)?;
        file.write(0, &TITLE)?;
        file.sync_data()?;
        files.all.insert(number);
        files.prepared = Some((number, file));
        Ok(())
    }
}

const TITLE_BYTES: u64 = 16;

#[cfg(test)]
mod tests;
