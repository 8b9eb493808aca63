//! What a sandbox has received, seen from outside.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::client::Client;
use crate::http;
use crate::plan;

/// How many events a sandbox has, and how many of them are a repetition of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrived {
    pub(crate) events: usize,
    pub(crate) repeated: usize,
}

/// Waits until `wanted` different events have arrived; the caller bounds the time.
pub(crate) async fn wait_for(sandbox: &str, wanted: usize) {
    loop {
        let arrived = count(&all(sandbox).await);
        if arrived.events - arrived.repeated >= wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// All events of a sandbox.
pub(crate) async fn all(sandbox: &str) -> Vec<Value> {
    let listing = http::get_json(sandbox, "/events?limit=10000")
        .await
        .expect("the sandbox lists its events");
    let events = listing["events"].as_array().cloned().unwrap_or_default();
    events
        .into_iter()
        .map(|mut stored| stored["event"].take())
        .collect()
}

/// Counts events, one that has the name and the id of another being a repetition.
pub(crate) fn count(events: &[Value]) -> Arrived {
    let mut ids: BTreeMap<(String, String), usize> = BTreeMap::new();
    for event in events {
        let key = (
            event["event_name"].to_string(),
            event["event_id"].to_string(),
        );
        *ids.entry(key).or_default() += 1;
    }
    Arrived {
        events: events.len(),
        repeated: events.len() - ids.len(),
    }
}

/// Every purchase of a plan is there under one `event_id`, is what it must be, and there is nothing else.
///
/// # Panics
///
/// Where that is not so.
pub(crate) fn check(client: Client, tracks: usize, events: &[Value], page: &str) {
    let mut by_order: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for event in events {
        let order = event["custom_data"]["order_id"].as_str();
        let found = by_order.entry(order.unwrap_or("none")).or_default();
        if found
            .iter()
            .all(|other| other["event_id"] != event["event_id"])
        {
            found.push(event);
        }
    }
    let mut missing = Vec::new();
    for number in 0..tracks {
        let order = plan::order(client, number);
        match by_order.remove(order.as_str()).as_deref() {
            Some([event]) => plan::check(client, number, event, page),
            Some(several) => panic!("{order} arrived {} times: {several:?}", several.len()),
            None => missing.push(order),
        }
    }
    assert!(missing.is_empty(), "missing: {missing:?}");
    assert!(by_order.is_empty(), "nobody sent this: {by_order:?}");
}
