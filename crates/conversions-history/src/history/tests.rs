//! Histories over days, restarts, jumps of the clock, damage and full disks.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::store::Store;
use super::*;

/// Noon of a day in 2026, in minutes.
const NOON: i64 = 20_625 * 1440 + 720;

fn options(now: &Arc<AtomicI64>) -> HistoryOptions {
    let now = Arc::clone(now);
    HistoryOptions {
        clock: Arc::new(move || now.load(Ordering::Relaxed)),
        ..HistoryOptions::default()
    }
}

fn open_at(folder: &Path, minute: i64) -> Store {
    Store::open(folder, &options(&Arc::new(AtomicI64::new(minute * 60_000)))).expect("a folder")
}

fn accept(store: &mut Store, count: u64) {
    let destination = "shop";
    store.counts().add(Counter::Accepted { destination }, count);
}

fn accepted(store: &mut Store, range: Range, minute: i64) -> u64 {
    let report = store.report(range, minute * 60_000);
    let total = |slot: &Slot| {
        slot.destinations
            .get("shop")
            .map_or(0, |shop| shop.accepted)
    };
    assert_eq!(
        report.slots.iter().map(total).sum::<u64>(),
        total(&report.total)
    );
    total(&report.total)
}

/// Tells the store that its clock was right for long.
fn run_long(store: &mut Store) {
    store.trust_clock();
}

fn names(folder: &Path) -> Vec<String> {
    crate::folder::names(folder).expect("a folder")
}

/// The match keys of an event whose click id only a memory had.
fn remembered_click_id() -> MatchKeySet {
    let user_data = facebook_conversions::UserData {
        fbc: Some("fb.1.1.x".into()),
        ..Default::default()
    };
    MatchKeySet::of(&user_data).with_remembered(u64::MAX)
}

#[test]
fn a_restart_keeps_every_minute_that_was_over() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = open_at(dir.path(), NOON);
    accept(&mut store, 5);
    let purchases = store.counts().look_up_name("shop", "Purchase");
    store
        .counts()
        .add_match_keys(purchases.expect("room"), remembered_click_id());
    store.tick((NOON + 1) * 60_000, false);
    accept(&mut store, 2);
    drop(store);

    let mut store = open_at(dir.path(), NOON + 2);
    assert_eq!(
        accepted(&mut store, Range::LastHour, NOON + 2),
        5,
        "the minute that was not over is lost"
    );
    let report = store.report(Range::LastDay, (NOON + 2) * 60_000);
    assert_eq!(
        (report.match_keys.len(), report.match_keys[0].events),
        (1, 1)
    );
    let purchases = &report.match_keys[0];
    assert_eq!(purchases.event, "Purchase");
    assert_eq!((purchases.keys["fbc"], purchases.remembered["fbc"]), (1, 1));
    assert!(report.notes.is_empty());
}

#[test]
fn a_fortnight_is_rolled_up_and_every_event_is_still_counted() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = open_at(dir.path(), NOON);
    for minute in (0..20 * 1440).step_by(7) {
        accept(&mut store, 1);
        run_long(&mut store);
        store.tick((NOON + minute) * 60_000, false);
    }
    let end = NOON + 20 * 1440;
    store.tick(end * 60_000, true);
    let in_two_weeks = (14 * 1440) / 7;
    for _ in 0..2 {
        let fortnight = accepted(&mut store, Range::Last14Days, end);
        assert!(
            fortnight.abs_diff(in_two_weeks) <= 9,
            "{fortnight}, in {in_two_weeks}"
        );
        assert_eq!(
            accepted(&mut store, Range::LastDay, end) / 10,
            1440 / 7 / 10
        );
        store = open_at(dir.path(), end);
    }
    let files = names(dir.path());
    let minutes = files
        .iter()
        .filter(|name| name.starts_with("minutes-"))
        .count();
    assert_eq!((minutes, files.len()), (3, 15), "{files:?}");
}

#[test]
fn a_clock_that_jumps_ahead_and_back_loses_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = open_at(dir.path(), NOON);
    run_long(&mut store);
    accept(&mut store, 3);
    let far = NOON + 100 * 1440;
    for minute in [NOON + 1, far, far + 1, NOON - 6 * 1440, NOON + 2, NOON + 3] {
        store.tick(minute * 60_000, false);
        accept(&mut store, 1);
    }
    store.tick((NOON + 4) * 60_000, true);
    for _ in 0..2 {
        // One was counted at the minute far ahead and one a minute later.
        assert_eq!(accepted(&mut store, Range::Last14Days, NOON + 4), 3 + 6 - 2);
        assert_eq!(accepted(&mut store, Range::LastHour, far + 5), 2);
        store = open_at(dir.path(), NOON + 4);
    }
}

