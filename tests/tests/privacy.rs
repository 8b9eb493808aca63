//! Personal values are planted in every place of an event; no output shows them, whatever the command, the log level
//! and the mood of the server.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what went wrong by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use e2e::binary::{output_text, segue};
use graph_sandbox::{Sandbox, Script};
use serde_json::json;

/// What must not be seen, in lower case.
const PLANTED: &[&str] = &[
    "canary.mail",
    "canary%2email",
    "canary.mail%40",
    "planted.example",
    "canaryfirst",
    "canarylast",
    "canaryville",
    "canary street",
    "6505550199",
    "650-555-0199",
    "555 0199",
    "1987-06-05",
    "19870605",
    "94099",
];

const NOW: &str = "2026-11-23T12:00:00Z";
const EMAIL: &str = "Canary.Mail@planted.example";

/// Lines that are accepted, rejected by the mapping, rejected by validation, skipped, and not even JSON.
fn lines() -> String {
    let everywhere = json!({
        "type": "track", "event": "Order Completed", "messageId": "m-1", "timestamp": "2026-11-23T11:00:00Z",
        "userId": EMAIL, "anonymousId": EMAIL,
        "context": {
            "ip": "203.0.113.77", "userAgent": "Mozilla/5.0",
            "page": {
                "url": format!("https://shop.example/u/{EMAIL}/x?email={EMAIL}&e=canary.mail%40planted.example&ok=1#{EMAIL}"),
                "referrer": "https://shop.example/?q=Canary%2EMail%40planted.example",
                "search": format!("?email={EMAIL}")
            },
            "traits": {
                "email": EMAIL, "phone": "+1 650-555-0199", "firstName": "Canaryfirst", "lastName": "Canarylast",
                "name": "Canaryfirst Canarylast", "birthday": "1987-06-05",
                "address": {"city": "Canaryville", "postalCode": "94099", "street": "Canary Street 7"}
            }
        },
        "properties": {
            "revenue": 19.9, "email": EMAIL, "Customer_Email": EMAIL, "phone": 16_505_550_199_u64, "contact": EMAIL,
            "first_name": "Canaryfirst", "street": "Canary Street 7", "dob": "1987-06-05", "query": EMAIL, "status": EMAIL,
            (EMAIL): true, "order_id": EMAIL,
            "shipping": {"lastName": "Canarylast", "lines": [{"mobile": "+1 650-555-0199"}, EMAIL]},
            "products": [{"product_id": EMAIL, "sku": "G-32", "price": 1}, {"product_id": EMAIL}]
        }
    });
    let with = |path: &str, value: serde_json::Value| {
        let mut line = everywhere.clone();
        *line.pointer_mut(path).expect("a member") = value;
        line.to_string()
    };
    [
        everywhere.to_string(),
        with("/timestamp", json!(EMAIL)),
        with("/timestamp", json!("2026-01-01T00:00:00Z")),
        with("/properties/revenue", json!(EMAIL)),
        with("/type", json!(EMAIL)),
        with("/properties", json!({"action_source": EMAIL})),
        with("/event", json!(null)),
        format!("{{\"type\":\"track\",\"event\":\"{EMAIL}"),
        format!("[\"{EMAIL}\"]"),
    ]
    .join("\n")
}

struct Planted {
    folder: tempfile::TempDir,
}

impl Planted {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("events.ndjson"), lines()).expect("written");
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = segue();
        command.args(["--log-level", "trace"]).args(arguments);
        command.arg(self.path("events.ndjson"));
        command.output().expect("the command runs")
    }
}

/// Fails with the place, and with what stands around it, for the developer who has broken the promise.
fn assert_clean(what: &str, text: &str) {
    let lower = text.to_lowercase();
    for planted in PLANTED {
        if let Some(at) = lower.find(planted) {
            let around = lower
                .get(at.saturating_sub(80)..(at + 40).min(lower.len()))
                .unwrap_or_default();
            panic!("{what} shows `{planted}`: …{around}…");
        }
    }
}

fn assert_files_clean(folder: &Path, but: &Path) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            assert_files_clean(&path, but);
        } else if path != but {
            let bytes = fs::read(&path).expect("a file");
            assert_clean(
                &path.display().to_string(),
                &String::from_utf8_lossy(&bytes),
            );
        }
    }
}

#[test]
fn reading_commands_show_nothing() {
    let planted = Planted::new();
    for arguments in [
        &["map", "--now", NOW][..],
        &["map", "--now", NOW, "--events-only"],
        &["explain", "--now", NOW],
        &["explain", "--now", NOW, "--format", "json"],
        &["explain", "--now", NOW, "--line", "2"],
        &["explain", "--now", NOW, "--line", "8"],
        &["check", "--now", NOW, "--events"],
        &["check", "--now", NOW, "--format", "json", "--events"],
    ] {
        let output = planted.run(arguments);
        let said = output_text(&output);
        assert!(said.len() > 20, "{arguments:?} said nothing");
        assert_clean(&format!("{arguments:?}"), &said);
    }
}

#[test]
fn sent_values_are_hashed_and_output_shows_none() {
    let planted = Planted::new();
    let events = planted.path("events.ndjson");
    let rejects = planted.path("rejects.ndjson");
    let rejects = rejects.to_str().expect("a path of text");
    for arguments in [
        &["send", "--dry-run", "--rejects", rejects][..],
        &["send", "--sandbox", "--rejects", rejects],
        &["send", "--sandbox", "--format", "json"],
    ] {
        let output = planted.run(arguments);
        assert_clean(&format!("{arguments:?}"), &output_text(&output));
        assert_files_clean(planted.folder.path(), &events);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn output_shows_no_value_when_the_server_refuses_or_is_absent() {
    let planted = Planted::new();
    let events = planted.path("events.ndjson");
    let sandbox = Sandbox::builder().start().await.expect("a sandbox");
    let refusing = Script::default().refuse(["m-1"], 100, Some(2_804_050));
    sandbox.set_script(refusing).expect("a script");
    for graph_url in [sandbox.url(), "http://127.0.0.1:9"] {
        let settings = json!({"pixel_id": "1000000000000001", "access_token": "planted.example-token",
            "graph_url": graph_url});
        let path = planted.folder.path().with_extension("settings.json");
        fs::write(&path, settings.to_string()).expect("written");
        let path = path.to_str().expect("a path of text").to_owned();
        let data = planted
            .path("data")
            .to_str()
            .expect("a path of text")
            .to_owned();
        let arguments = [
            "send",
            "--settings",
            &path,
            "--data-dir",
            &data,
            "--give-up-after",
            "1s",
        ];
        let output = tokio::task::block_in_place(|| planted.run(&arguments));
        assert_clean(graph_url, &output_text(&output));
        assert_files_clean(planted.folder.path(), &events);
    }
}
