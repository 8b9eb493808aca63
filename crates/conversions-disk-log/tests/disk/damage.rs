//! Files whose bytes were changed behind the log's back: noticed, put aside, and the log goes on.

use std::fs;
use std::path::{Path, PathBuf};

use conversions_delivery::{
    DeadLetterStore, DurableLog, EventKey, EventLog, Filter, InputId, LogError,
};
use conversions_disk_log::{Damage, DamagedContents, DeadLetters, DiskLog, OpenError};

use crate::stage::{NOW, drain, event, events, lease, options, refused};

fn open(folder: &Path) -> Result<DiskLog, OpenError> {
    DiskLog::open(folder, options())
}

/// A small log of three groups, closed or as a process leaves it that is killed.
struct SmallLog {
    folder: tempfile::TempDir,
    /// The file that is to suffer.
    name: &'static str,
    bytes: Vec<u8>,
    /// Another file, as it is to be.
    other: (&'static str, Vec<u8>),
}

impl SmallLog {
    /// A log whose events are all in the tables.
    async fn tables(closed: bool) -> Self {
        Self::new(closed, true, ["events.redb", "events-1.journal"]).await
    }

    /// A log whose events all have rows, and whose journal is to suffer.
    async fn journal_with_rows() -> Self {
        Self::new(true, true, ["events-1.journal", "events.redb"]).await
    }

    /// A log whose events are all in the journal only, as it is when the process was killed.
    async fn journal() -> Self {
        Self::new(false, false, ["events-1.journal", "events.redb"]).await
    }

    async fn new(closed: bool, absorbed: bool, [name, other]: [&'static str; 2]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let log = open(folder.path()).expect("a log");
        for group in events(30).chunks(10) {
            log.append(group.to_vec().into(), NOW).await.expect("room");
            if absorbed {
                let nothing = log.resumption(InputId([0; 16])).await;
                assert_eq!(nothing.expect("readable"), None);
            }
        }
        let read = |name| fs::read(folder.path().join(name)).expect("a file");
        let mut files = (read(name), read(other));
        drop(log);
        if closed {
            files = (read(name), read(other));
        }
        Self {
            folder,
            name,
            bytes: files.0,
            other: (other, files.1),
        }
    }

    /// Opens the log with other bytes in its file. What can be leased then, and whether damage was said.
    async fn with(&self, bytes: &[u8]) -> (Vec<String>, bool) {
        let path = |name| self.folder.path().join(name);
        fs::write(path(self.name), bytes).expect("written");
        fs::write(path(self.other.0), &self.other.1).expect("written");
        match open(self.folder.path()) {
            Ok(log) => {
                let ids = drain(&log).await;
                let letters = log.dead_letters();
                let damaged = letters.purge(&Filter::all(), false).expect("counted");
                self.remove_put_aside(log.damage());
                (ids, damaged > 0 || !log.damage().is_empty())
            }
            Err(OpenError::Missing { .. }) => (Vec::new(), true),
            Err(error) => panic!("another error: {error}"),
        }
    }

    /// Many bits are flipped in one test, and each damaged file is kept.
    fn remove_put_aside(&self, damage: &[Damage]) {
        for damage in damage {
            let file = &damage.damaged_file;
            assert_eq!(file.parent(), Some(self.folder.path()));
            fs::remove_file(file).expect("the damaged file is kept");
        }
    }
}

/// Steps so that all kinds of places are met in bearable time; a prime, so that no alignment escapes.
const STRIDE: usize = 499;

#[tokio::test]
async fn a_file_that_was_cut_is_noticed_at_every_length() {
    let log = SmallLog::tables(false).await;
    for length in (0..log.bytes.len()).step_by(STRIDE) {
        let (ids, said) = log.with(&log.bytes[..length]).await;
        assert!(
            ids.len() == 30 || said,
            "cut at {length}: {} events and not a word",
            ids.len()
        );
    }
}

/// Where a journal ends is where the process was killed: what is cut off was never acknowledged.
#[tokio::test]
async fn a_journal_that_was_cut_has_every_event_before_the_cut() {
    let log = SmallLog::journal().await;
    for length in (1..log.bytes.len()).step_by(97) {
        let (ids, _) = log.with(&log.bytes[..length]).await;
        let frames = length * 3 / log.bytes.len();
        assert!(
            ids.len() == frames * 10 || ids.len() == (frames + 1) * 10,
            "cut at {length}: {}",
            ids.len()
        );
    }
    assert_eq!(log.with(&log.bytes).await, (log_ids(), false));
}

fn log_ids() -> Vec<String> {
    (0..30).map(|number| format!("e{number}")).collect()
}

#[tokio::test]
async fn a_flipped_bit_in_the_journal_costs_one_event_at_most_and_is_reported() {
    let log = SmallLog::journal().await;
    let mut costs = [0; 2];
    for place in (16..log.bytes.len()).step_by(97) {
        let mut flipped = log.bytes.clone();
        flipped[place] ^= 1 << (place % 8);
        let (ids, said) = log.with(&flipped).await;
        // A damaged last commit looks like one that was being written.
        if ids.last().is_some_and(|last| last == "e19") {
            assert!(place > log.bytes.len() / 2, "flipped at {place}");
            assert_eq!(ids.len(), 20, "flipped at {place}");
            continue;
        }
        assert!(said, "flipped at {place}: not a word");
        let lost = 30 - ids.len();
        assert!(lost <= 1, "flipped at {place}: {ids:?}");
        costs[lost] += 1;
    }
    assert!(costs[0] > 1 && costs[1] > 3, "{costs:?}");
}

#[tokio::test]
async fn a_flipped_bit_in_a_segment_costs_the_event_that_it_is_in() {
    let log = SmallLog::journal_with_rows().await;
    let mut costs = [0; 2];
    for place in (16..log.bytes.len()).step_by(61) {
        let mut flipped = log.bytes.clone();
        flipped[place] ^= 1 << (place % 8);
        let (ids, said) = log.with(&flipped).await;
        let lost = 30 - ids.len();
        assert!(lost <= 1, "flipped at {place}: {ids:?}");
        assert!(lost == 0 || said, "flipped at {place}: not a word");
        costs[lost] += 1;
    }
    assert!(costs[0] > 1 && costs[1] > 3, "{costs:?}");
}

/// Either the bit is in a page that nothing uses, or the tables are made anew from the journal.
#[tokio::test]
async fn a_flipped_bit_in_the_tables_costs_no_event_wherever_it_is() {
    for closed in [true, false] {
        let log = SmallLog::tables(closed).await;
        let mut told = 0;
        let header = (0..320).step_by(7);
        for place in header.chain((320..log.bytes.len()).step_by(STRIDE)) {
            let mut flipped = log.bytes.clone();
            flipped[place] ^= 1 << (place % 8);
            let (ids, said) = log.with(&flipped).await;
            assert_eq!(ids.len(), 30, "flipped at {place}");
            told += u32::from(said);
        }
        assert!(told > 3, "{told}");
    }
}

/// A log with ten events in the tables and twenty in the journal, as a process leaves it that is killed.
async fn killed_with_a_journal() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let log = open(folder.path()).expect("a log");
    let mut groups = events(30).chunks(10).map(<[_]>::to_vec).collect::<Vec<_>>();
    let in_journal = groups.split_off(1);
    let [in_tables] = groups.try_into().expect("one group");
    log.append(in_tables.into(), NOW).await.expect("room");
    let nothing = log.resumption(InputId([0; 16])).await;
    assert_eq!(nothing.expect("readable"), None);
    for group in in_journal {
        log.append(group.into(), NOW).await.expect("room");
    }
    let read = |name| fs::read(folder.path().join(name)).expect("a file");
    let files = ["events.redb", "events-1.journal"].map(|name| (name, read(name)));
    drop(log);
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).expect("written");
    }
    let tables = folder.path().join("events.redb");
    (folder, tables)
}

