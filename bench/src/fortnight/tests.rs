//! A fortnight in the history: it stays small, is rolled up, survives restarts and a kill, and is shown in every range.

use std::fs;

use conversions_history::history::{HistoryReport, Range};

use super::*;

/// Midnight of a day in 2026, in minutes since 1970.
const BEGIN: i64 = 20_600 * DAY;

fn files(folder: &Path) -> Vec<(String, u64)> {
    let entries = fs::read_dir(folder.join("history")).expect("a history");
    let mut files: Vec<_> = entries
        .map(|entry| {
            let entry = entry.expect("a file");
            let name = entry.file_name().into_string().expect("a name");
            (name, entry.metadata().expect("a file").len())
        })
        .collect();
    files.sort();
    files
}

/// Copies the files as they are: what a process that is killed now would leave.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.join("history")).expect("a folder");
    for (name, _) in files(from) {
        let path = |folder: &Path| folder.join("history").join(&name);
        fs::copy(path(from), path(to)).expect("copied");
    }
}

fn accepted(report: &HistoryReport) -> u64 {
    let destinations = report.total.destinations.values();
    destinations.map(|one| one.accepted).sum()
}

#[test]
fn a_fortnight_stays_small_is_rolled_up_and_is_shown_in_every_range() {
    let (first, second) = (tempfile::tempdir(), tempfile::tempdir());
    let (first, second) = (first.expect("a folder"), second.expect("a folder"));
    let mut fortnight = Fortnight::open(first.path(), BEGIN, 0).expect("a folder");
    for minute in 0..MINUTES {
        fortnight.count(minute);
        if minute == 4 * DAY + 700 {
            // A restart: what was counted in this minute is written at the end.
            drop(fortnight);
            fortnight = Fortnight::open(first.path(), BEGIN, minute).expect("a folder");
        }
        if minute == 9 * DAY + 300 {
            // A kill: what was counted in this minute is lost, and nothing else.
            copy(first.path(), second.path());
            fortnight = Fortnight::open(second.path(), BEGIN, minute).expect("a folder");
        }
        fortnight.finish(minute);
    }
    let reports = [Range::LastHour, Range::LastDay, Range::Last14Days]
        .map(|range| fortnight.history().report(range));
    drop(fortnight);

    let expected = |minutes: std::ops::Range<i64>| {
        let lost = |minute: &i64| *minute != 9 * DAY + 300;
        let events = |minute: i64| -> u64 {
            let of = |(_, at_peak): (&str, u64)| {
                at_peak * activity(minute) / 100 + varied(minute, at_peak) % 5
            };
            DESTINATIONS.into_iter().map(of).sum()
        };
        minutes.filter(lost).map(events).sum::<u64>()
    };
    let [hour, day, all] = &reports;
    // The slot of now has just begun, so that each range lacks the slot before its first.
    assert_eq!(accepted(hour), expected(MINUTES - 59..MINUTES));
    assert_eq!(accepted(day), expected(MINUTES - DAY + 15..MINUTES));
    assert_eq!(accepted(all), expected(60..MINUTES));
    let us = |report: &HistoryReport, hour: usize| {
        let slot = &report.slots[hour - 1].destinations["shop-us"];
        (
            slot.delivered > 0,
            slot.failed_requests.contains_key("not_sent"),
        )
    };
    let outage = 6 * 24 + 19;
    assert_eq!(us(all, outage), (false, true));
    assert_eq!(us(all, outage + 3), (true, false));
    let eu = &all.slots[10 * 24 + 9].destinations["shop-eu"];
    assert!(eu.rejected["missing_event_name"] * 3 > eu.accepted);
    let purchases = all.match_keys.iter().find(|one| one.event == "Purchase");
    let purchases = purchases.expect("purchases");
    assert_eq!(purchases.keys["fbp"], purchases.events);
    assert!(purchases.remembered["em"] > 0 && purchases.remembered["em"] < purchases.keys["em"]);

    let files = files(second.path());
    let bytes: u64 = files.iter().map(|(_, bytes)| bytes).sum();
    assert!(bytes <= 20_000_000, "{bytes} bytes: {files:?}");
    let minutes = files
        .iter()
        .filter(|(name, _)| name.starts_with("minutes-"));
    // It ends at midnight: of yesterday and the day before there are minutes.
    assert_eq!((minutes.count(), files.len()), (2, 14), "{files:?}");
    let read = History::read(second.path(), Range::Last14Days, (BEGIN + MINUTES) * 60_000);
    assert_eq!(read.expect("read").total, all.total);
}
