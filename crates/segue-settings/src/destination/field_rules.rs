//! `fields` and `event_fields`: rows of the user's own, which say where a field of the server event comes from.

mod read;

use std::collections::BTreeMap;

use conversions_mapping::{FieldRule, FieldSource, writable_fields};
use segment_spec::ecommerce::fold;
use serde_json::{Map, Value, json};

use crate::destination::Destination;
use crate::diagnostic::{Mistake, quoted};
use crate::reader::Reader;
use crate::setting::Access;
use crate::show::{hidden, without_secrets};
use crate::tree::Node;
use read::read_rules;
pub(crate) use read::unfit_constant;

/// The rows of every event.
pub(super) struct Fields;

/// The rows of one event each.
pub(super) struct EventFields;

impl Access<Destination> for Fields {
    fn read(&self, name: &str, node: &Node, target: &mut Destination, reader: &mut Reader<'_>) {
        let rules = read_rules(name, node, None, reader);
        target.mapping.field_rules.extend(rules);
    }

    fn value(&self, target: &Destination) -> Value {
        let rules = target.mapping.field_rules.iter();
        values(rules.filter(|rule| rule.event.is_none()))
    }

    fn text(&self, target: &Destination) -> String {
        let rules = target.mapping.field_rules.iter();
        lines(rules.filter(|rule| rule.event.is_none())).join("\n")
    }

    fn schema(&self) -> Value {
        json!({ "$ref": "#/$defs/fields" })
    }
}

impl Access<Destination> for EventFields {
    fn read(&self, name: &str, node: &Node, target: &mut Destination, reader: &mut Reader<'_>) {
        let example =
            "{ \"Trial Started\" = { \"custom_data.predicted_ltv\" = \"properties.ltv\" } }";
        let events = reader.entries(name, node, example).unwrap_or_default();
        let folds_names = target.mapping.fold_event_names;
        let mut lines_by_name: BTreeMap<String, usize> = BTreeMap::new();
        for event in events.into_iter().filter(|event| !event.node.is_unset()) {
            let line = reader.document.start_of(&event.key_span).line;
            let compared = if folds_names {
                fold(&event.key).into_owned()
            } else {
                event.key.clone()
            };
            if let Some(other) = lines_by_name.insert(compared, line) {
                let mistake = format!("{} has rows already, in line {other}", quoted(&event.key));
                let help = "event names are compared without case and outer blanks, and `_` counts as a space; keep one of the two";
                reader.error(&event.key_span, Mistake::new(mistake).help(help));
            }
            let rules = read_rules(&event.key, &event.node, Some(&event.key), reader);
            target.mapping.field_rules.extend(rules);
        }
    }

    fn value(&self, target: &Destination) -> Value {
        let events = by_event(target).into_iter();
        let events = events.map(|(event, rules)| (hidden(event), values(rules.into_iter())));
        Value::Object(events.collect())
    }

    fn text(&self, target: &Destination) -> String {
        let events = by_event(target).into_iter();
        let rows = events.flat_map(|(event, rules)| {
            lines(rules.into_iter())
                .into_iter()
                .map(move |line| format!("{}: {line}", hidden(event)))
        });
        rows.collect::<Vec<_>>().join("\n")
    }

    fn schema(&self) -> Value {
        json!({ "type": "object", "additionalProperties": { "$ref": "#/$defs/fields" } })
    }
}

fn by_event(target: &Destination) -> BTreeMap<&str, Vec<&FieldRule>> {
    let mut events: BTreeMap<&str, Vec<&FieldRule>> = BTreeMap::new();
    for rule in &target.mapping.field_rules {
        if let Some(event) = &rule.event {
            events.entry(event).or_default().push(rule);
        }
    }
    events
}

/// Rows in the form in which a settings file gives them.
fn values<'r>(rules: impl Iterator<Item = &'r FieldRule>) -> Value {
    let source = |source: &FieldSource| match source {
        FieldSource::Path(path) => json!(path.as_str()),
        FieldSource::Constant(json) => {
            let value: Value = serde_json::from_str(json.as_str()).unwrap_or_default();
            json!({ "value": value })
        }
    };
    let row = |rule: &FieldRule| {
        let sources = match rule.sources.as_slice() {
            [only] => source(only),
            several => several.iter().map(source).collect(),
        };
        let row = if rule.keep {
            json!({ "from": sources, "keep": true })
        } else {
            sources
        };
        (rule.field.path().to_owned(), row)
    };
    without_secrets(Value::Object(rules.map(row).collect::<Map<_, _>>()))
}

/// Rows for people, each a line.
fn lines<'r>(rules: impl Iterator<Item = &'r FieldRule>) -> Vec<String> {
    let source = |source: &FieldSource| match source {
        FieldSource::Path(path) => hidden(path.as_str()),
        FieldSource::Constant(json) => hidden(json.as_str()),
    };
    let line = |rule: &FieldRule| {
        let sources: Vec<_> = rule.sources.iter().map(source).collect();
        let kept = if rule.keep { " (kept)" } else { "" };
        format!(
            "{} ← {}{kept}",
            hidden(rule.field.path()),
            sources.join(", ")
        )
    };
    rules.map(line).collect()
}

/// The JSON schema of rows, with the names of the fields for completion.
pub(crate) fn schema() -> Value {
    let constant = json!({
        "type": "object", "properties": { "value": {} }, "required": ["value"], "additionalProperties": false,
    });
    let source = json!({ "anyOf": [{ "type": "string" }, constant] });
    let sources = json!({ "anyOf": [
        { "$ref": "#/$defs/source" },
        { "type": "array", "items": { "$ref": "#/$defs/source" }, "minItems": 1 },
    ] });
    let row = json!({ "anyOf": [
        sources,
        {
            "type": "object",
            "properties": { "from": sources, "keep": { "type": "boolean" } },
            "required": ["from"],
            "additionalProperties": false,
        },
    ] });
    let fields = writable_fields().map(|(field, takes)| {
        (
            field.to_owned(),
            json!({ "description": takes, "$ref": "#/$defs/row" }),
        )
    });
    json!({
        "source": source,
        "row": row,
        "fields": {
            "type": "object",
            "properties": Value::Object(fields.collect()),
            "patternProperties": { "^custom_data\\..": { "$ref": "#/$defs/row" } },
            "additionalProperties": false,
        },
    })
}

#[cfg(test)]
mod tests;
