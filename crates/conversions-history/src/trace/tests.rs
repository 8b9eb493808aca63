//! Traces over restarts, limits, damage and full disks.

use std::fs;
use std::sync::atomic::AtomicI64;

use super::*;

fn open(folder: &Path, options: TraceOptions) -> Trace {
    Trace::open(folder, options).expect("a folder")
}

fn plain(folder: &Path) -> Trace {
    open(folder, TraceOptions::default())
}

fn event<'a>(id: &'a str, destination: &'a str) -> NewTracedEvent<'a> {
    NewTracedEvent {
        at: 1_767_225_600_000,
        source: "web",
        library: "analytics-node/2.1",
        kind: "track",
        event: "Order Completed",
        destination,
        ids: [Some(id), Some(id), None],
        ..NewTracedEvent::default()
    }
}

fn accept(trace: &Trace, id: &str, key: u64) {
    let mut batch = trace.batch();
    batch.push(&event(id, "shop"), None);
    trace.accepted(&mut batch, &[Some(key)]);
}

fn deliver(trace: &Trace, keys: std::ops::Range<u64>) {
    let settlement = SettlementRecord {
        destination: "shop",
        at: 1_767_225_601_000,
        attempts: 1,
        batch_events: 3,
        fbtrace_id: "Afb1",
        ..SettlementRecord::default()
    };
    trace.settled(
        &settlement,
        [(keys.start, keys.end - keys.start)].into_iter(),
    );
}

fn found(trace: &Trace, id: &str) -> Vec<TracedEvent> {
    trace.search(id).expect("read").events
}

#[test]
fn an_event_is_found_by_each_of_its_ids_with_all_that_became_of_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let trace = plain(dir.path());
    let mut batch = trace.batch();
    let ids = [Some("message"), Some("event"), Some("order-7")];
    for (destination, outcome, reason) in [
        ("shop", TracedOutcome::Accepted, ""),
        ("ads", TracedOutcome::Accepted, ""),
        ("eu", TracedOutcome::Rejected, "invalid_timestamp"),
    ] {
        let one = NewTracedEvent {
            outcome,
            reason,
            ids,
            ..event("", destination)
        };
        batch.push(&one, None);
    }
    trace.accepted(&mut batch, &[Some(41), None]);
    let attempt = AttemptRecord {
        destination: "shop",
        at: 5,
        number: 1,
        took_ms: 120,
        outcome: "refused",
        status: Some(400),
        code: Some(190),
        subcode: Some(-1),
        fbtrace_id: "A1",
    };
    trace.attempted(&attempt, [(40, 3), (43, 1)].into_iter());
    deliver(&trace, 41..42);

    for id in ["message", "event", "order-7"] {
        let events = found(&trace, id);
        let [shop, ads, eu] = events.as_slice() else {
            panic!("{id}: {events:?}");
        };
        assert_eq!(
            (shop.library.as_str(), shop.event.as_str(), shop.key),
            ("analytics-node/2.1", "Order Completed", Some(41))
        );
        assert_eq!(shop.attempts.len(), 1);
        assert_eq!(
            shop.attempts[0],
            TracedAttempt {
                at: 5,
                number: 1,
                took_ms: 120,
                batch_events: 4,
                outcome: "refused".to_owned(),
                status: Some(400),
                code: Some(190),
                subcode: Some(-1),
                fbtrace_id: "A1".to_owned(),
            }
        );
        let end = shop.end.as_ref().expect("settled");
        assert!(end.is_delivered && end.fbtrace_id == "Afb1" && end.batch_events == 3);
        assert_eq!(
            (ads.outcome, ads.reason.as_str(), ads.key),
            (TracedOutcome::Skipped, "duplicate", None)
        );
        assert_eq!(
            (eu.outcome, eu.reason.as_str()),
            (TracedOutcome::Rejected, "invalid_timestamp")
        );
    }
    assert!(found(&trace, "Message").is_empty());
    assert!(found(&trace, "").is_empty());
}

#[test]
fn events_and_settlements_are_joined_in_either_order_and_over_a_restart() {
    let dir = tempfile::tempdir().expect("a folder");
    let trace = plain(dir.path());
    deliver(&trace, 7..8);
    accept(&trace, "early", 7);
    accept(&trace, "late", 8);
    drop(trace);
    let trace = plain(dir.path());
    deliver(&trace, 8..9);
    for id in ["early", "late"] {
        assert!(
            found(&trace, id)[0]
                .end
                .as_ref()
                .is_some_and(|end| end.is_delivered),
            "{id}"
        );
    }
    let elsewhere = Trace::search_folder(dir.path(), "early").expect("read");
    assert_eq!(elsewhere.events, found(&trace, "early"));
    assert_eq!(elsewhere.traced_events, 2);
    let nothing = Trace::search_folder(&dir.path().join("nothing"), "early").expect("none");
    assert_eq!(nothing, TraceSearch::default());
}

#[test]
fn the_newest_thousand_are_in_memory_with_provenance_and_change_when_they_are_settled() {
    let dir = tempfile::tempdir().expect("a folder");
    let trace = plain(dir.path());
    let provenance = Provenance {
        warnings: vec!["low_match".to_owned()],
        ..Provenance::default()
    };
    for key in 0..1500 {
        let mut batch = trace.batch();
        batch.push(&event(&key.to_string(), "shop"), Some(provenance.clone()));
        trace.accepted(&mut batch, &[Some(key)]);
    }
    trace.shared.flush();
    let before = *trace.changes().borrow();
    let recent = trace.recent();
    assert_eq!(
        (recent.len(), recent[0].key, recent[999].key),
        (1000, Some(1499), Some(500))
    );
    assert!(recent.iter().any(|event| event.provenance.is_some()));

    deliver(&trace, 1200..1202);
    deliver(&trace, 0..1_000_000_000_000);
    trace.shared.flush();
    assert!(*trace.changes().borrow() > before);
    let recent = trace.recent();
    assert!(
        recent
            .iter()
            .all(|event| event.end.is_some() && event.change > before)
    );
    let found = found(&trace, "900");
    assert_eq!(found[0].provenance, Some(provenance));
}

