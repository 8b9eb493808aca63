//! Every setting as a row of a reference: what it is for, what it takes, its default, and when a change comes into force.

use serde_json::Value;

use crate::setting::{Applies, Setting, Template};
use crate::sources::EventSource;
use crate::table::Table;
use crate::template::toml;
use crate::{
    AlertSettings, ConsoleSettings, Destination, Endpoint, HistorySettings, InputSettings,
    LogSettings, MemorySettings, OtelSettings, TraceSettings,
};

/// The settings of one table of a settings file.
#[derive(Clone, Debug)]
pub struct ReferenceTable {
    /// How TOML opens the table, such as `[serve]`.
    pub opening: &'static str,
    /// What the table is for, as a phrase.
    pub purpose: &'static str,
    /// Its settings, in the order in which a new file shows them.
    pub settings: Vec<SettingReference>,
}

/// What there is to know about a setting.
#[derive(Clone, Debug)]
pub struct SettingReference {
    /// Its name.
    pub name: &'static str,
    /// Its name in Segment's classic destination, where that has it.
    pub segment_name: Option<String>,
    /// What it is for, as a phrase.
    pub purpose: &'static str,
    /// The values that it takes, as a phrase.
    pub takes: String,
    /// Its default as TOML; absent when nothing is set by default.
    pub default: Option<String>,
    /// An example as TOML, for settings whose default does not show their form.
    pub example: Option<&'static str>,
    /// When a running `segue serve` takes a change over, as a phrase.
    pub takes_effect: &'static str,
}

/// Every table of a settings file with all its settings.
#[must_use]
pub fn tables() -> Vec<ReferenceTable> {
    vec![
        table::<Destination>(
            "[[destinations]]",
            "where events go and how they are mapped; without this line, at the top of the file, for a single destination",
        ),
        table::<EventSource>(
            "[[sources]]",
            "who may send events to `segue serve`, and where they go",
        ),
        table::<InputSettings>(
            "[[inputs]]",
            "brokers that `segue consume` reads, and the source whose rules apply",
        ),
        table::<Endpoint>("[serve]", "how `segue serve` takes events"),
        table::<LogSettings>(
            "[log]",
            "where `segue serve` keeps events until they are delivered",
        ),
        table::<MemorySettings>(
            "[memory]",
            "what is remembered of people between their messages",
        ),
        table::<ConsoleSettings>(
            "[console]",
            "the pages that `segue serve` shows to operators",
        ),
        table::<HistorySettings>(
            "[history]",
            "the counts that `segue serve` keeps of what happened",
        ),
        table::<TraceSettings>(
            "[trace]",
            "what `segue serve` keeps of what became of each event",
        ),
        table::<AlertSettings>(
            "[alerts]",
            "whom `segue serve` tells when something is wrong",
        ),
        table::<OtelSettings>(
            "[otel]",
            "where `segue serve` sends spans and metrics by OpenTelemetry's protocol",
        ),
    ]
}

fn table<D: Table>(opening: &'static str, purpose: &'static str) -> ReferenceTable {
    let defaults = D::default();
    ReferenceTable {
        opening,
        purpose,
        settings: D::SETTINGS
            .iter()
            .map(|setting| reference(setting, &defaults))
            .collect(),
    }
}

fn reference<D: Default>(setting: &Setting<D>, defaults: &D) -> SettingReference {
    let default = setting.value(defaults);
    SettingReference {
        name: setting.name,
        segment_name: setting.in_segment.then(|| setting.camel_case()),
        purpose: setting.doc,
        takes: takes(&setting.schema()),
        default: (!is_empty(&default)).then(|| toml(&default)),
        example: match setting.template {
            Template::Example(toml) => Some(toml),
            Template::Given(toml) if toml.contains('{') => Some(toml),
            Template::Default | Template::Given(_) => None,
        },
        takes_effect: match setting.applies {
            Applies::OnReload => "at once",
            Applies::AfterRestart => "after a restart",
            Applies::AfterRestartIfSwitched => "at once; to set or remove it, after a restart",
        },
    }
}

/// Whether a value says nothing: null, and texts, lists and tables without content.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().all(is_empty),
        Value::Object(members) => members.values().all(is_empty),
        Value::String(text) => text.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The values that a JSON schema allows, for people.
fn takes(schema: &Value) -> String {
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<_> = words.iter().map(toml).collect();
        return words.join(" or ");
    }
    if schema["oneOf"].is_array() {
        return "a secret: { env = \"NAME\" } or { file = \"PATH\" }".to_owned();
    }
    if let (Some(least), Some(most)) = (schema["minimum"].as_u64(), schema["maximum"].as_u64()) {
        return format!("{least} to {most}");
    }
    match schema["type"].as_str().unwrap_or("string") {
        "boolean" => "true or false",
        "array" if schema["items"]["type"] == "string" => "a list of texts",
        "array" => "a list",
        "object" => "a table",
        _ if schema["$ref"].is_string() => "a table",
        _ => "a text",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::tables;

    /// The row of a setting of a table.
    fn row(opening: &str, name: &str) -> super::SettingReference {
        let table = tables().into_iter().find(|table| table.opening == opening);
        let settings = table.unwrap().settings;
        settings
            .into_iter()
            .find(|setting| setting.name == name)
            .unwrap()
    }

    #[test]
    fn rows_say_what_a_setting_takes_and_its_default() {
        let batch = row("[[destinations]]", "batch_events");
        assert_eq!(batch.takes, "1 to 1000");
        assert_eq!(batch.default.as_deref(), Some("1000"));
        let token = row("[[destinations]]", "access_token");
        assert!(token.takes.starts_with("a secret"));
        assert_eq!(token.example, Some("{ env = \"META_ACCESS_TOKEN\" }"));
        let pixel = row("[[destinations]]", "pixel_id");
        assert_eq!(pixel.segment_name.as_deref(), Some("pixelId"));
        assert_eq!(pixel.default, None);
        let compat = row("[serve]", "compat");
        assert_eq!(compat.takes, "\"strict\" or \"segment\"");
        assert_eq!(row("[memory]", "enabled").takes_effect, "after a restart");
    }

    #[test]
    fn every_table_of_the_schema_is_in_the_reference() {
        let schema = crate::schema::schema();
        let top = schema["properties"].as_object().unwrap();
        let tables = tables();
        let known = |name: &String| {
            tables.iter().any(|table| {
                let opening = table.opening.trim_matches(['[', ']']);
                opening == name
            }) || tables[0]
                .settings
                .iter()
                .any(|setting| schema["properties"][setting.name] == top[name])
        };
        let without: Vec<_> = top.keys().filter(|name| !known(name)).collect();
        assert!(without.is_empty(), "add to tables(): {without:?}");
    }
}