#[test]
fn a_file_of_another_version_is_put_aside_with_a_sentence() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = open_at(dir.path(), NOON);
    accept(&mut store, 3);
    store.tick((NOON + 1) * 60_000, true);
    let name = names(dir.path()).pop().expect("a file");
    let path = dir.path().join(&name);
    fs::write(&path, b"segHist9 of another version").expect("written");
    let mut read_only = Store::read(dir.path()).expect("read");
    assert!(read_only.report(Range::LastHour, NOON * 60_000).notes[0].ends_with("is left out"));

    let mut store = open_at(dir.path(), NOON + 2);
    let notes = store.report(Range::LastHour, NOON * 60_000).notes;
    assert!(notes[0].contains("put aside"), "{notes:?}");
    accept(&mut store, 1);
    store.tick((NOON + 3) * 60_000, true);
    assert_eq!(names(dir.path()), [name.clone(), format!("{name}.aside")]);
    assert_eq!(
        accepted(
            &mut open_at(dir.path(), NOON + 4),
            Range::LastHour,
            NOON + 4
        ),
        1
    );
}

#[test]
fn a_torn_end_is_cut_off_so_that_later_minutes_can_be_read() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = open_at(dir.path(), NOON);
    accept(&mut store, 3);
    store.tick((NOON + 1) * 60_000, true);
    let path = dir.path().join(names(dir.path()).pop().expect("a file"));
    let whole = fs::read(&path).expect("read");
    fs::write(&path, [&whole[..], &whole[8..whole.len() - 3]].concat()).expect("written");

    let mut store = open_at(dir.path(), NOON + 2);
    accept(&mut store, 4);
    store.tick((NOON + 3) * 60_000, true);
    assert_eq!(
        accepted(
            &mut open_at(dir.path(), NOON + 4),
            Range::LastHour,
            NOON + 4
        ),
        7
    );
}

#[test]
fn a_folder_that_cannot_be_written_is_noted_and_counting_goes_on() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("history");
    let mut store = open_at(&folder, NOON);
    fs::remove_dir(&folder).expect("removed");
    fs::write(&folder, "a file stands in its way").expect("written");
    accept(&mut store, 3);
    store.tick((NOON + 1) * 60_000, false);
    let report = store.report(Range::LastHour, (NOON + 1) * 60_000);
    assert!(
        report.notes[0].contains("not written at the moment"),
        "{:?}",
        report.notes
    );
    assert_eq!(report.total.destinations["shop"].accepted, 3);

    fs::remove_file(&folder).expect("removed");
    fs::create_dir(&folder).expect("created");
    accept(&mut store, 1);
    store.tick((NOON + 2) * 60_000, false);
    assert!(
        store
            .report(Range::LastHour, (NOON + 2) * 60_000)
            .notes
            .is_empty()
    );
}

#[test]
fn the_oldest_days_go_when_the_history_is_too_large() {
    let dir = tempfile::tempdir().expect("a folder");
    let now = Arc::new(AtomicI64::new(NOON * 60_000));
    let options = HistoryOptions {
        max_bytes: 4000,
        ..options(&now)
    };
    let mut store = Store::open(dir.path(), &options).expect("a folder");
    for minute in (0..10 * 1440).step_by(30) {
        accept(&mut store, 1);
        store.tick((NOON + minute) * 60_000, false);
    }
    let files = names(dir.path());
    let bytes: u64 = files
        .iter()
        .map(|name| fs::metadata(dir.path().join(name)).expect("a file").len())
        .sum();
    assert!(bytes <= 4000, "{bytes}");
    assert_eq!(
        files.last(),
        Some(&files::DayFile::of(files::Unit::Minutes, NOON + 10 * 1440 - 60).name())
    );
}

#[test]
fn a_history_that_is_dropped_has_written_its_last_minute() {
    let dir = tempfile::tempdir().expect("a folder");
    let now = Arc::new(AtomicI64::new(NOON * 60_000));
    let history = History::open(dir.path(), &options(&now)).expect("a folder");
    let destination = "shop";
    history.record(|counts| counts.add(Counter::Accepted { destination }, 7));
    assert_eq!(
        history.report(Range::LastHour).total.destinations["shop"].accepted,
        7
    );
    drop(history);
    let report = History::read(dir.path(), Range::Hours(1), NOON * 60_000).expect("read");
    assert_eq!(report.total.destinations["shop"].accepted, 7);
    let elsewhere = History::read(&dir.path().join("nothing"), Range::LastDay, 0).expect("none");
    assert_eq!(
        elsewhere.total,
        Slot {
            at: elsewhere.from,
            ..Slot::default()
        }
    );
}