#[test]
fn limits_of_number_age_and_bytes_are_kept() {
    for (limit, at_least) in [
        (
            TraceOptions {
                max_events: 1000,
                ..TraceOptions::default()
            },
            1000,
        ),
        (
            TraceOptions {
                max_age: Duration::from_secs(500),
                ..TraceOptions::default()
            },
            500,
        ),
        (
            TraceOptions {
                max_bytes: 100_000,
                ..TraceOptions::default()
            },
            900,
        ),
    ] {
        let dir = tempfile::tempdir().expect("a folder");
        let now = Arc::new(AtomicI64::new(0));
        let clock = Arc::clone(&now);
        let options = TraceOptions {
            clock: Arc::new(move || clock.load(Ordering::Relaxed)),
            ..limit
        };
        let trace = open(dir.path(), options.clone());
        trace.shared.writer.lock().expect("sound").trust_clock();
        for key in 0..3000 {
            accept(&trace, &format!("m{key}"), key);
            now.fetch_add(1000, Ordering::Relaxed);
            trace.shared.flush();
        }
        let traced = trace.search("m2999").expect("read");
        assert_eq!(traced.events.len(), 1, "{options:?}");
        let most = at_least + at_least / 4;
        assert!(
            (at_least - at_least / 8..=most).contains(&traced.traced_events),
            "{options:?}: {}",
            traced.traced_events
        );
        assert!(found(&trace, "m1").is_empty());
        let files = crate::folder::names(&dir.path().join(FOLDER)).expect("a folder");
        let bytes: u64 = files
            .iter()
            .map(|name| {
                fs::metadata(dir.path().join(FOLDER).join(name))
                    .expect("a file")
                    .len()
            })
            .sum();
        assert!(bytes <= options.max_bytes, "{bytes}");
    }
}

#[test]
fn damage_costs_what_is_behind_it_and_is_noted() {
    let dir = tempfile::tempdir().expect("a folder");
    let trace = plain(dir.path());
    let path = segments::path(&dir.path().join(FOLDER), 1);
    accept(&trace, "first", 1);
    trace.shared.flush();
    let sound = usize::try_from(fs::metadata(&path).expect("a segment").len()).expect("small");
    accept(&trace, "second", 2);
    trace.shared.flush();
    accept(&trace, "third", 3);
    drop(trace);
    let mut bytes = fs::read(&path).expect("read");
    bytes[sound + 20] ^= 1;
    fs::write(&path, &bytes).expect("written");

    let trace = plain(dir.path());
    accept(&trace, "fourth", 4);
    let search = trace.search("first").expect("read");
    assert_eq!(search.events.len(), 1);
    assert!(search.notes[0].contains("damaged"), "{:?}", search.notes);
    assert_eq!(
        (found(&trace, "second").len(), found(&trace, "fourth").len()),
        (0, 1)
    );
    drop(trace);

    fs::write(&path, b"segTrac9 of another version").expect("written");
    fs::remove_file(dir.path().join(FOLDER).join("key")).expect("removed");
    let trace = plain(dir.path());
    assert_eq!(
        trace.search("fourth").expect("read"),
        TraceSearch::default()
    );
}

#[test]
fn a_folder_that_cannot_be_written_loses_records_and_says_so() {
    let dir = tempfile::tempdir().expect("a folder");
    let trace = plain(dir.path());
    let folder = dir.path().join(FOLDER);
    fs::remove_dir_all(&folder).expect("removed");
    accept(&trace, "lost", 1);
    let search = trace.search("lost").expect("nothing to read");
    assert!(search.events.is_empty());
    assert!(
        search.notes[0].contains("not written at the moment"),
        "{:?}",
        search.notes
    );
    assert_eq!(trace.recent().len(), 1, "memory has it");
    fs::create_dir(&folder).expect("created");
    accept(&trace, "kept", 2);
    assert_eq!(found(&trace, "kept").len(), 1);
}

#[test]
fn no_id_is_in_the_files_and_only_the_owner_can_read_them() {
    let dir = tempfile::tempdir().expect("a folder");
    let trace = plain(dir.path());
    accept(&trace, "order-for-jane@example.com", 1);
    drop(trace);
    let folder = dir.path().join(FOLDER);
    for name in crate::folder::names(&folder).expect("a folder") {
        let path = folder.join(name);
        let bytes = fs::read(&path).expect("read");
        assert!(
            !String::from_utf8_lossy(&bytes).contains("jane"),
            "{}",
            path.display()
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&path).expect("a file").permissions().mode();
            assert_eq!(mode & 0o077, 0, "{}", path.display());
        }
    }
}

#[test]
fn a_disk_that_is_too_slow_costs_records_and_no_time() {
    let dir = tempfile::tempdir().expect("a folder");
    let trace = plain(dir.path());
    let writer = trace.shared.writer.lock().expect("no panic");
    let id = "x".repeat(100);
    for key in 0..100_000 {
        accept(&trace, &id, key);
    }
    assert!(trace.dropped() > 0);
    drop(writer);
    let search = trace.search("nothing").expect("read");
    assert!(
        search.notes[0].contains("records are missing"),
        "{:?}",
        search.notes
    );
    accept(&trace, "afterwards", 7);
    assert_eq!(found(&trace, "afterwards").len(), 1);
}
