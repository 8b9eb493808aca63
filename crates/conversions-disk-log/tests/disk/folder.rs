//! The data folder: who may read it, who may write it, and what is refused.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use conversions_delivery::{DeadLetterStore, EventLog, StatusReader};
use conversions_disk_log::{DeadLetters, DiskLog, OpenError, StatusFile};

use crate::stage::{NOW, drain, events, keys, lease, options, refused};

fn open(folder: &Path) -> Result<DiskLog, OpenError> {
    DiskLog::open(folder, options())
}

#[tokio::test]
async fn files_are_readable_by_their_owner_only() {
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
            ("events-1.journal", 0o600),
            ("events.redb", 0o600),
            ("format.json", 0o600),
            ("status.json", 0o600)
        ]
    );
}

#[tokio::test]
async fn a_second_process_is_refused_while_the_folder_is_in_use() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = open(folder.path()).expect("a log");
    let second = open(folder.path()).expect_err("in use");
    assert!(
        second.to_string().contains("in use by another process"),
        "{second}"
    );
    // Looking at dead letters and status is allowed all the same.
    DeadLetters::open(folder.path(), options().dead_letters).expect("may be shared");
    assert_eq!(
        StatusFile::open(folder.path())
            .expect("a log")
            .read_status()
            .expect("readable"),
        None
    );
    drop(log);
    open(folder.path()).expect("free again");
}

#[test]
fn open_errors_name_the_problem() {
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
    for other in [1, 2, 4] {
        let folder = tempfile::tempdir().expect("a folder");
        let marker = folder.path().join("format.json");
        fs::write(&marker, format!(r#"{{"format":{other}}}"#)).expect("written");
        let refused = open(folder.path()).expect_err("another format");
        assert!(
            matches!(refused, OpenError::OtherFormat { found, known: 3 } if found == other),
            "{refused}"
        );
        assert!(
            refused
                .to_string()
                .contains("with the version that wrote it, run `segue serve` until"),
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
    let (tables, journal) = ("events.redb", "events-1.journal");
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

#[tokio::test]
async fn a_crash_between_letter_and_event_leaves_the_event() {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = tempfile::tempdir().expect("a folder");
    let log = open(folder.path()).expect("a log");
    log.append(events(2).into(), NOW).await.expect("room");
    for file in ["events.redb", "events-1.journal", "format.json"] {
        fs::copy(folder.path().join(file), copy.path().join(file)).expect("copied");
    }
    let leased = lease(&log, 1).await;
    let letters: Vec<_> = leased.events().map(refused).collect();
    assert_eq!(letters.len(), 1);
    log.dead_letter(letters, NOW).await.expect("kept");
    assert_eq!(keys(&lease(&log, 9).await).len(), 1);
    drop(log);
    // The letter is there, as after the first of the two steps, and so is the event.
    for file in ["events.redb", "events-1.journal"] {
        fs::copy(copy.path().join(file), folder.path().join(file)).expect("copied");
    }
    let log = open(folder.path()).expect("a log");
    let counts = log.dead_letters().counts().expect("counts");
    // That the letter was confirmed is the one thing that this test cannot undo; its event is back all the same.
    assert_eq!(drain(&log).await, ["e0", "e1"]);
    assert!(counts.len() <= 1);
}
