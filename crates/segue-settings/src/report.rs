//! What is in force, and where each value comes from, for `segue check`.

use std::ffi::OsString;

use serde_json::{Map, Value, json};

use crate::endpoint::ENDPOINT;
use crate::hints::hints;
use crate::show::plain;
use crate::table::SETTINGS;
use crate::{Destination, Endpoint, EventSource, Settings};

/// A setting and its value in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// The setting's name.
    pub name: &'static str,
    /// Its value as plain text, maps as one line an entry; empty when nothing is set. No secrets.
    pub shown: String,
    /// The line of the file that gives it; absent for a default.
    pub line: Option<usize>,
}

/// Every setting of a destination, in the order in which they are explained.
#[must_use]
pub fn of_destination(destination: &Destination) -> Vec<InForce> {
    let row = |setting: &crate::table::Setting| InForce {
        name: setting.name,
        shown: setting.shown(destination),
        line: destination.given.get(setting.name).map(|at| at.line),
    };
    SETTINGS.iter().map(row).collect()
}

/// Every setting of the endpoint, in the order in which they are explained.
#[must_use]
pub fn of_endpoint(endpoint: &Endpoint) -> Vec<InForce> {
    let row = |setting: &crate::endpoint::EndpointSetting| InForce {
        name: setting.name,
        shown: plain(&setting.value(endpoint)),
        line: endpoint.given.get(setting.name).map(|at| at.line),
    };
    ENDPOINT.iter().map(row).collect()
}

/// All of it as JSON: destinations with hints, sources, the endpoint.
#[must_use]
pub fn to_json(settings: &Settings, environment: &dyn Fn(&str) -> Option<OsString>) -> Value {
    let destination = |destination: &Destination| {
        let values: Map<_, _> = SETTINGS
            .iter()
            .map(|setting| {
                let line = destination.given.get(setting.name).map(|at| at.line);
                let value = json!({ "value": setting.value(destination), "line": line });
                (setting.name.to_owned(), value)
            })
            .collect();
        json!({
            "name": destination.name,
            "settings": values,
            "hints": hints(destination, environment),
        })
    };
    let source = |source: &EventSource| {
        json!({
            "name": source.name,
            "write_keys": source.write_keys.len(),
            "destinations": source.destinations,
            "webhook": source.webhook.is_some(),
        })
    };
    let endpoint: Map<_, _> = ENDPOINT
        .iter()
        .map(|setting| {
            let line = settings.endpoint.given.get(setting.name).map(|at| at.line);
            let value = json!({ "value": setting.value(&settings.endpoint), "line": line });
            (setting.name.to_owned(), value)
        })
        .collect();
    json!({
        "destinations": settings.destinations.iter().map(destination).collect::<Value>(),
        "sources": settings.sources.iter().map(source).collect::<Value>(),
        "serve": endpoint,
    })
}
