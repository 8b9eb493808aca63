use std::sync::Mutex;

use bytes::Bytes;
use conversions_delivery::{EventKey, InputId, KeyRange, UnixMillis};

use super::*;
use crate::input_counts::InputCounts;

/// A file in memory that outlives its opening.
#[derive(Clone, Debug)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Memory {
    fn of(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new(bytes)))
    }

    fn bytes(&self) -> Vec<u8> {
        lock(&self.0).clone()
    }
}

impl SegmentStorage for Memory {
    fn list(&self) -> io::Result<Vec<u64>> {
        Ok(vec![1])
    }

    fn open(&self, number: u64) -> io::Result<Box<dyn StorageBackend>> {
        match number {
            1 => Ok(Box::new(self.clone())),
            _ => Err(io::ErrorKind::StorageFull.into()),
        }
    }

    fn remove(&self, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn name(&self, _: u64) -> String {
        "memory".to_owned()
    }
}

impl StorageBackend for Memory {
    fn len(&self) -> io::Result<u64> {
        Ok(lock(&self.0).len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).expect("small");
        out.copy_from_slice(&lock(&self.0)[start..start + out.len()]);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        lock(&self.0).resize(usize::try_from(len).expect("small"), 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let start = usize::try_from(offset).expect("small");
        let mut bytes = lock(&self.0);
        let end = bytes.len().max(start + data.len());
        bytes.resize(end, 0);
        bytes[start..start + data.len()].copy_from_slice(data);
        Ok(())
    }
}

fn record(text: &str) -> CommitBuilder {
    let mut page = CommitBuilder::default();
    page.write(&Entry::Destination(text));
    page
}

/// The beginning of a segment, where the record of this number is.
fn from(record: u64) -> JournalPosition {
    JournalPosition {
        record,
        segment: 1,
        offset: TITLE_BYTES,
    }
}

/// The bytes of a journal of these records, numbered from 5 on, and where each begins.
fn journal(records: &[&str]) -> (Vec<u8>, Vec<usize>) {
    let memory = Memory::of(Vec::new());
    let (journal, _) =
        Journal::open(Arc::new(memory.clone()), Some(from(5)), |_| ()).expect("opened");
    let mut begins = Vec::new();
    for text in records {
        begins.push(TITLE.len() + usize::try_from(journal.bytes()).expect("small"));
        journal.write(&mut record(text)).expect("written");
    }
    (memory.bytes(), begins)
}

/// The whole records that are read, and how that went.
fn read(bytes: Vec<u8>, first: Option<u64>) -> (Vec<String>, JournalContents) {
    let mut texts = Vec::new();
    let storage = Arc::new(Memory::of(bytes));
    let (_, found) = Journal::open(storage, first.map(from), |record| {
        if record.is_damaged {
            return;
        }
        for entry in CommitBuilder::read(&record.bytes) {
            let Some(Entry::Destination(text)) = entry else {
                panic!("a name, not {entry:?}");
            };
            texts.push(text.to_owned());
        }
    })
    .expect("opened");
    (texts, found)
}

#[test]
fn records_are_read_as_they_were_written() {
    let (bytes, _) = journal(&["a", "b", "c"]);
    let (texts, found) = read(bytes.clone(), Some(5));
    assert_eq!(texts, ["a", "b", "c"]);
    assert_eq!(
        (found.next, found.damaged, found.has_torn_end),
        (Some(8), 0, false)
    );
    let (texts, found) = read(bytes.clone(), Some(8));
    assert!(texts.is_empty(), "they are in the tables");
    assert_eq!(found.damaged, 0);
    let (texts, _) = read(bytes, None);
    assert_eq!(
        texts,
        ["a", "b", "c"],
        "it is unknown what is in the tables"
    );
}

#[test]
fn a_cut_at_any_byte_takes_no_more_than_what_is_cut() {
    let (bytes, begins) = journal(&["first", "second", "third"]);
    for length in TITLE.len()..bytes.len() {
        let (texts, found) = read(bytes[..length].to_vec(), Some(5));
        let whole = begins[1..].iter().filter(|begin| **begin <= length).count();
        assert_eq!(texts.len(), whole, "cut at {length}");
        let is_between = begins.contains(&length);
        assert_eq!(found.has_torn_end, !is_between, "cut at {length}");
    }
}

#[test]
fn a_flipped_bit_costs_one_record_and_is_reported() {
    let (bytes, begins) = journal(&["first", "second", "third"]);
    for bit in TITLE.len() * 8..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let (texts, found) = read(flipped, Some(5));
        let damaged = begins.iter().filter(|begin| **begin <= bit / 8).count() - 1;
        let mut expected = vec!["first", "second", "third"];
        expected.remove(damaged);
        assert_eq!(texts, expected, "bit {bit}");
        let is_told = if damaged == 2 {
            found.has_torn_end
        } else {
            found.damaged == 1
        };
        assert!(is_told, "bit {bit}: {found:?}");
    }
}

#[test]
fn a_record_that_was_reported_as_failed_does_not_count() {
    let (bytes, begins) = journal(&["first", "failed", "second"]);
    // The next checkpoint has skipped its number.
    let mut found = read(bytes.clone(), Some(7));
    assert_eq!(found.0, ["second"]);
    assert_eq!(found.1.damaged, 0);
    let memory = Memory::of(bytes[..begins[2]].to_vec());
    let position = JournalPosition {
        offset: begins[1] as u64,
        ..from(7)
    };
    let open = || Journal::open(Arc::new(memory.clone()), Some(position), |_| ());
    let (journal, _) = open().expect("opened");
    journal.write(&mut record("again!")).expect("written");
    let bytes = memory.bytes();
    assert_eq!(bytes.len(), begins[2], "it took the place of the other");
    found = read(bytes, None);
    assert_eq!(found.0, ["first", "again!"]);
}

#[test]
fn written_bytes_are_found_where_they_were_written() {
    let memory = Memory::of(Vec::new());
    let storage = Arc::new(memory);
    let (journal, _) = Journal::open(storage, Some(from(1)), |_| ()).expect("opened");
    journal.write(&mut record("before")).expect("written");
    let place = journal.write(&mut record("shop")).expect("written");
    let bytes = journal.read(&place).expect("there");
    assert!(bytes.starts_with(&MAGIC) && bytes.ends_with(b"shop"));
    let beyond = Location {
        offset: place.offset + 1,
        ..place
    };
    let error = journal.read(&beyond).expect_err("beyond the end");
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    assert_eq!(
        journal.prepare_checkpoint(true).segment,
        1,
        "no room for another segment"
    );
}

#[test]
fn entries_are_read_as_they_were_written() {
    let entries = || {
        [
            Entry::Destination("shop"),
            Entry::Frame {
                offset: 14,
                bytes: Bytes::from_static(b"frame"),
            },
            Entry::Ids(&[1, 2, 3]),
            Entry::Input {
                input: InputId([9; 16]),
                offset: Some((17, "note".into())),
                counts: InputCounts {
                    appended: 1,
                    duplicates: 2,
                    delivered: 3,
                    dead_lettered: 4,
                },
                at: UnixMillis(-1),
            },
            Entry::Input {
                input: InputId([1; 16]),
                offset: None,
                counts: InputCounts::default(),
                at: UnixMillis(5),
            },
            Entry::Delivered {
                keys: KeyRange::new(EventKey(3), 4),
            },
        ]
    };
    let mut page = CommitBuilder::default();
    for entry in &entries() {
        page.write(entry);
    }
    let bytes = Bytes::copy_from_slice(&page.finish(0)[HEADER_BYTES..]);
    let read: Vec<_> = CommitBuilder::read(&bytes).collect();
    assert_eq!(read, entries().map(Some));
    let cut = bytes.slice(..bytes.len() - 1);
    let read: Vec<_> = CommitBuilder::read(&cut).collect();
    assert_eq!(read.last(), Some(&None), "and what is cut off is noticed");
}
