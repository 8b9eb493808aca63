//! Frames: joined when they are appended, cut when they are settled in part.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use conversions_delivery::{
    AppendOutcome, DeadLetterStore, DurableLog, EventKey, EventLog, InputId, KeyRange, UnixMillis,
};
use conversions_disk_log::DiskLog;

use crate::stage::{NOW, drain, event, events, id, lease, lease_at, options, refused};

fn open(folder: &Path) -> DiskLog {
    DiskLog::open(folder, options()).expect("a log")
}

/// The folder as a process leaves it that is killed: a copy of what the files hold.
fn killed(folder: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().expect("a folder");
    for file in fs::read_dir(folder).expect("a folder") {
        let file = file.expect("a file");
        fs::copy(file.path(), copy.path().join(file.file_name())).expect("copied");
    }
    copy
}

async fn checkpoint(log: &DiskLog) {
    let nothing = log.resumption(InputId([0; 16])).await;
    assert_eq!(nothing.expect("readable"), None);
}

#[tokio::test]
async fn what_is_left_of_a_frame_survives_a_kill() {
    for in_tables in [false, true] {
        let folder = tempfile::tempdir().expect("a folder");
        let log = open(folder.path());
        log.append(events(10).into(), NOW).await.expect("room");
        if in_tables {
            checkpoint(&log).await;
        }
        let leased = lease(&log, 10).await;
        assert_eq!(leased.frames.len(), 1, "one frame");
        let EventKey(first) = leased.frames[0].first_key;
        let range = |from: u64, to: u64| KeyRange::from(first + from..first + to);
        let delivered = [range(2, 4), range(9, 10)];
        log.acknowledge("shop", &delivered, NOW)
            .await
            .expect("acknowledged");
        let copy = killed(folder.path());
        let ids = drain(&open(copy.path())).await;
        assert_eq!(ids, ["e0", "e1", "e4", "e5", "e6", "e7", "e8"]);

        let letter = refused(leased.events().nth(5).expect("ten events"));
        log.dead_letter(vec![letter], NOW).await.expect("kept");
        let ten_minutes = UnixMillis(NOW.0 + 600_000);
        let deferred = [range(7, 9)];
        let released = log.release("shop", &deferred, Some(ten_minutes)).await;
        released.expect("deferred");
        let copy = killed(folder.path());
        let log = open(copy.path());
        let backlog = log.backlog("shop").await.expect("a backlog");
        assert_eq!((backlog.events, backlog.later), (6, 2));
        assert_eq!(drain(&log).await, ["e0", "e1", "e4", "e6"]);
        let due = lease_at(&log, 10, ten_minutes).await;
        assert_eq!(
            due.events().map(|event| id(&event)).collect::<Vec<_>>(),
            ["e7", "e8"]
        );
        let letters = log.dead_letters();
        assert!(
            letters
                .get(EventKey(first + 5))
                .expect("readable")
                .is_some()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn small_appends_at_the_same_time_become_few_frames() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = Arc::new(open(folder.path()));
    let appends: Vec<_> = (0..200)
        .map(|number| {
            let log = Arc::clone(&log);
            tokio::spawn(async move {
                let id = format!("e{number}");
                let appended = log
                    .append(vec![event(&id)].into(), NOW)
                    .await
                    .expect("room");
                match appended.outcomes().next() {
                    Some(AppendOutcome::Stored(key)) => (key, id),
                    outcome => panic!("stored, not {outcome:?}"),
                }
            })
        })
        .collect();
    let mut appended = BTreeSet::new();
    for append in appends {
        appended.insert(append.await.expect("no panic"));
    }
    let leased = lease(&log, 200).await;
    let found: BTreeSet<_> = leased
        .events()
        .map(|event| (event.key, id(&event)))
        .collect();
    assert_eq!(
        found, appended,
        "every event has the key that its sender was told"
    );
    assert!(leased.frames.len() < 100, "{} frames", leased.frames.len());
}

#[tokio::test]
async fn an_event_that_was_seen_before_is_cut_out_of_its_frame() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = open(folder.path());
    let with_id = |id: &str| event(id).with_message_id(Some(id));
    log.append(vec![with_id("b")].into(), NOW)
        .await
        .expect("room");
    let group = ["a", "b", "c", "a", "d"].map(with_id).to_vec();
    let appended = log.append(group.into(), NOW).await.expect("room");
    let stored: Vec<_> = appended
        .outcomes()
        .map(|outcome| matches!(outcome, AppendOutcome::Stored(_)))
        .collect();
    assert_eq!(stored, [true, false, true, false, true]);
    let copy = killed(folder.path());
    for log in [log, open(copy.path())] {
        assert_eq!(drain(&log).await, ["b", "a", "c", "d"]);
    }
}
