//! The data folder: who may read it, who may write it, and what becomes of damage.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use conversions_delivery::{DeadLetterStore, DurableLog, EventLog, Filter, InputId, Status};
use conversions_disk_log::{DeadLetters, DiskLog, OpenError};

use crate::stage::{NOW, drain, events, keys, lease, options, refused};

fn open(folder: &Path) -> Result<DiskLog, OpenError> {
    DiskLog::open(folder, options())
}

#[tokio::test]
async fn only_the_owner_may_look() {
    let parent = tempfile::tempdir().expect("a folder");
    let folder = parent.path().join("data");
    let log = open(&folder).expect("a log");
    log.append(events(1).into(), NOW).await.expect("room");
    log.publish(&conversions_delivery::Progress::default(), NOW)
        .await;
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let mut names: Vec<_> = fs::read_dir(&folder)
        .expect("a folder")
        .map(|entry| {
            let entry = entry.expect("an entry");
            (
                entry.file_name().into_string().expect("a name"),
                mode(&entry.path()),
            )
        })
        .collect();
    names.sort();
    let all_private: Vec<_> = names
        .iter()
        .map(|(name, mode)| (name.as_str(), *mode))
        .collect();
    assert_eq!(
        all_private,
        [
            ("dead-letters.redb", 0o600),
            ("events.journal", 0o600),
            ("events.redb", 0o600),
            ("format.json", 0o600),
            ("status.json", 0o600)
        ]
    );
}

#[tokio::test]
async fn a_second_one_is_told_that_the_folder_is_in_use() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = open(folder.path()).expect("a log");
    let second = open(folder.path()).expect_err("in use");
    assert!(
        second.to_string().contains("in use by another process"),
        "{second}"
    );
    // Looking at dead letters and status is allowed all the same.
    DeadLetters::open(folder.path(), options().dead_letters).expect("may be shared");
    assert_eq!(StatusFile::open(folder.path()).expect("a log").read_status().expect("readable"), None);
    drop(log);
    open(folder.path()).expect("free again");
}

#[test]
fn what_is_in_the_way_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, "no folder").expect("written");
    let not_a_folder = open(&file).expect_err("no folder");
    assert!(
        matches!(not_a_folder, OpenError::Folder { .. }),
        "{not_a_folder}"
    );

    let none = DeadLetters::open(folder.path(), options().dead_letters).expect_err("no log");
    assert!(matches!(none, OpenError::NoLog { .. }), "{none}");
}

#[test]
fn a_folder_of_another_format_is_left_alone() {
    for other in [1, 3] {
        let folder = tempfile::tempdir().expect("a folder");
        let marker = folder.path().join("format.json");
        fs::write(&marker, format!(r#"{{"format":{other}}}"#)).expect("written");
        let refused = open(folder.path()).expect_err("another format");
        assert!(
            matches!(refused, OpenError::OtherFormat { found, known: 2 } if found == other),
            "{refused}"
        );
        assert!(
            refused
                .to_string()
                .contains("use the version that wrote it"),
            "{refused}"
        );
        DeadLetters::open(folder.path(), options().dead_letters).expect_err("another format");
        let left: Vec<_> = fs::read_dir(folder.path())
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        assert_eq!(left, ["format.json"], "nothing is made in it");
    }
}

#[tokio::test]
async fn a_log_that_is_gone_is_not_replaced_by_an_empty_one() {
    let (tables, journal) = ("events.redb", "events.journal");
    for (file, remains) in [
        (tables, None),
        (tables, Some("")),
        (journal, None),
        (journal, Some("")),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let log = open(folder.path()).expect("a log");
        log.append(events(3).into(), NOW).await.expect("room");
        drop(log);
        let file = folder.path().join(file);
        match remains {
            None => fs::remove_file(&file).expect("removed"),
            Some(text) => fs::write(&file, text).expect("written"),
        }
        let missing = open(folder.path()).expect_err("missing");
        assert!(matches!(missing, OpenError::Missing { .. }), "{missing}");
    }
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
        Self::new(closed, true, ["events.redb", "events.journal"]).await
    }

    /// A log whose events are all in the journal, as it is when the process was killed.
    async fn journal() -> Self {
        Self::new(false, false, ["events.journal", "events.redb"]).await
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
                (
                    ids,
                    damaged > 0 || log.salvage().is_some_and(|salvage| salvage.lost > 0),
                )
            }
            Err(OpenError::Damaged { .. } | OpenError::Missing { .. }) => (Vec::new(), true),
            Err(error) => panic!("another error: {error}"),
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
async fn a_flipped_bit_in_the_journal_takes_one_commit_and_is_told() {
    let log = SmallLog::journal().await;
    let mut told = 0;
    for place in (16..log.bytes.len()).step_by(97) {
        let mut flipped = log.bytes.clone();
        flipped[place] ^= 1 << (place % 8);
        let (ids, said) = log.with(&flipped).await;
        assert_eq!(ids.len(), 20, "flipped at {place}");
        // Of the last commit nobody can tell a flipped bit from one that was being written.
        let is_last = ids.ends_with(&["e19".to_owned()]);
        assert!(said || is_last, "flipped at {place}: not a word");
        told += usize::from(said);
    }
    assert!(told > 5, "{told}");
}

#[tokio::test]
async fn a_flipped_bit_is_noticed_and_the_rest_is_kept() {
    for closed in [true, false] {
        let log = SmallLog::tables(closed).await;
        let (mut all, mut some, mut none) = (0, 0, 0);
        let header = (0..320).step_by(7);
        for place in header.chain((320..log.bytes.len()).step_by(STRIDE)) {
            let mut flipped = log.bytes.clone();
            flipped[place] ^= 1 << (place % 8);
            let (ids, said) = log.with(&flipped).await;
            assert!(
                ids.len() == 30 || said,
                "flipped at {place}: {} events and not a word",
                ids.len()
            );
            match ids.len() {
                30 => all += 1,
                0 => none += 1,
                _ => some += 1,
            }
        }
        assert!(all > 0 && some > 0, "{all} {some} {none}");
        assert!(
            none < 25,
            "only header and roots take everything with them: {none}"
        );
    }
}

#[tokio::test]
async fn a_process_that_ended_between_letter_and_event_leaves_the_event() {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = tempfile::tempdir().expect("a folder");
    let log = open(folder.path()).expect("a log");
    log.append(events(2).into(), NOW).await.expect("room");
    for file in ["events.redb", "events.journal", "format.json"] {
        fs::copy(folder.path().join(file), copy.path().join(file)).expect("copied");
    }
    let leased = lease(&log, 1).await;
    let letters: Vec<_> = leased.events.into_iter().map(refused).collect();
    assert_eq!(letters.len(), 1);
    log.dead_letter(letters, NOW).await.expect("kept");
    assert_eq!(keys(&lease(&log, 9).await).len(), 1);
    drop(log);
    // The letter is there, as after the first of the two steps, and so is the event.
    for file in ["events.redb", "events.journal"] {
        fs::copy(copy.path().join(file), folder.path().join(file)).expect("copied");
    }
    let log = open(folder.path()).expect("a log");
    let counts = log.dead_letters().counts().expect("counts");
    // That the letter was confirmed is the one thing that this test cannot undo; its event is back all the same.
    assert_eq!(drain(&log).await, ["e0", "e1"]);
    assert!(counts.len() <= 1);
}
