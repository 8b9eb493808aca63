//! Killed under load, again and again: whatever was answered with 200 arrives.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use graph_sandbox::Sandbox;

use crate::http::{Connection, post_request};
use crate::server::{Graph, KEY, Place, eventually, track};

/// Kills; `SEGUE_CRASH_CYCLES` asks for more.
const CYCLES: u64 = 4;
/// Senders at a time.
const SENDERS: usize = 4;

fn cycles() -> u64 {
    let asked = std::env::var("SEGUE_CRASH_CYCLES").ok();
    asked
        .and_then(|cycles| cycles.parse().ok())
        .unwrap_or(CYCLES)
}

#[test]
fn acknowledged_events_arrive_after_a_kill() {
    let place = Place::new();
    let graph = Graph::start(Sandbox::builder());
    place.settings_for(graph.sandbox().url(), "");
    let args = [
        "--settings",
        "segue.toml",
        "--write-key",
        KEY,
        "--data-dir",
        "data",
    ];
    let acknowledged = Mutex::new(BTreeSet::new());
    let next = AtomicU64::new(0);
    for cycle in 0..cycles() {
        let server = place.serve(&args);
        let url = server.ingest().to_owned();
        let is_over = AtomicBool::new(false);
        let before = acknowledged.lock().unwrap().len();
        std::thread::scope(|scope| {
            for _ in 0..SENDERS {
                scope.spawn(|| {
                    let Ok(mut connection) = Connection::open(&url) else {
                        return;
                    };
                    while !is_over.load(Ordering::Relaxed) {
                        let id = format!("m-{}", next.fetch_add(1, Ordering::Relaxed));
                        let request = post_request("/v1/track", &track(KEY, &id));
                        match connection.request(&request) {
                            Ok(reply) if reply.status == 200 => {
                                acknowledged.lock().unwrap().insert(id);
                            }
                            Ok(_) => {}
                            // Killed: no server is left.
                            Err(_) => return,
                        }
                    }
                });
            }
            eventually("it is under load", || {
                acknowledged.lock().unwrap().len() > before + 20
            });
            // The moment of the kill is what the test is about: it is another one every time.
            std::thread::sleep(Duration::from_millis(37 * (cycle % 7)));
            server.kill();
            is_over.store(true, Ordering::Relaxed);
        });
    }
    let acknowledged = acknowledged.into_inner().unwrap();
    let server = place.serve(&args);
    eventually("whatever was acknowledged arrives", || {
        acknowledged.is_subset(&graph.arrived())
    });
    assert_eq!(server.stop(), Some(0));
}
