//! There is no room, in the log or on the disk: senders are told to come back, and lose nothing.

use std::collections::BTreeSet;

use graph_sandbox::Sandbox;

use crate::http::Reply;
use crate::server::{Graph, KEY, Place, Server, eventually};

const ARGS: [&str; 6] = [
    "--settings",
    "segue.toml",
    "--write-key",
    KEY,
    "--data-dir",
    "data",
];

/// An address where no server listens.
const NOWHERE: &str = "http://127.0.0.1:9";

/// A large event.
fn large(id: &str) -> String {
    let text = "x".repeat(20_000);
    format!(
        r#"{{"writeKey":"{KEY}","event":"Lead","messageId":"{id}","userId":"u-1","properties":{{"text":"{text}"}}}}"#
    )
}

/// Sends until there is no room. The ids that were acknowledged, and the answer that said so.
fn fill(server: &Server<'_>) -> (BTreeSet<String>, Reply) {
    let mut acknowledged = BTreeSet::new();
    for number in 0..2_000 {
        let id = format!("m-{number}");
        let reply = server.track(&large(&id));
        if reply.status != 200 {
            return (acknowledged, reply);
        }
        acknowledged.insert(id);
    }
    panic!("there is room for ever");
}

/// A browser must be able to read when to come back.
fn asks_to_come_back(reply: &Reply, statuses: &[u16]) {
    assert!(
        statuses.contains(&reply.status),
        "{}{}",
        reply.head,
        reply.body
    );
    assert!(reply.header("retry-after").is_some(), "{}", reply.head);
    assert_eq!(
        reply.header("access-control-allow-origin"),
        Some("https://shop.example")
    );
    let exposed = reply.header("access-control-expose-headers").unwrap();
    assert!(exposed.contains("retry-after"), "{exposed}");
}

/// Once there is room and Meta answers, everything arrives.
fn all_arrive(place: &Place, acknowledged: &BTreeSet<String>) {
    assert!(!acknowledged.is_empty());
    let graph = Graph::start(Sandbox::builder());
    place.settings_for(graph.sandbox().url(), "");
    let server = place.serve(&ARGS);
    eventually("all arrive", || acknowledged.is_subset(&graph.arrived()));
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_full_log_is_reported_as_full() {
    let place = Place::new();
    place.settings_for(NOWHERE, "[serve]\ndisk_bytes = 3_000_000\n");
    let server = place.serve(&ARGS);
    let (acknowledged, reply) = fill(&server);
    asks_to_come_back(&reply, &[429, 503]);
    let ready = server.ops("/readyz");
    assert_eq!(ready.status, 503, "{}", ready.body);
    assert!(
        server.log().contains("events are refused"),
        "{}",
        server.log()
    );
    assert_eq!(server.stop(), Some(0));
    all_arrive(&place, &acknowledged);
}

#[test]
fn a_full_disk_loses_nothing() {
    let place = Place::new();
    place.settings_for(NOWHERE, "");
    // Files may not become larger: what the disk says then is no more polite than "no space left".
    let command = place.segue_after("ulimit -f 12000", &["serve"]);
    let server = place.serve_by(command, &ARGS);
    let (acknowledged, reply) = fill(&server);
    asks_to_come_back(&reply, &[503]);
    drop(server);
    all_arrive(&place, &acknowledged);
}
