//! The book and the README: every block of settings loads, every command runs, and every link leads somewhere.
//!
//! The commands of a page run in their order in a folder of their own, as a reader would type them, with two differences: what
//! would send to Meta sends to a sandbox, and what listens takes free ports.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what went wrong by panicking"
)]

#[path = "book/session.rs"]
mod session;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use e2e::command_line::commands;
use e2e::exchange::{exchange, request};
use e2e::pages::{Block, blocks, pages, workspace};
use jiff::Timestamp;
use segue_settings::{Severity, parse};
use serde_json::{Value, json};
use session::Session;

/// The blocks of all pages in a language.
fn blocks_in(language: &str) -> Vec<Block> {
    let of_page = |(page, text): (String, String)| blocks(&page, &text);
    let all = pages().into_iter().flat_map(of_page);
    let found: Vec<_> = all.filter(|block| block.language == language).collect();
    assert!(!found.is_empty(), "no page has a block of {language}");
    found
}

#[test]
fn every_block_of_settings_loads() {
    for Block {
        page, line, text, ..
    } in blocks_in("toml")
    {
        let mistakes = match parse(Path::new("segue.toml"), &text, Timestamp::UNIX_EPOCH) {
            Ok(settings) => settings.warnings,
            Err(mistakes) => mistakes,
        };
        let errors: Vec<_> = mistakes
            .iter()
            .filter(|mistake| mistake.severity == Severity::Error)
            .map(ToString::to_string)
            .collect();
        assert!(errors.is_empty(), "{page}:{line}: {}", errors.join("\n"));
    }
}

#[test]
fn every_block_of_json_is_json() {
    for Block {
        page, line, text, ..
    } in blocks_in("json")
    {
        let parsed = serde_json::from_str::<Value>(&text);
        assert!(parsed.is_ok(), "{page}:{line}: {parsed:?}");
    }
}

#[test]
fn every_command_of_every_page_runs() {
    for (page, text) in pages() {
        let mut session = Session::new();
        for block in blocks(&page, &text) {
            if block.language != "sh" {
                continue;
            }
            for command in commands(&block.text) {
                let place = format!("{page}:{}: {}", block.line, command.join(" "));
                session.run(&command, &place);
            }
        }
    }
}

/// A block below a line `<!-- examples/… -->` is that file.
#[test]
fn every_quotation_is_the_file_that_it_names() {
    let mut quotations = 0;
    for (page, text) in pages() {
        let blocks = blocks(&page, &text);
        for (index, line) in text.lines().enumerate() {
            let path = line.strip_prefix("<!-- examples/");
            let Some(path) = path.and_then(|path| path.strip_suffix(" -->")) else {
                continue;
            };
            let file = fs::read_to_string(workspace().join("examples").join(path));
            let file = file.unwrap_or_else(|error| panic!("{page}: {path}: {error}"));
            let block = blocks.iter().find(|block| block.line == index + 2);
            let block = block.unwrap_or_else(|| panic!("{page}: no block below {path}"));
            let next = "run `cargo xtask gen`";
            assert_eq!(block.text.trim(), file.trim(), "{page}: {path}: {next}");
            quotations += 1;
        }
    }
    assert!(quotations >= 8, "{quotations}");
}

/// Links to files and to headings of pages.
#[test]
fn every_link_of_every_page_leads_somewhere() {
    let mut broken = BTreeSet::new();
    for (page, text) in pages() {
        let file = workspace().join(&page);
        let folder = file.parent().expect("a folder");
        for (at, _) in text.match_indices("](") {
            let target = text[at + 2..].split(')').next().unwrap_or_default();
            if target.contains("://") {
                continue;
            }
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let linked = if path.is_empty() {
                file.clone()
            } else {
                folder.join(path)
            };
            let has_anchor = || {
                let linked = fs::read_to_string(&linked).unwrap_or_default();
                linked
                    .lines()
                    .any(|line| line.starts_with('#') && anchor_of(line) == anchor)
            };
            if !linked.exists() || (!anchor.is_empty() && !has_anchor()) {
                broken.insert(format!("{page}: {target}"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// The anchor that forges and mdbook give a heading.
fn anchor_of(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The contents of the book list every page of `docs/`.
#[test]
fn every_page_is_in_the_contents() {
    let contents = fs::read_to_string(workspace().join("docs/SUMMARY.md")).expect("the contents");
    for (page, _) in pages() {
        let Some(name) = page
            .strip_prefix("docs/")
            .filter(|name| *name != "SUMMARY.md")
        else {
            continue;
        };
        assert!(
            contents.contains(&format!("({name})")),
            "{name} is not in docs/README.md"
        );
    }
}

/// Connectors post two messages each as their configurations say, and segue takes them as its 200 promises.
#[test]
fn what_the_connectors_post_is_taken_and_arrives() {
    let read = |name: &str| {
        let path = workspace().join("examples/connect").join(name);
        fs::read_to_string(path).expect("an example")
    };
    let message = |id: &str| {
        json!({ "type": "track", "event": "Lead", "userId": "u-1", "messageId": id }).to_string()
    };
    let kafka: Value = serde_json::from_str(&read("kafka-connect.json")).expect("JSON");
    let setting = |name: &str| {
        kafka["config"][name]
            .as_str()
            .unwrap_or_else(|| panic!("{name}"))
    };
    let of_kafka = [
        setting("batch.prefix"),
        &message("k-1"),
        setting("batch.separator"),
        &message("k-2"),
        setting("batch.suffix"),
    ];
    let redpanda = read("redpanda-connect.yaml");
    for line in [
        "url: \"http://127.0.0.1:8080/v1/batch\"",
        "format: json_array",
        "mapping: 'root = {\"batch\": this}'",
        "username: \"${SEGUE_WRITE_KEY}\"",
    ] {
        assert!(redpanda.contains(line), "{line}");
    }
    let of_redpanda = format!("{{\"batch\":[{},{}]}}", message("r-1"), message("r-2"));
    let bearer =
        setting("http.headers.authorization").replace("${env:SEGUE_WRITE_KEY}", "my-write-key");
    let mut session = Session::new();
    let serve = ["segue", "serve", "--sandbox", "--write-key", "my-write-key"];
    session.run(&serve.map(str::to_owned), "serve");
    let host = session.address("127.0.0.1:8080");
    let path = setting("http.url")
        .strip_prefix("http://127.0.0.1:8080")
        .expect("the endpoint");
    // bXktd3JpdGUta2V5Og== is `my-write-key:`.
    for (authorization, body) in [
        (bearer, of_kafka.concat()),
        ("Basic bXktd3JpdGUta2V5Og==".to_owned(), of_redpanda),
    ] {
        let headers =
            format!("Authorization: {authorization}\r\nContent-Type: application/json\r\n");
        let answer = exchange(&host, &request("POST", path, &host, &headers, &body));
        let answer = answer.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.ends_with("{\"success\":true}"), "{answer}");
    }
    session.wait_for_events(4);
}
