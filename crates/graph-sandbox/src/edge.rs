//! The state of the events edge: what it received, and the script in force.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::{
    deduplication::BrowserEvents,
    fault_switch::FaultSwitch,
    options::Options,
    statistics::{AcceptedId, AcceptedIds, RequestRecord, Requests, Statistics},
    store::{ConnectionMethod, Filter, State, Store, StoredEvent, Totals},
    trace_ids::TraceIds,
    validation::{
        EventsRequest, ParsedEvent, Refusal, ValidRequest, validate, validate_browser_events,
    },
};

/// The state that all requests share.
#[derive(Debug)]
pub(crate) struct Edge {
    pub(crate) options: Options,
    pub(crate) fault_switch: FaultSwitch,
    received: Mutex<Received>,
    trace_ids: TraceIds,
}

#[derive(Debug)]
struct Received {
    store: Store,
    browser_events: BrowserEvents,
    requests: Requests,
    accepted_ids: AcceptedIds,
}

impl Edge {
    pub(crate) fn new(options: Options) -> Self {
        // An event has up to three keys: event id, fbp, external id.
        let browser_keys = options.store.events.saturating_mul(3);
        Self {
            received: Mutex::new(Received {
                store: Store::new(options.store),
                browser_events: BrowserEvents::new(browser_keys),
                requests: Requests::default(),
                accepted_ids: AcceptedIds::new(options.event_ids),
            }),
            options,
            fault_switch: FaultSwitch::default(),
            trace_ids: TraceIds::default(),
        }
    }

    /// Accepts the events of a request, all or none. Returns their number.
    pub(crate) async fn post_events(&self, request: EventsRequest<'_>) -> Result<usize, Refusal> {
        let pixel_id: Arc<str> = request.pixel_id.into();
        let ValidRequest {
            test_event_code,
            events,
        } = validate(&self.options, &self.fault_switch, request).await?;
        let count = events.len();
        let test_event_code: Option<Arc<str>> = test_event_code.map(Arc::from);
        let now_ms = self.options.clock.now_ms();
        let mut received = self.received();
        for event in events {
            let is_repeat = received
                .browser_events
                .have_seen(&pixel_id, &event.value, now_ms);
            let mut event = stored_event(event, &pixel_id, ConnectionMethod::Server, now_ms);
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

    /// Accepts browser events, all or none. Returns their number.
    pub(crate) async fn post_browser_events(
        &self,
        request: EventsRequest<'_>,
    ) -> Result<usize, Refusal> {
        let pixel_id: Arc<str> = request.pixel_id.into();
        let events = validate_browser_events(request).await?;
        let count = events.len();
        let now_ms = self.options.clock.now_ms();
        let mut received = self.received();
        for event in events {
            received
                .browser_events
                .remember(&pixel_id, &event.value, now_ms);
            let event = stored_event(event, &pixel_id, ConnectionMethod::Browser, now_ms);
            received.store.push(event);
        }
        Ok(count)
    }

    /// Records that a request to the events edge has arrived. Returns its number.
    pub(crate) fn record_arrival(&self, pixel_id: &str) -> u64 {
        let now_ms = self.options.clock.now_ms();
        let mut received = self.received();
        received.store.totals.requests += 1;
        received.requests.add(pixel_id, now_ms)
    }

    /// Changes the record of a request, if it is still remembered.
    pub(crate) fn update_record(&self, number: u64, change: impl FnOnce(&mut RequestRecord)) {
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

    pub(crate) fn next_trace_id(&self) -> String {
        self.trace_ids.next()
    }

    fn received(&self) -> MutexGuard<'_, Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An event to be stored. The store gives it its number.
fn stored_event(
    ParsedEvent { raw, value }: ParsedEvent,
    pixel_id: &Arc<str>,
    connection_method: ConnectionMethod,
    received_at: i64,
) -> StoredEvent {
    let text = |name: &str| match value.get(name)? {
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
