//! Validates a request: token, path, parameters and events, in this order.

use axum::http::HeaderMap;
use bytes::Bytes;
use serde_json::{Value, value::RawValue};

use crate::{
    events_request::{Parameters, header_token, is_partner_agent},
    fault_switch::FaultSwitch,
    fault_table::{Fault, first_fault},
    graph_error::{self as faults, GraphError, RequestFault},
    lenient_json::read_value,
    options::Options,
};

/// The most events that Graph takes in one request.
const MAX_EVENTS: usize = 1000;

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

/// An event as it was sent, and parsed.
#[derive(Debug)]
pub(crate) struct ParsedEvent {
    pub(crate) raw: Box<RawValue>,
    pub(crate) value: Value,
}

/// A request without faults.
#[derive(Debug)]
pub(crate) struct ValidRequest {
    pub(crate) test_event_code: Option<String>,
    pub(crate) events: Vec<ParsedEvent>,
}

/// Validates a request with server events.
pub(crate) async fn validate(
    options: &Options,
    fault_switch: &FaultSwitch,
    request: EventsRequest<'_>,
) -> Result<ValidRequest, Refusal> {
    let token = header_token(request.headers);
    let parameters = Parameters::read(request.query, request.headers, request.body).await?;
    let token = token
        .or_else(|| parameters.text("access_token"))
        .ok_or(faults::TOKEN_MISSING)?;
    if fault_switch.token_expired() {
        return Err(faults::TOKEN_EXPIRED.into());
    }
    if !is_allowed(&options.access_tokens, &token) {
        return Err(faults::TOKEN_INVALID.into());
    }
    if !request.pixel_id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(faults::PIXEL_ALIAS.into());
    }
    if !is_allowed(&options.pixel_ids, request.pixel_id) {
        return Err(faults::PIXEL_UNKNOWN.into());
    }
    let partner_agent = parameters.text("partner_agent");
    if partner_agent.is_some_and(|agent| !is_partner_agent(&agent)) {
        return Err(faults::PARTNER_AGENT.into());
    }
    let now = options.clock.now_ms().div_euclid(1000);
    let events = validate_events(parameters.data()?, now)?;
    let ids: Vec<&str> = events
        .iter()
        .filter_map(|event| event.value.get("event_id")?.as_str())
        .collect();
    if let Some((code, subcode)) = fault_switch.refusal(&ids) {
        return Err(Refusal::Scripted(code, subcode));
    }
    Ok(ValidRequest {
        events,
        test_event_code: parameters.text("test_event_code"),
    })
}

/// Validates browser events: each must be an object with an `event_name`, and nothing more.
pub(crate) async fn validate_browser_events(
    request: EventsRequest<'_>,
) -> Result<Vec<ParsedEvent>, RequestFault> {
    let parameters = Parameters::read(request.query, request.headers, request.body).await?;
    let read = |raw: Box<RawValue>| {
        let value = read_value(&raw).ok_or(faults::INVALID_JSON)?;
        let has_name = value.get("event_name").is_some_and(Value::is_string);
        if has_name {
            Ok(ParsedEvent { raw, value })
        } else {
            Err(faults::BROWSER_EVENT)
        }
    };
    parameters.data()?.into_iter().map(read).collect()
}

fn validate_events(data: Vec<Box<RawValue>>, now: i64) -> Result<Vec<ParsedEvent>, Refusal> {
    if data.is_empty() {
        return Err(faults::DATA_EMPTY.into());
    }
    if data.len() > MAX_EVENTS {
        return Err(faults::TOO_MANY_EVENTS.into());
    }
    data.into_iter()
        .map(|raw| {
            let value = read_value(&raw).ok_or(faults::INVALID_JSON)?;
            match first_fault(&value, now) {
                Some(fault) => Err(Refusal::Event(fault)),
                None => Ok(ParsedEvent { raw, value }),
            }
        })
        .collect()
}

/// Whether a list allows a value; an empty list allows all.
fn is_allowed(allowed: &[String], value: &str) -> bool {
    allowed.is_empty() || allowed.iter().any(|one| one == value)
}
