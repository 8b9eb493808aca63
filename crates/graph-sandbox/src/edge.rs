//! The events edge itself: what it decides about a request, without a socket.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::HeaderMap;
use bytes::Bytes;
use serde_json::{Value, value::RawValue};

use crate::{
    clock::Clock,
    deduplication::BrowserEvents,
    events_request::{Parameters, header_token, is_partner_agent},
    fault_table::{Fault, first_fault},
    graph_error::{self as faults, GraphError, RequestFault},
    lenient::read_value,
    store::{ConnectionMethod, Filter, Limit, State, Store, StoredEvent, Totals},
    trace::Traces,
};

/// Most events of one request.
const EVENTS_PER_REQUEST: usize = 1000;

/// What an embedder decided; see [`crate::Builder`] for the meaning of each.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) clock: Clock,
    pub(crate) access_tokens: Vec<String>,
    pub(crate) pixel_ids: Vec<String>,
    pub(crate) body_limit: usize,
    pub(crate) store: Limit,
}

/// The state that all requests share.
#[derive(Debug)]
pub(crate) struct Edge {
    pub(crate) settings: Settings,
    received: Mutex<Received>,
    traces: Traces,
}

#[derive(Debug)]
struct Received {
    store: Store,
    browser_events: BrowserEvents,
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Refusal {
    Request(RequestFault),
    Event(&'static Fault),
}

impl From<RequestFault> for Refusal {
    fn from(fault: RequestFault) -> Self {
        Self::Request(fault)
    }
}

impl Refusal {
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::Request(fault) => fault.status,
            Self::Event(_) => 400,
        }
    }

    pub(crate) fn fault(&self) -> &'static str {
        match self {
            Self::Request(fault) => fault.name,
            Self::Event(fault) => fault.name,
        }
    }

    pub(crate) fn error(&self) -> GraphError {
        match self {
            Self::Request(fault) => fault.into(),
            Self::Event(fault) => (*fault).into(),
        }
    }
}

/// A request to the events edge, its body read.
#[derive(Debug)]
pub(crate) struct EventsRequest<'a> {
    pub(crate) pixel_id: &'a str,
    pub(crate) query: Option<&'a str>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: Bytes,
}

/// A request whose events were all accepted.
#[derive(Debug)]
struct Accepted {
    test_event_code: Option<Arc<str>>,
    events: Vec<(Box<RawValue>, Value)>,
}

impl Edge {
    pub(crate) fn new(settings: Settings) -> Self {
        // Each event has up to three keys or so.
        let browser_keys = settings.store.events.saturating_mul(3);
        Self {
            received: Mutex::new(Received {
                store: Store::new(settings.store),
                browser_events: BrowserEvents::new(browser_keys),
            }),
            settings,
            traces: Traces::default(),
        }
    }

    /// Takes the events of a request, all or none; the number of them.
    pub(crate) async fn post_events(&self, request: EventsRequest<'_>) -> Result<usize, Refusal> {
        let pixel_id = request.pixel_id.to_owned();
        let accepted = self.judge(request).await?;
        let count = accepted.events.len();
        let now_ms = self.settings.clock.now_ms();
        let pixel_id: Arc<str> = pixel_id.into();
        let mut received = self.received();
        let Received {
            store,
            browser_events,
        } = &mut *received;
        for (raw, event) in accepted.events {
            let is_repeat = browser_events.have_seen(&pixel_id, &event, now_ms);
            let state = if is_repeat {
                State::Deduplicated
            } else {
                State::Kept
            };
            let origin = Origin {
                pixel_id: &pixel_id,
                method: ConnectionMethod::Server,
                now_ms,
            };
            let test_event_code = accepted.test_event_code.clone();
            store.push(stored_event(&origin, state, test_event_code, raw, &event));
        }
        Ok(count)
    }

