//! What is in force, and where each value comes from, as JSON.

use std::ffi::OsString;

use serde_json::{Map, Value, json};

use crate::hints::hints;
use crate::table::InForce;
use crate::{Destination, EventSource, InputSettings, Settings};

/// Destinations with hints, sources, inputs, the endpoint. No secrets. `environment` looks up a variable.
#[must_use]
pub fn to_json(settings: &Settings, environment: &dyn Fn(&str) -> Option<OsString>) -> Value {
    let destination = |destination: &Destination| {
        json!({
            "name": destination.name,
            "settings": values(destination.in_force()),
            "hints": hints(destination, environment),
        })
    };
    let source = |source: &EventSource| {
        json!({
            "name": source.name,
            "write_keys": source.write_keys.len(),
            "destinations": source.destinations,
            "webhook": source.webhook_secret.is_some(),
        })
    };
    let input =
        |input: &InputSettings| json!({ "name": input.name, "settings": values(input.in_force()) });
    json!({
        "destinations": settings.destinations.iter().map(destination).collect::<Value>(),
        "sources": settings.sources.iter().map(source).collect::<Value>(),
        "inputs": settings.inputs.iter().map(input).collect::<Value>(),
        "serve": values(settings.endpoint.in_force()),
        "log": values(settings.log.in_force()),
        "memory": values(settings.memory.in_force()),
        "console": values(settings.console.in_force()),
        "history": values(settings.history.in_force()),
        "trace": values(settings.trace.in_force()),
        "alerts": values(settings.alerts.in_force()),
        "otel": values(settings.otel.in_force()),
    })
}

fn values(settings: Vec<InForce>) -> Map<String, Value> {
    let value = |setting: InForce| {
        let InForce {
            name, value, line, ..
        } = setting;
        (name.to_owned(), json!({ "value": value, "line": line }))
    };
    settings.into_iter().map(value).collect()
}
