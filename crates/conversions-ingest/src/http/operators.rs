//! Routes for operators, to be served on a listener that senders cannot reach.

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::Value;

/// The `OpenAPI` 3.1 description of the ingest API, as JSON.
pub const OPENAPI: &str = include_str!("../../openapi.json");

/// The operators' routes: `/healthz`, `/readyz`, `/metrics`, `/openapi.json`.
///
/// ```
/// use conversions_ingest::Operators;
///
/// let router: axum::Router = Operators::new()
///     .with_metrics(|| "segue_backlog_events 0\n".to_owned())
///     .with_readiness(|| Err("the event log is full".to_owned()))
///     .router();
/// ```
#[derive(Clone)]
pub struct Operators {
    metrics: Arc<dyn Fn() -> String + Send + Sync>,
    readiness: Arc<dyn Fn() -> Result<(), String> + Send + Sync>,
    openapi: Arc<str>,
}

impl Operators {
    /// Routes that report readiness, and no metrics.
    #[must_use]
    pub fn new() -> Self {
        Self {
            metrics: Arc::new(String::new),
            readiness: Arc::new(|| Ok(())),
            openapi: OPENAPI.into(),
        }
    }

    /// Sets what `/metrics` answers: Prometheus' text format.
    #[must_use]
    pub fn with_metrics(mut self, metrics: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.metrics = Arc::new(metrics);
        self
    }

    /// Sets what `/readyz` answers: 200, or 503 and the reason.
    #[must_use]
    pub fn with_readiness(
        mut self,
        readiness: impl Fn() -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        self.readiness = Arc::new(readiness);
        self
    }

    /// Adds another API to what `/openapi.json` answers: the members `paths`, `tags` and `components` of a description in JSON.
    /// A text that is no such description changes nothing.
    #[must_use]
    pub fn with_openapi(mut self, description: &str) -> Self {
        if let Some(joined) = joined(&self.openapi, description) {
            self.openapi = joined.into();
        }
        self
    }

    /// The routes.
    pub fn router(self) -> Router {
        Router::new()
            .route("/healthz", get(async || "ok\n"))
            .route("/readyz", get(readyz))
            .route("/metrics", get(metrics))
            .route("/openapi.json", get(openapi))
            .with_state(self)
    }
}

impl Default for Operators {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Operators {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operators").finish_non_exhaustive()
    }
}

async fn readyz(State(operators): State<Operators>) -> Response {
    match (operators.readiness)() {
        Ok(()) => "ready\n".into_response(),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")).into_response(),
    }
}

async fn metrics(State(operators): State<Operators>) -> Response {
    let text = [(
        header::CONTENT_TYPE,
        "text/plain; version=0.0.4; charset=utf-8",
    )];
    (text, (operators.metrics)()).into_response()
}

async fn openapi(State(operators): State<Operators>) -> Response {
    let text = operators.openapi.to_string();
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// Two descriptions as one.
fn joined(description: &str, other: &str) -> Option<String> {
    let mut joined: Value = serde_json::from_str(description).ok()?;
    merge(&mut joined, serde_json::from_str(other).ok()?);
    serde_json::to_string_pretty(&joined).ok()
}

/// Adds members of objects and items of lists.
fn merge(into: &mut Value, other: Value) {
    match (into, other) {
        (Value::Object(into), Value::Object(other)) => {
            for (name, value) in other {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (Value::Array(into), Value::Array(other)) => into.extend(other),
        (into @ Value::Null, other) => *into = other,
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_api_is_added_to_the_description() {
        let other = r#"{"paths":{"/api/v1/x":{"get":{}}},"tags":[{"name":"X"}]}"#;
        let operators = Operators::new().with_openapi(other).with_openapi("no JSON");
        let joined: Value = serde_json::from_str(&operators.openapi).unwrap();
        let own: Value = serde_json::from_str(OPENAPI).unwrap();
        let count = |document: &Value| document["paths"].as_object().unwrap().len();
        assert_eq!(count(&joined), count(&own) + 1);
        assert_eq!(joined["info"], own["info"]);
        let tags = joined["tags"].as_array().unwrap();
        assert_eq!(tags.last().unwrap()["name"], "X");
    }
}
