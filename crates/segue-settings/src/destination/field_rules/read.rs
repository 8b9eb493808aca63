//! Reading rows: fields, their sources, and constants that fit them.

use conversions_mapping::{
    DestinationField, DestinationFieldError, FieldRule, FieldSource, Mapping, MessagePathError,
    Settings, SettingsError,
};
use facebook_conversions::RawJson;
use serde_json::{Value, json};

use crate::diagnostic::{Mistake, quoted, quoted_or};
use crate::reader::Reader;
use crate::suggest::closest;
use crate::tree::{self, Entry, Node};

/// Reads rows: a table of fields and their sources.
pub(super) fn read_rules(
    name: &str,
    node: &Node,
    event: Option<&str>,
    reader: &mut Reader<'_>,
) -> Vec<FieldRule> {
    let example = "{ \"event_id\" = \"properties.event_id\" }";
    let entries = reader.entries(name, node, example).unwrap_or_default();
    let mut rules = Vec::with_capacity(entries.len());
    for entry in entries.into_iter().filter(|entry| !entry.node.is_unset()) {
        let Some(field) = read_field(entry, reader) else {
            continue;
        };
        let Some((sources, keep)) = read_sources(&entry.key, &entry.node, reader) else {
            continue;
        };
        let rule = FieldRule {
            event: event.map(str::to_owned),
            field,
            sources,
            keep,
        };
        if check_constant(&rule, entry, reader) {
            rules.push(rule);
        }
    }
    rules
}

fn read_field(entry: &Entry, reader: &mut Reader<'_>) -> Option<DestinationField> {
    let error = match entry.key.parse() {
        Ok(field) => return Some(field),
        Err(error) => error,
    };
    let mistake = match error {
        DestinationFieldError::Unknown { suggestion } => {
            let name = quoted_or(&entry.key, "of this name");
            Mistake::new(format!("a server event has no field {name}")).help(match suggestion {
                Some(field) => format!("did you mean `{field}`?"),
                None => "fields are those that Meta documents, like `user_data.lead_id`, and `custom_data.` with any name".to_owned(),
            })
        }
        DestinationFieldError::Decided { field } => Mistake::new(format!(
            "`{field}` cannot have a row: it decides whether there is an event"
        ))
        .help("a message says it itself, or a setting of its own does"),
        DestinationFieldError::Composite { field } => {
            let first =
                DestinationField::paths().find(|path| path.starts_with(&format!("{field}.")));
            let member = first.unwrap_or("custom_data.content_name");
            Mistake::new(format!("`{field}` is an object; name one of its members"))
                .help(format!("write the whole name in quotes, like \"{member}\""))
        }
    };
    reader.error(&entry.key_span, mistake);
    None
}

/// Reads a source, a list of sources, or a table with `from` and `keep`.
fn read_sources(
    name: &str,
    node: &Node,
    reader: &mut Reader<'_>,
) -> Option<(Vec<FieldSource>, bool)> {
    match &node.value {
        tree::Value::Map(entries) if node.get(&["value"]).is_none() => {
            reader.repeated(entries);
            let (mut sources, mut keep) = (None, false);
            for entry in entries {
                match entry.key.as_str() {
                    "from" => sources = read_list(name, &entry.node, reader),
                    "keep" => keep = reader.flag("keep", &entry.node).unwrap_or_default(),
                    _ => {
                        unknown_key(entry, reader);
                        return None;
                    }
                }
            }
            if sources.is_none() && node.get(&["from"]).is_none() {
                let mistake = Mistake::new(format!("{} has no source", quoted(name)));
                let help = "write { from = \"properties.NAME\", keep = true } or { value = \"…\" }";
                reader.error(&node.span, mistake.help(help));
            }
            Some((sources?, keep))
        }
        _ => Some((read_list(name, node, reader)?, false)),
    }
}

fn read_list(name: &str, node: &Node, reader: &mut Reader<'_>) -> Option<Vec<FieldSource>> {
    let tree::Value::List(items) = &node.value else {
        return Some(vec![read_source(name, node, reader)?]);
    };
    if items.is_empty() {
        let mistake = Mistake::new(format!("{} has no source", quoted(name)));
        reader.error(
            &node.span,
            mistake.help("name a path, like \"properties.NAME\""),
        );
        return None;
    }
    let sources: Vec<_> = items
        .iter()
        .map(|item| read_source(name, item, reader))
        .collect();
    sources.into_iter().collect()
}