    async fn judge(&self, request: EventsRequest<'_>) -> Result<Accepted, Refusal> {
        let token = header_token(request.headers);
        let parameters = Parameters::read(request.query, request.headers, request.body).await?;
        let token = token
            .or_else(|| parameters.text("access_token"))
            .ok_or(faults::TOKEN_MISSING)?;
        let known = &self.settings.access_tokens;
        if !known.is_empty() && !known.contains(&token) {
            return Err(faults::TOKEN_INVALID.into());
        }
        let is_number = request.pixel_id.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number {
            return Err(faults::PIXEL_ALIAS.into());
        }
        let known = &self.settings.pixel_ids;
        if !known.is_empty() && !known.iter().any(|id| id == request.pixel_id) {
            return Err(faults::PIXEL_UNKNOWN.into());
        }
        if parameters
            .text("partner_agent")
            .is_some_and(|agent| !is_partner_agent(&agent))
        {
            return Err(faults::PARTNER_AGENT.into());
        }
        Ok(Accepted {
            events: self.judge_events(parameters.data()?)?,
            test_event_code: parameters.text("test_event_code").map(Arc::from),
        })
    }

    fn judge_events(
        &self,
        data: Vec<Box<RawValue>>,
    ) -> Result<Vec<(Box<RawValue>, Value)>, Refusal> {
        if data.is_empty() {
            return Err(faults::DATA_EMPTY.into());
        }
        if data.len() > EVENTS_PER_REQUEST {
            return Err(faults::TOO_MANY_EVENTS.into());
        }
        let now = self.settings.clock.now_ms().div_euclid(1000);
        data.into_iter()
            .map(|raw| {
                let event = read_value(&raw).ok_or(faults::INVALID_JSON)?;
                match first_fault(&event, now) {
                    Some(fault) => Err(Refusal::Event(fault)),
                    None => Ok((raw, event)),
                }
            })
            .collect()
    }

    /// Takes browser events: objects with an `event_name`; nothing else is asked of them.
    pub(crate) async fn post_browser_events(
        &self,
        request: EventsRequest<'_>,
    ) -> Result<usize, Refusal> {
        let parameters = Parameters::read(request.query, request.headers, request.body).await?;
        let mut events = Vec::new();
        for raw in parameters.data()? {
            let event = read_value(&raw).ok_or(faults::INVALID_JSON)?;
            if event.get("event_name").and_then(Value::as_str).is_none() {
                return Err(faults::BROWSER_EVENT.into());
            }
            events.push((raw, event));
        }
        let count = events.len();
        let now_ms = self.settings.clock.now_ms();
        let pixel_id: Arc<str> = request.pixel_id.into();
        let mut received = self.received();
        for (raw, event) in events {
            received.browser_events.remember(&pixel_id, &event, now_ms);
            let origin = Origin {
                pixel_id: &pixel_id,
                method: ConnectionMethod::Browser,
                now_ms,
            };
            received
                .store
                .push(stored_event(&origin, State::Kept, None, raw, &event));
        }
        Ok(count)
    }

    pub(crate) fn count_request(&self) {
        self.received().store.totals.requests += 1;
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

    pub(crate) fn next_trace(&self) -> String {
        self.traces.next()
    }

    fn received(&self) -> MutexGuard<'_, Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Origin<'a> {
    pixel_id: &'a Arc<str>,
    method: ConnectionMethod,
    now_ms: i64,
}

fn stored_event(
    origin: &Origin<'_>,
    state: State,
    test_event_code: Option<Arc<str>>,
    raw: Box<RawValue>,
    event: &Value,
) -> StoredEvent {
    let text = |name: &str| match event.get(name)? {
        Value::String(text) => Some(text.as_str().into()),
        Value::Number(number) => Some(number.to_string().into()),
        _ => None,
    };
    StoredEvent {
        number: 0,
        received_at: origin.now_ms,
        pixel_id: Arc::clone(origin.pixel_id),
        connection_method: origin.method,
        state,
        test_event_code,
        event_name: text("event_name").unwrap_or_default(),
        event_id: text("event_id"),
        event: raw,
    }
}
