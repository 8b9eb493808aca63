//! Which server events repeat a browser event.
//!
//! Meta documents deduplication in one order only: first the browser event, then the server event, within
//! 48 hours, for the same pixel and the same `event_name`, with either the same `event_id` or the same `fbp`
//! or `external_id`. The server event is then discarded. A server event after a server event, a browser event
//! after a browser event and a server event before a browser event are all kept: an event that a client sends
//! twice counts twice.

use std::collections::{HashMap, VecDeque};

use serde_json::Value;

/// How long after a browser event a server event is discarded, in milliseconds.
const WINDOW_MS: i64 = 48 * 60 * 60 * 1000;

/// Remembers browser events: the newest `limit` of their keys.
#[derive(Debug)]
pub(crate) struct BrowserEvents {
    limit: usize,
    /// When each key was last received, Unix milliseconds.
    last_seen: HashMap<Key, i64>,
    /// The keys in order of receipt. If `last_seen` has a later time for a key, the entry is outdated and skipped.
    order: VecDeque<(Key, i64)>,
}

/// What a server event must share with a browser event to be discarded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    pixel_id: String,
    event_name: String,
    shared: Shared,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Shared {
    EventId(String),
    Fbp(String),
    ExternalId(String),
}

impl BrowserEvents {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            last_seen: HashMap::new(),
            order: VecDeque::new(),
        }
    }

    /// Remembers a browser event.
    pub(crate) fn remember(&mut self, pixel_id: &str, event: &Value, now_ms: i64) {
        for key in keys(pixel_id, event) {
            if self.last_seen.insert(key.clone(), now_ms) != Some(now_ms) {
                self.order.push_back((key, now_ms));
            }
        }
        while let Some((key, seen)) = self.order.front() {
            if self.order.len() <= self.limit && now_ms.saturating_sub(*seen) <= WINDOW_MS {
                break;
            }
            if self.last_seen.get(key) == Some(seen) {
                self.last_seen.remove(key);
            }
            self.order.pop_front();
        }
    }

    /// Whether a server event repeats a browser event.
    pub(crate) fn have_seen(&self, pixel_id: &str, event: &Value, now_ms: i64) -> bool {
        keys(pixel_id, event).iter().any(|key| {
            self.last_seen.get(key).is_some_and(|seen| {
                // A clock that was set back must not make a browser event one of the future.
                now_ms.saturating_sub(*seen) <= WINDOW_MS && now_ms >= *seen
            })
        })
    }
}

fn keys(pixel_id: &str, event: &Value) -> Vec<Key> {
    let Some(event_name) = event.get("event_name").and_then(Value::as_str) else {
        return Vec::new();
    };
    let user_data = |name| texts(event.get("user_data").and_then(|data| data.get(name)));
    let event_ids = texts(event.get("event_id"))
        .into_iter()
        .map(Shared::EventId);
    let fbps = user_data("fbp").into_iter().map(Shared::Fbp);
    let external_ids = user_data("external_id").into_iter().map(Shared::ExternalId);
    event_ids
        .chain(fbps)
        .chain(external_ids)
        .map(|shared| Key {
            pixel_id: pixel_id.to_owned(),
            event_name: event_name.to_owned(),
            shared,
        })
        .collect()
}

/// The texts of a member that is one text or a list of them; numbers count as their text.
fn texts(value: Option<&Value>) -> Vec<String> {
    let entries = match value {
        Some(Value::Array(list)) => list.as_slice(),
        Some(single) => std::slice::from_ref(single),
        None => &[],
    };
    entries
        .iter()
        .filter_map(|entry| match entry {
            Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{BrowserEvents, WINDOW_MS};

    const PIXEL: &str = "1";

    fn seen(browser: &Value, server: &Value) -> bool {
        let mut events = BrowserEvents::new(100);
        events.remember(PIXEL, browser, 0);
        events.have_seen(PIXEL, server, 1)
    }

    #[test]
    fn a_server_event_repeats_a_browser_event_by_any_shared_identifier() {
        let by_id = json!({"event_name": "Lead", "event_id": "e"});
        let by_fbp = json!({"event_name": "Lead", "user_data": {"fbp": "fb.1.2.3"}});
        let by_user = json!({"event_name": "Lead", "user_data": {"external_id": ["a", "b"]}});
        for event in [&by_id, &by_fbp, &by_user] {
            assert!(seen(event, event));
            let mut other_name = event.clone();
            other_name["event_name"] = json!("Search");
            assert!(!seen(event, &other_name));
        }
        let one_of_two = json!({"event_name": "Lead", "user_data": {"external_id": "b"}});
        assert!(seen(&by_user, &one_of_two));
        assert!(!seen(&by_id, &by_fbp));
    }

    #[test]
    fn the_same_text_under_another_key_does_not_match() {
        let fbp = json!({"event_name": "Lead", "user_data": {"fbp": "x"}});
        let external_id = json!({"event_name": "Lead", "user_data": {"external_id": "x"}});
        assert!(!seen(&fbp, &external_id));
    }

    #[test]
    fn the_window_is_48_hours_and_each_pixel_has_its_own() {
        let event = json!({"event_name": "Lead", "event_id": "e"});
        let mut events = BrowserEvents::new(100);
        events.remember(PIXEL, &event, 5);
        assert!(events.have_seen(PIXEL, &event, 5 + WINDOW_MS));
        assert!(!events.have_seen(PIXEL, &event, 5 + WINDOW_MS + 1));
        assert!(!events.have_seen(PIXEL, &event, 4));
        assert!(!events.have_seen("2", &event, 6));
        events.remember(PIXEL, &event, WINDOW_MS);
        assert!(events.have_seen(PIXEL, &event, 2 * WINDOW_MS));
    }

    #[test]
    fn memory_is_bounded_by_the_limit_and_by_the_window() {
        let event = |id: usize| json!({"event_name": "Lead", "event_id": id.to_string()});
        let mut events = BrowserEvents::new(10);
        for id in 0..1000 {
            events.remember(PIXEL, &event(id), 0);
        }
        assert_eq!((events.last_seen.len(), events.order.len()), (10, 10));
        assert!(events.have_seen(PIXEL, &event(999), 0) && !events.have_seen(PIXEL, &event(0), 0));
        events.remember(PIXEL, &event(1000), WINDOW_MS + 1);
        assert_eq!((events.last_seen.len(), events.order.len()), (1, 1));
        for later in 0..1000 {
            events.remember(PIXEL, &event(1000), WINDOW_MS + later / 2);
        }
        assert_eq!((events.last_seen.len(), events.order.len()), (1, 10));
        assert!(events.have_seen(PIXEL, &event(1000), 2 * WINDOW_MS));
    }
}
