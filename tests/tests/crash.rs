//! The command is killed in the middle of its work, again and again: what it has taken arrives, and nothing else.
//!
//! `cargo xtask crash-test --cycles N` runs it longer than the tests do.
#![expect(
    clippy::expect_used,
    reason = "a test says what went wrong by panicking"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use e2e::binary::segue;
use graph_sandbox::{Sandbox, Script};
use jiff::Timestamp;

/// Kills in an ordinary test run.
const CYCLES: u64 = 20;

const EVENTS_PER_REQUEST: u64 = 25;
const REQUESTS_IN_FLIGHT: u64 = 2;

/// More than a run gets done before it is killed, so that every kill falls into work.
const EVENTS_PER_CYCLE: u64 = 400;

const PATIENCE: Duration = Duration::from_mins(1);

/// The same delays in every run of the test, and others in every cycle.
struct Delays(u64);

impl Delays {
    fn next(&mut self, most: u64) -> Duration {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        Duration::from_millis((self.0 >> 33) % most)
    }
}

fn cycles() -> u64 {
    std::env::var("SEGUE_CRASH_CYCLES")
        .ok()
        .and_then(|cycles| cycles.parse().ok())
        .unwrap_or(CYCLES)
}

fn write_events(path: &Path, count: u64) {
    let now = Timestamp::now();
    let mut lines = String::new();
    for number in 0..count {
        let _ = writeln!(
            lines,
            r#"{{"type":"track","event":"Signed Up","messageId":"m-{number}","userId":"u-{number}","timestamp":"{now}"}}"#
        );
    }
    fs::write(path, lines).expect("the events are written");
}

fn send(folder: &Path) -> Child {
    segue()
        .args([
            "send",
            "--format",
            "json",
            "--settings",
            "settings.json",
            "--data-dir",
            "data",
            "events.ndjson",
        ])
        .current_dir(folder)
        .env("TOKEN", "token")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts")
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_it_delivers_everything_and_repeats_only_what_was_in_flight() {
    let cycles = cycles();
    let events = cycles * EVENTS_PER_CYCLE;
    let folder = tempfile::tempdir().expect("a folder");
    write_events(&folder.path().join("events.ndjson"), events);
    let sandbox = Sandbox::builder()
        .count_event_ids(usize::try_from(events).expect("a count") + 1)
        .start()
        .await
        .expect("a sandbox");
    // Slow answers: most kills fall between a request and its answer.
    let slow = Script::default()
        .answer_delay(Duration::from_millis(20))
        .jitter(Duration::from_millis(20));
    sandbox.set_script(slow).expect("a script");
    let settings = serde_json::json!({
        "pixel_id": "1000000000000001", "access_token": {"env": "TOKEN"}, "graph_url": sandbox.url(),
        "batch_events": EVENTS_PER_REQUEST, "concurrency": REQUESTS_IN_FLIGHT,
    });
    fs::write(folder.path().join("settings.json"), settings.to_string())
        .expect("the settings are written");

    let mut delays = Delays(cycles);
    for cycle in 0..cycles {
        let before = sandbox.totals().requests;
        let mut run = send(folder.path());
        let started = Instant::now();
        while sandbox.totals().requests == before {
            assert!(started.elapsed() < PATIENCE, "run {cycle} made no progress");
            let ended = run.try_wait().expect("the run is there");
            assert!(ended.is_none(), "run {cycle} ended by itself: {ended:?}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        tokio::time::sleep(delays.next(120)).await;
        run.kill().expect("SIGKILL");
        run.wait().expect("the run is over");
    }

    sandbox.set_script(Script::default()).expect("a script");
    let last = send(folder.path());
    let output = tokio::task::spawn_blocking(|| last.wait_with_output())
        .await
        .expect("no panic")
        .expect("output");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a summary");
    assert_eq!(
        (summary["read"].as_u64(), summary["delivered"].as_u64()),
        (Some(events), Some(events)),
        "{summary}"
    );

    let arrived: BTreeMap<String, u64> = sandbox
        .edge()
        .accepted_ids()
        .into_iter()
        .map(|id| (id.event_id.into_string(), u64::from(id.times)))
        .collect();
    let missing = (0..events)
        .filter(|number| !arrived.contains_key(&format!("m-{number}")))
        .count();
    let repeated: u64 = arrived.values().map(|times| times - 1).sum();
    println!(
        "{cycles} kills, {events} events: {missing} missing, {repeated} arrived more than once"
    );
    assert_eq!(missing, 0, "everything that was taken arrives");
    assert_eq!(
        arrived.len() as u64,
        events,
        "nothing arrives that was not sent"
    );
    assert!(
        repeated <= cycles * REQUESTS_IN_FLIGHT * EVENTS_PER_REQUEST,
        "{repeated} events arrived more than once: more than can have been in flight"
    );
}
