//! What became of events: by id and by the minute, while the endpoint runs, after it was stopped, and after it was killed.

use graph_sandbox::Sandbox;
use serde_json::Value;

use crate::http;
use crate::server::{Graph, KEY, Place, Server, eventually, files, track};

const SERVE: [&str; 6] = [
    "--settings",
    "segue.toml",
    "--write-key",
    KEY,
    "--data-dir",
    "data",
];

fn json(place: &Place, args: &[&str]) -> Value {
    let args = [args, &["--data-dir", "data", "--format", "json"]].concat();
    let output = place.segue(&args).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What the trace says of an id: outcome, reason, and how each event ended.
fn trace(place: &Place, id: &str) -> Vec<String> {
    let found = json(place, &["trace", id]);
    let events = found["events"].as_array().unwrap().iter();
    events
        .map(|event| {
            let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let end = match event["end"]["is_delivered"].as_bool() {
                Some(true) => format!("delivered, {} attempts", event["end"]["attempts"]),
                Some(false) => word(&event["end"]["reason"]),
                None => format!(
                    "waits, {} failed",
                    event["attempts"].as_array().unwrap().len()
                ),
            };
            format!(
                "{} {}: {end}",
                word(&event["outcome"]),
                word(&event["reason"])
            )
        })
        .collect()
}

fn send_all(server: &Server<'_>) {
    let delivered = track(KEY, "delivered");
    let order = delivered.replace(r#""revenue":5"#, r#""revenue":5,"order_id":"order-7""#);
    let long = track(KEY, "rejected").replace("Lead", &"x".repeat(60));
    let page = track(KEY, "page").replace("track", "page");
    for body in [&order, &delivered, &long, &page] {
        assert_eq!(server.track(body).status, 200, "{body}");
    }
    let path = "/v1/track";
    let reply = http::post(server.ingest(), path, &track("wrong", "x")).unwrap();
    assert_eq!(reply.status, 401);
}

#[test]
fn an_event_is_found_by_its_ids_and_counted_also_after_a_restart_and_a_kill() {
    let place = Place::new();
    let graph = Graph::start(Sandbox::builder());
    place.settings_for(graph.sandbox().url(), "");
    let server = place.serve(&SERVE);
    send_all(&server);
    let delivered = [
        "accepted : delivered, 1 attempts",
        "skipped duplicate: waits, 0 failed",
    ];
    eventually("the trace has the delivery", || {
        trace(&place, "delivered") == delivered
    });
    assert_eq!(trace(&place, "order-7"), delivered[..1]);
    assert_eq!(
        trace(&place, "rejected"),
        ["rejected event_name_too_long: waits, 0 failed"]
    );
    assert!(trace(&place, "never-sent").is_empty());
    assert_eq!(server.stop(), Some(0));

    let total = json(&place, &["history", "--hours", "1"])["total"].clone();
    let shop = &total["destinations"]["1"];
    assert_eq!(
        (&shop["accepted"], &shop["delivered"]),
        (&1.into(), &1.into())
    );
    assert_eq!(shop["skipped"]["duplicate"], 1);
    assert_eq!(shop["rejected"]["event_name_too_long"], 1);
    assert_eq!(total["sources"]["default"], 4);
    assert_eq!(total["refused"]["unknown_write_key"], 1);

    let server = place.serve(&SERVE);
    assert_eq!(server.track(&track(KEY, "second")).status, 200);
    eventually("the trace has the second one", || {
        trace(&place, "second") == ["accepted : delivered, 1 attempts"]
    });
    server.kill();
    assert_eq!(
        trace(&place, "second"),
        ["accepted : delivered, 1 attempts"]
    );
    assert_eq!(trace(&place, "delivered"), delivered);
    for file in files(&place.path("data/trace")) {
        let bytes = std::fs::read(&file).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("order-7"), "{}", file.display());
    }
}

#[test]
fn an_event_that_cannot_be_sent_shows_its_attempts_and_what_is_switched_off_leaves_no_files() {
    let place = Place::new();
    place.settings_for("http://127.0.0.1:9", "[history]\nenabled = false\n");
    let server = place.serve(&SERVE);
    assert_eq!(server.track(&track(KEY, "stuck")).status, 200);
    eventually("an attempt has failed", || {
        let found = trace(&place, "stuck");
        found
            .iter()
            .any(|event| event.starts_with("accepted : waits") && !event.contains(" 0 "))
    });
    let text = place
        .segue(&["trace", "stuck", "--data-dir", "data"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains("request 1 failed after"), "{text}");
    assert!(text.contains("It waits to be delivered"), "{text}");
    drop(server);
    assert!(!place.path("data/history").exists());
    let history = json(&place, &["history"]);
    assert_eq!(history["slots"].as_array().unwrap().len(), 96);
}
