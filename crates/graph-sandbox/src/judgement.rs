//! Judging a request: its token, its path, its parameters, its events, in this order.

use axum::http::HeaderMap;
use bytes::Bytes;
use serde_json::{Value, value::RawValue};

use crate::{
    edge::Settings,
    events_request::{Parameters, header_token, is_partner_agent},
    fault_table::{Fault, first_fault},
    graph_error::{self as faults, GraphError, RequestFault},
    lenient::read_value,
    switch::Switch,
};

/// Most events of one request.
const EVENTS_PER_REQUEST: usize = 1000;

/// A request to the events edge, its body read.
#[derive(Debug)]
pub(crate) struct EventsRequest<'a> {
    pub(crate) pixel_id: &'a str,
    pub(crate) query: Option<&'a str>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: Bytes,
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Refusal {
    Request(RequestFault),
    Event(&'static Fault),
    /// By the script: code and subcode.
    Scripted(u32, Option<u32>),
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
            Self::Event(_) | Self::Scripted(..) => 400,
        }
    }

    pub(crate) fn fault(&self) -> &'static str {
        match self {
            Self::Request(fault) => fault.name,
            Self::Event(fault) => fault.name,
            Self::Scripted(..) => "scripted",
        }
    }

    pub(crate) fn error(&self) -> GraphError {
        match self {
            Self::Request(fault) => fault.into(),
            Self::Event(fault) => (*fault).into(),
            Self::Scripted(code, subcode) => GraphError {
                error_subcode: *subcode,
                ..GraphError::new(*code, format!("(#{code}) Refused by the script"))
            },
        }
    }
}

/// An event as it was sent, and as a value.
pub(crate) type ReadEvent = (Box<RawValue>, Value);

/// A request whose events are all good.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) test_event_code: Option<String>,
    pub(crate) events: Vec<ReadEvent>,
}

/// Judges a request for server events.
pub(crate) async fn judge(
    settings: &Settings,
    switch: &Switch,
    request: EventsRequest<'_>,
) -> Result<Accepted, Refusal> {
    let token = header_token(request.headers);
    let parameters = Parameters::read(request.query, request.headers, request.body).await?;
    let token = token
        .or_else(|| parameters.text("access_token"))
        .ok_or(faults::TOKEN_MISSING)?;
    if switch.token_expired() {
        return Err(faults::TOKEN_EXPIRED.into());
    }
    if !is_among(&settings.access_tokens, &token) {
        return Err(faults::TOKEN_INVALID.into());
    }
    if !request.pixel_id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(faults::PIXEL_ALIAS.into());
    }
    if !is_among(&settings.pixel_ids, request.pixel_id) {
        return Err(faults::PIXEL_UNKNOWN.into());
    }
    let partner_agent = parameters.text("partner_agent");
    if partner_agent.is_some_and(|agent| !is_partner_agent(&agent)) {
        return Err(faults::PARTNER_AGENT.into());
    }
    let now = settings.clock.now_ms().div_euclid(1000);
    let events = judge_events(parameters.data()?, now)?;
    let ids: Vec<&str> = events
        .iter()
        .filter_map(|(_, event)| event.get("event_id")?.as_str())
        .collect();
    if let Some((code, subcode)) = switch.refusal(&ids) {
        return Err(Refusal::Scripted(code, subcode));
    }
    Ok(Accepted {
        events,
        test_event_code: parameters.text("test_event_code"),
    })
}

/// Judges browser events: objects with an `event_name`; nothing else is asked of them.
pub(crate) async fn judge_browser_events(
    request: EventsRequest<'_>,
) -> Result<Vec<ReadEvent>, RequestFault> {
    let parameters = Parameters::read(request.query, request.headers, request.body).await?;
    let read = |raw: Box<RawValue>| {
        let event = read_value(&raw).ok_or(faults::INVALID_JSON)?;
        let has_name = event.get("event_name").is_some_and(Value::is_string);
        if has_name {
            Ok((raw, event))
        } else {
            Err(faults::BROWSER_EVENT)
        }
    };
    parameters.data()?.into_iter().map(read).collect()
}

fn judge_events(data: Vec<Box<RawValue>>, now: i64) -> Result<Vec<ReadEvent>, Refusal> {
    if data.is_empty() {
        return Err(faults::DATA_EMPTY.into());
    }
    if data.len() > EVENTS_PER_REQUEST {
        return Err(faults::TOO_MANY_EVENTS.into());
    }
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

/// Whether a value is among those allowed; an empty list allows all.
fn is_among(allowed: &[String], value: &str) -> bool {
    allowed.is_empty() || allowed.iter().any(|one| one == value)
}
