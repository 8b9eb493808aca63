//! The state behind the events edge: what was received, and the script.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::{
    clock::Clock,
    deduplication::BrowserEvents,
    judgement::{Accepted, EventsRequest, ReadEvent, Refusal, judge, judge_browser_events},
    statistics::{AcceptedId, AcceptedIds, RequestRecord, Requests, Statistics},
    store::{ConnectionMethod, Filter, Limit, State, Store, StoredEvent, Totals},
    switch::Switch,
    trace::Traces,
};

/// What an embedder decided; see [`crate::Builder`] for the meaning of each.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) clock: Clock,
    pub(crate) access_tokens: Vec<String>,
    pub(crate) pixel_ids: Vec<String>,
    pub(crate) body_limit: usize,
    pub(crate) store: Limit,
    pub(crate) event_ids: usize,
}

/// The state that all requests share.
#[derive(Debug)]
pub(crate) struct Edge {
    pub(crate) settings: Settings,
    pub(crate) switch: Switch,
    received: Mutex<Received>,
    traces: Traces,
}

#[derive(Debug)]
struct Received {
    store: Store,
    browser_events: BrowserEvents,
    requests: Requests,
    accepted_ids: AcceptedIds,
}

impl Edge {
    pub(crate) fn new(settings: Settings) -> Self {
        // Each event has up to three keys or so.
        let browser_keys = settings.store.events.saturating_mul(3);
        Self {
            received: Mutex::new(Received {
                store: Store::new(settings.store),
                browser_events: BrowserEvents::new(browser_keys),
                requests: Requests::default(),
                accepted_ids: AcceptedIds::new(settings.event_ids),
            }),
            settings,
            switch: Switch::default(),
            traces: Traces::default(),
        }
    }

    /// Takes the events of a request, all or none; the number of them.
    pub(crate) async fn post_events(&self, request: EventsRequest<'_>) -> Result<usize, Refusal> {
        let pixel_id: Arc<str> = request.pixel_id.into();
        let Accepted {
            test_event_code,
            events,
        } = judge(&self.settings, &self.switch, request).await?;
        let count = events.len();
        let test_event_code: Option<Arc<str>> = test_event_code.map(Arc::from);
        let now_ms = self.settings.clock.now_ms();
        let mut received = self.received();
        for read in events {
            let is_repeat = received
                .browser_events
                .have_seen(&pixel_id, &read.1, now_ms);
            let mut event = stored_event(read, &pixel_id, ConnectionMethod::Server, now_ms);
            event.test_event_code.clone_from(&test_event_code);
            if is_repeat {
                event.state = State::Deduplicated;
            }
            if let Some(id) = &event.event_id {
                received.accepted_ids.accept(&pixel_id, id);
            }
            received.store.push(event);
        }
        Ok(count)
    }

    /// Takes browser events, all or none; the number of them.
    pub(crate) async fn post_browser_events(
        &self,
        request: EventsRequest<'_>,
    ) -> Result<usize, Refusal> {
        let pixel_id: Arc<str> = request.pixel_id.into();
        let events = judge_browser_events(request).await?;
        let count = events.len();
        let now_ms = self.settings.clock.now_ms();
        let mut received = self.received();
        for read in events {
            received.browser_events.remember(&pixel_id, &read.1, now_ms);
            let event = stored_event(read, &pixel_id, ConnectionMethod::Browser, now_ms);
            received.store.push(event);
        }
        Ok(count)
    }

    /// Takes note of a request to the events edge; its number.
    pub(crate) fn arrive(&self, pixel_id: &str) -> u64 {
        let now_ms = self.settings.clock.now_ms();
        let mut received = self.received();
        received.store.totals.requests += 1;
        received.requests.arrive(pixel_id, now_ms)
    }

    /// Changes the record of a request, if it is still remembered.
    pub(crate) fn note(&self, number: u64, change: impl FnOnce(&mut RequestRecord)) {
        self.received().requests.get_mut(number).map(change);
    }

    pub(crate) fn count_refusal(&self, fault: &'static str, code: &str) {
        self.received().store.refuse(fault, code);
    }

    pub(crate) fn totals(&self) -> Totals {
        self.received().store.totals.clone()
    }

    /// The stored events that the filter admits, in order of receipt.
    pub(crate) fn events(&self, filter: &Filter) -> Vec<Arc<StoredEvent>> {
        self.received()
            .store
            .events()
            .filter(|event| filter.admits(event))
            .cloned()
            .collect()
    }

    pub(crate) fn accepted_ids(&self) -> Vec<AcceptedId> {
        self.received().accepted_ids.iter().collect()
    }

    pub(crate) fn times_accepted(&self, pixel_id: &str, event_id: &str) -> u32 {
        self.received().accepted_ids.times(pixel_id, event_id)
    }

    pub(crate) fn statistics(&self) -> Statistics {
        let received = self.received();
        let accepted_ids = &received.accepted_ids;
        Statistics {
            totals: received.store.totals.clone(),
            distinct_event_ids: accepted_ids.len(),
            forgotten_event_ids: accepted_ids.forgotten(),
            repeated_event_ids: accepted_ids.iter().filter(|id| id.times > 1).collect(),
            requests: received.requests.records(),
        }
    }

    pub(crate) fn next_trace(&self) -> String {
        self.traces.next()
    }

    fn received(&self) -> MutexGuard<'_, Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is stored of an event; the store numbers it.
fn stored_event(
    (raw, event): ReadEvent,
    pixel_id: &Arc<str>,
    connection_method: ConnectionMethod,
    received_at: i64,
) -> StoredEvent {
    let text = |name: &str| match event.get(name)? {
        Value::String(text) => Some(text.as_str().into()),
        Value::Number(number) => Some(number.to_string().into()),
        _ => None,
    };
    StoredEvent {
        number: 0,
        received_at,
        pixel_id: Arc::clone(pixel_id),
        connection_method,
        state: State::Kept,
        test_event_code: None,
        event_name: text("event_name").unwrap_or_default(),
        event_id: text("event_id"),
        event: raw,
    }
}