#[tokio::test]
async fn damaged_tables_are_put_aside_and_the_journal_is_kept() {
    let (folder, tables) = killed_with_a_journal().await;
    fs::write(&tables, "no database").expect("written");
    let log = open(folder.path()).expect("a log");
    let [damage] = log.damage() else {
        panic!("one file, not {:?}", log.damage());
    };
    assert_eq!(damage.contents, DamagedContents::Tables { recovered: 30 });
    let aside = damage.damaged_file.clone();
    assert_eq!(fs::read(&aside).expect("kept"), b"no database");
    let name = aside.file_name().expect("a name").to_string_lossy();
    assert!(name.starts_with("events.redb.damaged-20"), "{name}");
    log.append(vec![event("new")].into(), NOW)
        .await
        .expect("room");
    drop(log);

    let log = open(folder.path()).expect("a log");
    assert!(log.damage().is_empty(), "told once");
    let ids = drain(&log).await;
    assert_eq!(ids.len(), 31);
    assert_eq!((ids[0].as_str(), ids[30].as_str()), ("e0", "new"));
}

/// The journal could not be emptied, or its old bytes came back with the power.
#[tokio::test]
async fn frames_that_the_fresh_tables_have_count_once() {
    let (folder, tables) = killed_with_a_journal().await;
    let journal = folder.path().join("events-1.journal");
    let kept = fs::read(&journal).expect("a journal");
    fs::write(&tables, "no database").expect("written");
    drop(open(folder.path()).expect("a log"));
    fs::write(&journal, kept).expect("written");
    let log = open(folder.path()).expect("a log");
    assert_eq!(drain(&log).await.len(), 30);
}

#[tokio::test]
async fn keys_of_dead_letters_are_not_given_again_after_the_tables_are_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = open(folder.path()).expect("a log");
    log.append(events(5).into(), NOW).await.expect("room");
    let leased = lease(&log, 5).await;
    let last = leased.events().last().expect("five events").key;
    let letters = leased.events().map(refused).collect();
    log.dead_letter(letters, NOW).await.expect("kept");
    drop(log);
    fs::write(folder.path().join("events.redb"), "no database").expect("written");
    let log = open(folder.path()).expect("a log");
    log.append(vec![event("new")].into(), NOW)
        .await
        .expect("room");
    let key = lease(&log, 1).await.keys()[0].first;
    assert!(key > last, "{key:?} after {last:?}");
}

#[tokio::test]
async fn damaged_dead_letters_are_put_aside_by_the_process_that_has_the_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = open(folder.path()).expect("a log");
    log.append(events(2).into(), NOW).await.expect("room");
    let leased = lease(&log, 1).await;
    let letters = leased.events().map(refused);
    log.dead_letter(letters.collect(), NOW).await.expect("kept");
    drop(log);
    let file = folder.path().join("dead-letters.redb");
    fs::write(&file, "no database").expect("written");

    let operator = DeadLetters::open(folder.path(), options().dead_letters);
    let refused_to = operator.expect_err("damaged");
    assert!(
        matches!(refused_to, OpenError::DamagedDeadLetters { .. }),
        "{refused_to}"
    );
    assert_eq!(fs::read(&file).expect("left alone"), b"no database");

    let log = open(folder.path()).expect("a log");
    assert!(matches!(
        log.damage(),
        [Damage {
            contents: DamagedContents::DeadLetters,
            ..
        }]
    ));
    assert_eq!(drain(&log).await, ["e1"], "events are not affected");
    let letters = log.dead_letters();
    assert_eq!(letters.get(EventKey(1)), Ok::<_, LogError>(None));
}
