//! `POST /{api_version}/{pixel_id}/events`: from arrival to answer, with the faults of the script.

use std::{future::pending, sync::Arc, time::Duration};

use axum::{
    Json,
    body::to_bytes,
    extract::{ConnectInfo, Path, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    answer,
    connection::Connection,
    edge::Edge,
    graph_error::{self as faults, GraphError},
    script::{Action, FaultStage},
    statistics::Outcome,
    validation::{EventsRequest, Refusal},
};

/// Handles one request.
struct RequestHandler<'a> {
    edge: &'a Edge,
    /// The request's number.
    number: u64,
    /// `None` if the router is mounted in another server.
    connection: Option<Connection>,
}

pub(crate) async fn post_events(
    State(edge): State<Arc<Edge>>,
    Path((api_version, pixel_id)): Path<(String, String)>,
    request: Request,
) -> Response {
    let number = edge.record_arrival(&pixel_id);
    let (parts, body) = request.into_parts();
    let connection = parts.extensions.get::<ConnectInfo<Connection>>();
    let handler = RequestHandler {
        edge: &edge,
        number,
        connection: connection.map(|ConnectInfo(connection)| connection.clone()),
    };
    let plan = edge.fault_switch.next();
    if plan.step.at == FaultStage::BeforeReading && !is_usual(&plan.step.action) {
        wait(plan.delay).await;
        return handler.answer(&plan.step.action, None).await;
    }
    let Ok(body) = to_bytes(body, edge.options.body_limit).await else {
        handler.record_refusal("body_too_large", "413".to_owned());
        return answer::too_large();
    };
    edge.update_record(number, |record| record.bytes = body.len());
    wait(plan.delay).await;
    if plan.step.at != FaultStage::AfterStoring && !is_usual(&plan.step.action) {
        return handler.answer(&plan.step.action, None).await;
    }
    let result = if is_api_version(&api_version) {
        edge.post_events(events_request(&pixel_id, &parts, body))
            .await
    } else {
        Err(faults::UNKNOWN_PATH.into())
    };
    let result = result.map(|count| u64::try_from(count).unwrap_or(u64::MAX));
    if let Ok(count) = result {
        edge.update_record(number, |record| record.events = count);
    }
    wait(plan.answer_delay).await;
    let mut answer = handler.answer(&plan.step.action, Some(result)).await;
    if let Ok(version) = HeaderValue::from_str(&api_version) {
        answer
            .headers_mut()
            .insert(HeaderName::from_static("facebook-api-version"), version);
    }
    answer
}

pub(crate) async fn post_browser_events(
    State(edge): State<Arc<Edge>>,
    Path(pixel_id): Path<String>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, edge.options.body_limit).await else {
        return answer::too_large();
    };
    match edge
        .post_browser_events(events_request(&pixel_id, &parts, body))
        .await
    {
        Ok(count) => Json(json!({"events_received": count})).into_response(),
        Err(refusal) => answer::refusal(&edge, &refusal),
    }
}

fn events_request<'a>(pixel_id: &'a str, parts: &'a Parts, body: Bytes) -> EventsRequest<'a> {
    EventsRequest {
        pixel_id,
        query: parts.uri.query(),
        headers: &parts.headers,
        body,
    }
}

/// Whether the request is validated and answered, at whatever stage its step applies.
fn is_usual(action: &Action) -> bool {
    matches!(action, Action::Pass | Action::Amend { .. })
}

async fn wait(delay: Duration) {
    if !delay.is_zero() {
        sleep(delay).await;
    }
}

/// `v` and two numbers: `v26.0`.
fn is_api_version(text: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.strip_prefix('v')
        .and_then(|version| version.split_once('.'))
        .is_some_and(|(major, minor)| is_number(major) && is_number(minor))
}

impl RequestHandler<'_> {
    /// Answers as the script says, or as usual; `result` is the outcome of the request if it was validated.
    async fn answer(&self, action: &Action, result: Option<Result<u64, Refusal>>) -> Response {
        let edge = self.edge;
        match action {
            Action::Pass => self.usual_answer(result, &[], None),
            Action::Amend {
                messages,
                events_received,
            } => self.usual_answer(result, messages, *events_received),
            Action::GraphError {
                code,
                subcode,
                is_transient,
                status,
                headers,
            } => {
                let error = GraphError {
                    error_subcode: *subcode,
                    is_transient: *is_transient,
                    ..GraphError::new(*code, format!("(#{code}) Said by the script"))
                };
                self.record_scripted(code_name(&error), true);
                let mut answer = answer::graph_error(edge, *status, error);
                answer::add_headers(&mut answer, headers);
                answer
            }
            Action::Answer {
                status,
                headers,
                body,
            } => {
                self.record_scripted(status.to_string(), *status >= 400);
                answer::scripted(*status, headers, body.clone())
            }
            Action::Truncate => {
                self.record_scripted("truncate".to_owned(), false);
                answer::truncated(&usual_json(edge, result))
            }
            Action::CutOff => {
                self.record_scripted("cut_off".to_owned(), false);
                answer::cut_off(&usual_json(edge, result))
            }
            Action::Reset => {
                self.record_scripted("reset".to_owned(), false);
                self.cut()
            }
            Action::Hang => {
                self.record_scripted("hang".to_owned(), false);
                match self.connection.clone() {
                    Some(connection) => connection.closing().await,
                    None => pending().await,
                }
                self.cut()
            }
        }
    }

    /// Ends the connection without an answer: with a reset, if the sandbox owns the connection.
    fn cut(&self) -> Response {
        match &self.connection {
            Some(connection) => {
                connection.cut();
                // The connection is reset instead of this being written.
                StatusCode::OK.into_response()
            }
            None => answer::none(),
        }
    }

    fn usual_answer(
        &self,
        result: Option<Result<u64, Refusal>>,
        messages: &[String],
        events_received: Option<u64>,
    ) -> Response {
        match result.unwrap_or(Ok(0)) {
            Ok(count) => {
                self.edge
                    .update_record(self.number, |record| record.outcome = Outcome::Accepted);
                let count = events_received.unwrap_or(count);
                Json(answer::success(self.edge, count, messages)).into_response()
            }
            Err(refusal) => {
                self.record_refusal(refusal.fault(), code_name(&refusal.error()));
                answer::refusal(self.edge, &refusal)
            }
        }
    }

    fn record_refusal(&self, fault: &'static str, code: String) {
        self.edge.count_refusal(fault, &code);
        self.edge.update_record(self.number, |record| {
            record.outcome = Outcome::Refused;
            record.detail = Some(code);
        });
    }

    fn record_scripted(&self, detail: String, is_refusal: bool) {
        if is_refusal {
            self.edge.count_refusal("scripted", &detail);
        }
        self.edge.update_record(self.number, |record| {
            record.outcome = Outcome::Scripted;
            record.detail = Some(detail);
        });
    }
}

/// The JSON that would have been the answer; a success if the request was not validated.
fn usual_json(edge: &Edge, result: Option<Result<u64, Refusal>>) -> Value {
    match result {
        Some(Err(refusal)) => json!({"error": refusal.error()}),
        Some(Ok(count)) => answer::success(edge, count, &[]),
        None => answer::success(edge, 1, &[]),
    }
}

/// `190`, or with a subcode `100/2804050`.
fn code_name(error: &GraphError) -> String {
    match error.error_subcode {
        Some(subcode) => format!("{}/{subcode}", error.code),
        None => error.code.to_string(),
    }
}
