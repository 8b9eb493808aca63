//! The quick start with curl, as it is in the README: the same request, byte for byte, without curl.
//!
//! The other quick starts need what their libraries need; `cargo xtask clients` runs them.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what went wrong by panicking"
)]

use std::fs;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use e2e::binary::segue;
use e2e::command_line::commands;
use e2e::exchange::exchange;
use serde_json::{Value, json};

const CURL: &str = include_str!("../../examples/quickstart/curl.sh");
const README: &str = include_str!("../../README.md");

/// The command by which the README starts the endpoint, behind `cargo run --release --`.
const COMMAND: &str = "serve --sandbox --write-key my-write-key";
/// Where it listens by default.
const ADDRESS: &str = "127.0.0.1:8080";

const PATIENCE: Duration = Duration::from_mins(1);

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Tries until there is something.
fn wait_for<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = attempt() {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "{what}");
        sleep(Duration::from_millis(20));
    }
}

/// What curl sends: `curl URL -u USER -d BODY`.
fn request(host: &str) -> String {
    let commands = commands(CURL);
    let [words] = commands.as_slice() else {
        panic!("another command line: {commands:?}");
    };
    let [curl, url, u, user, d, body] = words.as_slice() else {
        panic!("another command line: {words:?}");
    };
    assert_eq!([curl, u, d], ["curl", "-u", "-d"]);
    let path = url
        .strip_prefix(&format!("http://{ADDRESS}"))
        .expect("the address that the endpoint has by default");
    format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Basic {}\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        BASE64_STANDARD.encode(user),
        body.len(),
    )
}

/// The first event of the sandbox, if it has one.
fn arrived(host: &str) -> Option<Value> {
    let request =
        format!("GET /events HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\nConnection: close\r\n\r\n");
    let answer = exchange(host, &request)?;
    let (_, body) = answer.split_once("\r\n\r\n")?;
    let mut listing: Value = serde_json::from_str(body).ok()?;
    listing["events"]
        .get_mut(0)
        .map(|stored| stored["event"].take())
}

#[test]
fn the_line_for_curl_becomes_a_purchase() {
    assert!(
        README.contains(&format!("cargo run --release -- {COMMAND}\n")),
        "the README starts the endpoint otherwise"
    );
    let folder = tempfile::tempdir().expect("a folder");
    let ready = folder.path().join("ready.json");
    let child = segue()
        .args(COMMAND.split(' '))
        .args(["--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0"])
        .arg("--ready-file")
        .arg(&ready)
        .stdout(Stdio::null())
        .spawn()
        .expect("the endpoint starts");
    let _running = Running(child);
    let addresses: Value = wait_for("the endpoint says where it listens", || {
        serde_json::from_slice(&fs::read(&ready).ok()?).ok()
    });
    let host = |name: &str| {
        let url = addresses[name].as_str().unwrap_or_default();
        url.trim_start_matches("http://").to_owned()
    };

    let ingest = host("ingest");
    let answer = exchange(&ingest, &request(&ingest)).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");

    let sandbox = host("sandbox");
    let event = wait_for("the event arrives", || arrived(&sandbox));
    assert_eq!(event["event_name"], "Purchase");
    assert_eq!(event["custom_data"]["value"], json!(42.5));
    assert_eq!(event["custom_data"]["currency"], "EUR");
    assert_eq!(event["user_data"]["external_id"], "user-1");
    // The hash of jane@example.com.
    assert_eq!(
        event["user_data"]["em"],
        "8c87b489ce35cf2e2f39f80e282cb2e804932a56a213983eeeb428407d43b52d"
    );
}
