//! A JSON schema of settings files, made from the tables of settings, for completion and checks in editors.

use serde_json::{Map, Value, json};

use crate::destination::field_rules;
use crate::sources::EventSource;
use crate::table::schema as members;
use crate::{
    AlertSettings, ConsoleSettings, Destination, Endpoint, HistorySettings, InputSettings,
    LogSettings, MemorySettings, OtelSettings, TraceSettings,
};

/// The schema. Both spellings of every key are in it.
#[must_use]
pub fn schema() -> Value {
    let mut top = members::<Destination>();
    let destinations = "several destinations, instead of the settings of one";
    top.insert(
        "destinations".to_owned(),
        list(destinations, members::<Destination>()),
    );
    let sources = "who may send events to `segue serve`";
    top.insert(
        "sources".to_owned(),
        list(sources, members::<EventSource>()),
    );
    let inputs = "brokers that `segue consume` reads";
    top.insert(
        "inputs".to_owned(),
        list(inputs, members::<InputSettings>()),
    );
    for (name, description, members) in [
        (
            "serve",
            "how `segue serve` takes events",
            members::<Endpoint>(),
        ),
        (
            "log",
            "where `segue serve` keeps events until they are delivered",
            members::<LogSettings>(),
        ),
        (
            "memory",
            "what is remembered of people between their messages",
            members::<MemorySettings>(),
        ),
        (
            "console",
            "the pages that `segue serve` shows to operators",
            members::<ConsoleSettings>(),
        ),
        (
            "history",
            "the counts that `segue serve` keeps of what happened",
            members::<HistorySettings>(),
        ),
        (
            "trace",
            "what `segue serve` keeps of what became of each event",
            members::<TraceSettings>(),
        ),
        (
            "alerts",
            "whom `segue serve` tells when something is wrong",
            members::<AlertSettings>(),
        ),
        (
            "otel",
            "where `segue serve` sends spans and metrics by OpenTelemetry's protocol",
            members::<OtelSettings>(),
        ),
    ] {
        top.insert(name.to_owned(), table(description, &members));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of segue",
        "type": "object",
        "properties": top,
        "additionalProperties": false,
        "$defs": field_rules::schema(),
    })
}

/// A table.
fn table(description: &str, members: &Map<String, Value>) -> Value {
    json!({
        "description": description,
        "type": "object",
        "properties": members,
        "additionalProperties": false,
    })
}

/// A list of tables, each with a name.
fn list(description: &str, mut members: Map<String, Value>) -> Value {
    let name = json!({ "type": "string", "pattern": "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$" });
    members.insert("name".to_owned(), name);
    json!({
        "description": description,
        "type": "array",
        "items": { "type": "object", "properties": members, "required": ["name"], "additionalProperties": false },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Table;

    /// Every setting of a table is a member, in both spellings.
    fn check<D: Table>(properties: &Value) {
        for setting in D::SETTINGS {
            for name in [setting.name.to_owned(), setting.camel_case()] {
                assert_eq!(properties[&name]["description"], setting.doc, "{name}");
            }
        }
    }

    #[test]
    fn every_setting_is_in_it_in_both_spellings() {
        let schema = schema();
        let properties = &schema["properties"];
        check::<Destination>(properties);
        check::<Destination>(&properties["destinations"]["items"]["properties"]);
        check::<EventSource>(&properties["sources"]["items"]["properties"]);
        check::<InputSettings>(&properties["inputs"]["items"]["properties"]);
        check::<Endpoint>(&properties["serve"]["properties"]);
        check::<LogSettings>(&properties["log"]["properties"]);
        check::<MemorySettings>(&properties["memory"]["properties"]);
        check::<ConsoleSettings>(&properties["console"]["properties"]);
        check::<HistorySettings>(&properties["history"]["properties"]);
        check::<TraceSettings>(&properties["trace"]["properties"]);
        check::<AlertSettings>(&properties["alerts"]["properties"]);
        check::<OtelSettings>(&properties["otel"]["properties"]);
        assert_eq!(properties["value_identifier"]["default"], "price");
        assert_eq!(properties["batch_events"]["maximum"], 1000);
    }
}
