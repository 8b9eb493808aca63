//! What became of events: by id and by the minute, while the endpoint runs, after it was stopped, and after it was killed.

use graph_sandbox::{Sandbox, Script};
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

/// What the console finds for an id: outcome and reason of its events.
fn searched(server: &Server<'_>, id: &str) -> Vec<(String, Value)> {
    let reply = server.ops(&format!("/api/v1/events?id={id}"));
    assert_eq!(reply.status, 200, "{}", reply.body);
    let found: Value = serde_json::from_str(&reply.body).unwrap();
    let events = found["events"].as_array().unwrap().iter();
    events
        .map(|event| {
            let outcome = event["outcome"].as_str().unwrap().to_owned();
            (outcome, event["reason"].clone())
        })
        .collect()
}

#[test]
fn a_dead_letter_is_found_by_its_message_id_with_its_reason_and_what_to_do() {
    let place = Place::new();
    let graph = Graph::start(Sandbox::builder());
    let refuses = Script::default().refuse(["m-1"], 100, Some(2_804_050));
    graph.sandbox().set_script(refuses).unwrap();
    place.settings_for(graph.sandbox().url(), "");
    let server = place.serve(&SERVE);
    assert_eq!(server.track(&track(KEY, "m-1")).status, 200);
    eventually("it is found as a dead letter", || {
        searched(&server, "m-1") == [("dead_lettered".to_owned(), "refused".into())]
    });
    let list = server.ops("/api/v1/events?id=m-1").body;
    let list: Value = serde_json::from_str(&list).unwrap();
    let key = list["events"][0]["key"].as_str().unwrap();
    let life = server.ops(&format!("/api/v1/events/{key}?id=m-1")).body;
    let life: Value = serde_json::from_str(&life).unwrap();
    assert!(life["reason_sentence"].is_string(), "{life}");
    assert!(
        life["advice"].is_string() && life["dead_letter"].is_u64(),
        "{life}"
    );
    assert_eq!(server.stop(), Some(0));
}

/// The kinds of what happened to the only event of an id, which is found by the key that it had.
fn steps(server: &Server<'_>, id: &str, key: &str) -> Vec<String> {
    let life = server.ops(&format!("/api/v1/events/{key}?id={id}")).body;
    let life: Value = serde_json::from_str(&life).unwrap();
    let steps = life["steps"].as_array().unwrap().iter();
    let kinds = steps.map(|step| step["kind"].as_str().unwrap().to_owned());
    kinds.collect()
}

fn replay(place: &Place) {
    let replay = ["dead-letters", "replay", "--data-dir", "data"];
    let output = place.segue(&replay).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn the_life_of_a_replayed_dead_letter_goes_on_whether_or_not_serve_runs() {
    let place = Place::new();
    let graph = Graph::start(Sandbox::builder());
    let refuses = Script::default().refuse(["m-1"], 100, Some(2_804_050));
    graph.sandbox().set_script(refuses).unwrap();
    place.settings_for(graph.sandbox().url(), "");
    let server = place.serve(&SERVE);
    assert_eq!(server.track(&track(KEY, "m-1")).status, 200);
    let is_dead_letter = || trace(&place, "m-1") == ["accepted : refused"];
    eventually("it is a dead letter", is_dead_letter);
    let list = server.ops("/api/v1/events?id=m-1").body;
    let list: Value = serde_json::from_str(&list).unwrap();
    let key = list["events"][0]["key"].as_str().unwrap();
    let first = ["received", "mapped", "stored", "sent", "ended"];
    assert_eq!(steps(&server, "m-1", key), first);

    // Another process replays it while this one runs, and Meta refuses it again.
    replay(&place);
    let again = [&first[..], &["replayed", "sent", "ended"]].concat();
    eventually("it is a dead letter again", || {
        steps(&server, "m-1", key) == again
    });
    assert!(is_dead_letter());
    assert_eq!(server.stop(), Some(0));

    // It is replayed while nothing runs, and Meta takes it.
    replay(&place);
    graph.sandbox().set_script(Script::default()).unwrap();
    let server = place.serve(&SERVE);
    let delivered = ["accepted : delivered, 1 attempts"];
    eventually("it is delivered", || trace(&place, "m-1") == delivered);
    let whole = [&again[..], &["replayed", "ended"]].concat();
    assert_eq!(steps(&server, "m-1", key), whole);
    let found = [("delivered".to_owned(), Value::Null)];
    assert_eq!(searched(&server, "m-1"), found);
    let text = place
        .segue(&["trace", "m-1", "--data-dir", "data"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert_eq!(text.matches("replayed: dead letter").count(), 2, "{text}");
    assert_eq!(text.matches("given up after").count(), 2, "{text}");
    assert_eq!(server.stop(), Some(0));
}