fn read_source(name: &str, node: &Node, reader: &mut Reader<'_>) -> Option<FieldSource> {
    match &node.value {
        tree::Value::Text(path) => match FieldSource::path(path) {
            Ok(source) => Some(source),
            Err(error) => {
                let mistake = format!(
                    "a source of {} is not a path into the message",
                    quoted(name)
                );
                let help = match error {
                    MessagePathError::EmptyKey => {
                        "a path is keys with single dots between them, like \"properties.plan\"".to_owned()
                    }
                    MessagePathError::Notation { notation: '$' } => {
                        "leave out the `$.`: a path begins with a member of the message, like \"properties.plan\"".to_owned()
                    }
                    MessagePathError::Notation { notation } => format!(
                        "`{notation}` has no meaning in it: a path is keys with single dots between them; a constant is {{ value = \"…\" }}"
                    ),
                    MessagePathError::UnknownRoot { suggestion } => {
                        format!("did you mean `{suggestion}` at its beginning? a constant is {{ value = \"…\" }}")
                    }
                };
                reader.error(&node.span, Mistake::new(mistake).help(help));
                None
            }
        },
        tree::Value::Map(entries) if node.get(&["value"]).is_some() => {
            for other in entries.iter().filter(|entry| entry.key != "value") {
                let mistake = Mistake::new("a constant has nothing beside its `value`");
                let help = "list several sources: [\"properties.NAME\", { value = \"…\" }]";
                reader.error(&other.key_span, mistake.help(help));
            }
            let constant = node.get(&["value"])?;
            let json = to_json(constant).and_then(|json| RawJson::parse(json.to_string()).ok());
            if json.is_none() {
                let mistake = Mistake::new(format!("the constant of {} is not JSON", quoted(name)));
                let help = "write text, a number, true or false, a list, or a table";
                reader.error(&constant.span, mistake.help(help));
            }
            json.map(FieldSource::Constant)
        }
        _ => {
            let mistake = format!(
                "{} must be a path or a constant, not {}",
                quoted(name),
                node.kind()
            );
            let help = "for example \"properties.NAME\", [\"properties.NAME\", \"messageId\"], or { value = \"…\" }";
            reader.error(&node.span, Mistake::new(mistake).help(help));
            None
        }
    }
}

fn unknown_key(entry: &Entry, reader: &mut Reader<'_>) {
    let known = ["from", "keep", "value"];
    let name = quoted_or(&entry.key, "of this name");
    let mistake = Mistake::new(format!("a row has no member {name}"));
    let help = match closest(&entry.key, known) {
        Some(name) => format!("did you mean `{name}`?"),
        None => "write { from = \"properties.NAME\", keep = true } or { value = \"…\" }; a name with dots is written in quotes".to_owned(),
    };
    reader.error(&entry.key_span, mistake.help(help));
}

/// A constant as JSON; absent for what JSON does not have.
fn to_json(node: &Node) -> Option<Value> {
    Some(match &node.value {
        tree::Value::Flag(flag) => json!(flag),
        tree::Value::Number(number) => serde_json::from_str(number).ok()?,
        tree::Value::Text(text) => json!(text),
        tree::Value::List(items) => items.iter().map(to_json).collect::<Option<_>>()?,
        tree::Value::Map(entries) => {
            let member = |entry: &Entry| Some((entry.key.clone(), to_json(&entry.node)?));
            Value::Object(entries.iter().map(member).collect::<Option<_>>()?)
        }
        tree::Value::Null | tree::Value::Date => return None,
    })
}

/// Whether the constants of a row fit its field; a mistake goes to the reader.
fn check_constant(rule: &FieldRule, entry: &Entry, reader: &mut Reader<'_>) -> bool {
    let Some(expected) = unfit_constant(rule) else {
        return true;
    };
    let name = quoted(&entry.key);
    let mistake = Mistake::new(format!("the constant of {name} does not fit its field"));
    reader.error(
        &entry.node.span,
        mistake.help(format!("the field takes: {expected}")),
    );
    false
}

/// What the field of a row takes, if a constant of the row is something else. Compiling the row alone tells.
pub(crate) fn unfit_constant(rule: &FieldRule) -> Option<&'static str> {
    let is_constant = |source: &FieldSource| matches!(source, FieldSource::Constant(_));
    if !rule.sources.iter().any(is_constant) {
        return None;
    }
    let settings = Settings {
        field_rules: vec![rule.clone()],
        ..Settings::default()
    };
    match Mapping::new(settings) {
        Err(SettingsError::UnusableConstant { expected, .. }) => Some(expected),
        _ => None,
    }
}
