//! Recorded requests of the real clients, replayed.
//!
//! `data/captures.ndjson` holds requests of analytics.js 1.84 in Chrome 147, `@segment/analytics-node` 3.1, the older
//! `analytics-node` 6.2, `segment-analytics-python` 2.4, and RudderStack's libraries for Node 3.0 and Python 1.0, under
//! answers of all kinds. The bodies are as they were, down to the byte; compression is done again.

use std::collections::BTreeMap;

use axum::http::Method;
use serde::Deserialize;
use serde_json::Value;

use crate::support::{gzip, plain, request};

const CAPTURES: &str = include_str!("../data/captures.ndjson");

#[derive(Deserialize)]
struct Capture {
    client: String,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    gzip: bool,
    body: Option<String>,
}

fn captures() -> Vec<Capture> {
    CAPTURES
        .lines()
        .map(|line| serde_json::from_str(line).expect("a capture"))
        .collect()
}

/// The messages of a body, and how many of them are Track calls.
fn messages(capture: &Capture) -> (u64, u64) {
    let body: Value =
        serde_json::from_str(capture.body.as_deref().unwrap_or_default()).expect("JSON");
    let list = body["batch"]
        .as_array()
        .cloned()
        .unwrap_or_else(|| vec![body]);
    let tracks = list
        .iter()
        .filter(|message| message["type"] == "track")
        .count();
    (list.len() as u64, tracks as u64)
}

#[tokio::test]
async fn every_captured_request_of_every_client_is_accepted() {
    let (mut posts, mut clients) = (0, BTreeMap::<String, u64>::new());
    for capture in captures() {
        let endpoint = plain();
        let headers: Vec<_> = capture
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let text = capture.body.clone().unwrap_or_default();
        let body = text.clone().into_bytes();
        let body = if capture.gzip { gzip(&body) } else { body };
        let method: Method = capture.method.parse().expect("a method");
        let answer = endpoint
            .send(request(method.clone(), &capture.path, &headers, body))
            .await;
        let name = format!("{} {} {}", capture.client, capture.method, capture.path);
        assert_eq!(answer.status.as_u16(), 200, "{name}");
        if method != Method::POST {
            continue;
        }
        posts += 1;
        let (all, tracks) = messages(&capture);
        let outcomes: BTreeMap<_, _> = endpoint.sink.outcomes().into_iter().collect();
        assert_eq!(outcomes.values().sum::<u64>(), all, "{name}");
        // Some of them set a time in 2012, which is too old for Meta and must stay as it is.
        let outcome = |name: &str| outcomes.get(name).copied().unwrap_or(0);
        let old = u64::from(text.contains("2012-12-02"));
        assert_eq!(outcome("rejected: event_time_too_old"), old, "{name}");
        assert_eq!(outcome("accepted"), tracks - old, "{name}: {outcomes:?}");
        assert_eq!(answer.json()["rejected"], Value::Null, "{name}");
        *clients.entry(capture.client).or_default() += tracks;
    }
    assert!(posts > 60, "{posts}");
    assert_eq!(clients.len(), 29, "{clients:?}");
    assert!(clients.values().all(|tracks| *tracks > 0), "{clients:?}");
}

#[tokio::test]
async fn events_of_the_clients_keep_their_ids_and_times() {
    for capture in captures().iter().filter(|capture| capture.body.is_some()) {
        let endpoint = plain();
        let text = capture.body.clone().unwrap_or_default();
        let headers = [("authorization", crate::support::BASIC)];
        endpoint
            .send(request(Method::POST, &capture.path, &headers, text.clone()))
            .await;
        for taken in endpoint.sink.taken() {
            let id = taken.id();
            assert!(
                text.contains(&format!("{id}\"")),
                "{id} in {}",
                capture.client
            );
            // The captures are of the hour before the tests' time of day; corrected, they are of this minute.
            let age = 1_795_444_200 - taken.facts().event_time;
            assert!((0..60).contains(&age), "{age} s in {}", capture.client);
        }
    }
}
