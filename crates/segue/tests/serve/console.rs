//! What strangers, programs and mistakes send to the console of the real command: each gets a sentence, and ingest goes on.

use graph_sandbox::{Sandbox, Script};
use serde_json::Value;

use crate::http::{Connection, Reply};
use crate::server::{Graph, KEY, Place, Server, eventually, track};

const SERVE: [&str; 6] = [
    "--settings",
    "segue.toml",
    "--write-key",
    KEY,
    "--data-dir",
    "data",
];

/// Sends a form as the pages of the console do.
fn post(server: &Server<'_>, path: &str, form: &str) -> Reply {
    let address = server.ops_url();
    let host = address.trim_start_matches("http://");
    let about: Value = serde_json::from_str(&server.ops("/api/v1/about").body).unwrap();
    let token = about["token"].as_str().unwrap();
    let body = format!("token={token}&{form}");
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\nsec-fetch-site: same-origin\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    Connection::open(address)
        .unwrap()
        .request(&request)
        .unwrap()
}

fn dead_letter(server: &Server<'_>) -> Option<u64> {
    let list = server.ops("/api/v1/dead-letters").body;
    let list: Value = serde_json::from_str(&list).unwrap();
    list["letters"][0]["id"].as_u64()
}

#[test]
fn odd_ids_and_messages_get_a_sentence_and_ingest_goes_on() {
    let place = Place::new();
    let graph = Graph::start(Sandbox::builder());
    place.settings_for(graph.sandbox().url(), "");
    let server = place.serve(&SERVE);
    assert_eq!(server.track(&track(KEY, "m-1")).status, 200);
    let long = "x".repeat(30_000);
    for id in [
        "%00",
        "%ff%fe",
        "%F0%9F%92%B8",
        "%3Cscript%3E",
        "..%2F..%2Fkey",
        "%0D%0Aset-cookie:a",
        "'--",
        &long,
    ] {
        let page = server.ops(&format!("/events?id={id}"));
        assert_eq!(page.status, 200, "{id:.40}");
        assert!(
            page.body.contains("Nothing is known of this id"),
            "{id:.40}"
        );
        assert!(!page.body.contains("<script>") && !page.head.contains("set-cookie"));
        let found = server.ops(&format!("/api/v1/events?id={id}"));
        let found: Value = serde_json::from_str(&found.body).unwrap();
        assert_eq!(
            found["events"].as_array().map(Vec::len),
            Some(0),
            "{id:.40}"
        );
    }
    for (message, sentence) in [
        ("", "Paste"),
        ("%7B%22type%22", "not JSON"),
        ("%00%01%02%ff", "not JSON"),
        ("%5B1%5D", "not an object"),
        (&format!("%22{}%22", "x".repeat(900_000)), "object"),
        (&"%5B".repeat(4000), "not JSON"),
    ] {
        let answer = post(&server, "/tester", &format!("message={message}"));
        let text = answer.body.replace("&quot;", "\"");
        assert!(
            matches!(answer.status, 200 | 400 | 422),
            "{} {message:.40}",
            answer.status
        );
        assert!(text.contains(sentence), "{message:.40}: {text:.4000}");
    }
    let answer = post(
        &server,
        "/tester",
        &format!("message={}", "x".repeat(4 << 20)),
    );
    assert_eq!(answer.status, 413);
    assert!(answer.body.contains("too large"), "{}", answer.body);
    assert_eq!(server.track(&track(KEY, "m-2")).status, 200);
    eventually("both arrive", || {
        ["m-1", "m-2"]
            .iter()
            .all(|id| graph.arrived().contains(*id))
    });
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_dead_letter_that_was_purged_meanwhile_is_not_replayed_and_a_sentence_says_so() {
    let place = Place::new();
    let graph = Graph::start(Sandbox::builder());
    let refuses = Script::default().refuse(["m-1"], 100, Some(2_804_050));
    graph.sandbox().set_script(refuses).unwrap();
    place.settings_for(graph.sandbox().url(), "");
    let server = place.serve(&SERVE);
    assert_eq!(server.track(&track(KEY, "m-1")).status, 200);
    eventually("it is a dead letter", || dead_letter(&server).is_some());
    let id = dead_letter(&server).unwrap();
    let question = server.ops(&format!("/dead-letters/confirm?action=replay&id={id}"));
    assert!(question.body.contains("Send"), "{}", question.body);

    let purge = ["dead-letters", "purge", "--yes", "--data-dir", "data"];
    let output = place.segue(&purge).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let answer = post(&server, "/dead-letters/replay", &format!("id={id}"));
    assert_eq!(answer.status, 404);
    assert!(
        answer.body.contains("sent again or removed"),
        "{}",
        answer.body
    );
    assert!(!graph.arrived().contains("m-1"));
    // Its life ends where it was given up, without a link to what is gone.
    let list: Value = serde_json::from_str(&server.ops("/api/v1/events?id=m-1").body).unwrap();
    let key = list["events"][0]["key"].as_str().unwrap();
    let life = server.ops(&format!("/events/{key}?id=m-1"));
    assert!(life.body.contains("dead letter") && !life.body.contains("See the dead letter"));
    assert_eq!(server.stop(), Some(0));
}
