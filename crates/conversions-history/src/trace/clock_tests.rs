//! Traces while the clock is wrong.

use std::sync::atomic::AtomicI64;

use super::*;

const DAY_MS: i64 = 24 * 3600 * 1000;

fn add(trace: &Trace, id: &str) {
    let mut batch = trace.batch();
    let event = NewTracedEvent {
        destination: "shop",
        ids: [Some(id), None, None],
        ..NewTracedEvent::default()
    };
    batch.push(&event, None);
    trace.accepted(&mut batch, &[Some(1)]);
    trace.shared.flush();
}

#[test]
fn a_clock_that_jumps_ahead_removes_nothing_also_after_a_restart() {
    let dir = tempfile::tempdir().expect("a folder");
    let now = Arc::new(AtomicI64::new(20_000 * DAY_MS));
    let clock = Arc::clone(&now);
    let options = TraceOptions {
        clock: Arc::new(move || clock.load(Ordering::Relaxed)),
        ..TraceOptions::default()
    };
    let is_there = |trace: &Trace, id: &str| !trace.search(id).expect("read").events.is_empty();
    let trace = Trace::open(dir.path(), options.clone()).expect("a folder");
    trace.shared.writer.lock().expect("sound").trust_clock();
    add(&trace, "before");
    now.fetch_add(3000 * DAY_MS, Ordering::Relaxed);
    add(&trace, "years ahead");
    assert!(is_there(&trace, "before") && is_there(&trace, "years ahead"));
    drop(trace);
    // The clock may have been set while nothing ran.
    let trace = Trace::open(dir.path(), options).expect("a folder");
    add(&trace, "after the restart");
    assert!(is_there(&trace, "before"));
    // A clock that has run on for long enough is believed.
    trace.shared.writer.lock().expect("sound").trust_clock();
    add(&trace, "believed");
    assert!(!is_there(&trace, "before"));
    assert!(is_there(&trace, "years ahead") && is_there(&trace, "believed"));
}
