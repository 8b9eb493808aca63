//! Kinds of values that only destinations have.

use std::collections::BTreeMap;

use conversions_mapping::PiiProperties;
use facebook_conversions::{DataProcessing, StandardEvent};
use segment_spec::ecommerce::fold;
use serde_json::{Map, Value, json};

use crate::diagnostic::{Mistake, quoted, quoted_or};
use crate::kinds::{Kind, texts_schema};
use crate::reader::Reader;
use crate::show::without_secrets;
use crate::suggest::closest;
use crate::tree::{self, Node};

/// Segment event to standard event.
pub(crate) struct EventMap;

impl Kind<BTreeMap<String, StandardEvent>> for EventMap {
    fn read(
        &self,
        name: &str,
        node: &Node,
        reader: &mut Reader<'_>,
    ) -> Option<BTreeMap<String, StandardEvent>> {
        event_map(name, node, reader)
    }

    fn value(&self, value: &BTreeMap<String, StandardEvent>) -> Value {
        let names = value
            .iter()
            .map(|(event, target)| (event.clone(), json!(target.name())));
        without_secrets(Value::Object(names.collect::<Map<_, _>>()))
    }

    fn schema(&self) -> Value {
        let names = StandardEvent::ALL.iter().map(|event| event.name());
        // An empty text is a name that is not mapped.
        let targets: Vec<_> = names.chain([""]).collect();
        json!({ "type": "object", "additionalProperties": { "enum": targets } })
    }
}

/// Segment event to standard event. Names that fold alike must have the same target, since messages spell them
/// in either way.
fn event_map(
    name: &str,
    node: &Node,
    reader: &mut Reader<'_>,
) -> Option<BTreeMap<String, StandardEvent>> {
    let entries = reader.entries(name, node, "{ \"Signed Up\" = \"CompleteRegistration\" }")?;
    let mut map = BTreeMap::new();
    let mut folded: BTreeMap<String, StandardEvent> = BTreeMap::new();
    for entry in entries.into_iter().filter(|entry| !entry.node.is_unset()) {
        let Some(target) = reader.text(&entry.key, &entry.node) else {
            continue;
        };
        let Some(target) = StandardEvent::from_name(target) else {
            let names = StandardEvent::ALL.iter().map(|event| event.name());
            let help = closest(target, names).map_or_else(
                || "choose one of Meta's standard events, like Purchase or Lead; other events need no entry".to_owned(),
                |name| format!("did you mean `{name}`?"),
            );
            let mistake = format!(
                "{} is mapped to something that is not a standard event",
                quoted(&entry.key)
            );
            reader.error(&entry.node.span, Mistake::new(mistake).help(help));
            continue;
        };
        if folded
            .insert(fold(&entry.key).into_owned(), target)
            .is_some_and(|other| other != target)
        {
            let mistake = format!(
                "{} is mapped twice, to different standard events",
                quoted(&entry.key)
            );
            reader.error(&entry.key_span, Mistake::new(mistake).help(
                "event names are compared without case and outer blanks, and `_` counts as a space; keep one of the two",
            ));
        }
        map.insert(entry.key.clone(), target);
    }
    Some(map)
}

/// Options, country and state.
pub(crate) struct DataProcessingOptions;

impl Kind<DataProcessing> for DataProcessingOptions {
    fn read(&self, name: &str, node: &Node, reader: &mut Reader<'_>) -> Option<DataProcessing> {
        let read = data_processing(node);
        if read.is_none() {
            let mistake = Mistake::new(format!(
                "`{name}` must be a list of options, country and state"
            ));
            let help = "for example [[\"LDU\"], 0, 0]; country 0 or 1, state 0 or 1000 to 1013";
            reader.error(&node.span, mistake.help(help));
        }
        read
    }

    fn value(&self, value: &DataProcessing) -> Value {
        let options: &[&str] = if value.is_limited() { &["LDU"] } else { &[] };
        json!([options, value.country(), value.state()])
    }

    fn text(&self, value: &DataProcessing) -> String {
        self.value(value).to_string()
    }

    fn schema(&self) -> Value {
        json!({ "type": "array", "minItems": 1, "maxItems": 3 })
    }
}

/// `[options, country, state]`: options a list of `LDU` or empty, the rest integers or integer text; what is missing is 0.
fn data_processing(node: &Node) -> Option<DataProcessing> {
    let tree::Value::List(items) = &node.value else {
        return None;
    };
    let (options, numbers) = match items.as_slice() {
        [options, numbers @ ..] if numbers.len() <= 2 => (options, numbers),
        _ => return None,
    };
    let tree::Value::List(options) = &options.value else {
        return None;
    };
    let limited = match options.as_slice() {
        [] => false,
        [
            Node {
                value: tree::Value::Text(option),
                ..
            },
        ] if option == "LDU" => true,
        _ => return None,
    };
    let number = |at: usize| match numbers.get(at).map(|node| &node.value) {
        None => Some(0),
        Some(tree::Value::Number(number) | tree::Value::Text(number)) => number.parse::<u16>().ok(),
        Some(_) => None,
    };
    DataProcessing::new(limited, number(0)?, number(1)?)
}

/// Names of properties to drop, to hash, and to allow.
pub(crate) struct PiiLists;

impl Kind<PiiProperties> for PiiLists {
    fn read(&self, name: &str, node: &Node, reader: &mut Reader<'_>) -> Option<PiiProperties> {
        pii_lists(name, node, reader)
    }

    fn value(&self, value: &PiiProperties) -> Value {
        let PiiProperties { drop, hash, allow } = value;
        without_secrets(json!({ "drop": drop, "hash": hash, "allow": allow }))
    }

    fn schema(&self) -> Value {
        let texts = texts_schema();
        json!({
            "type": "object",
            "properties": { "drop": texts, "hash": texts, "allow": texts },
            "additionalProperties": false,
        })
    }
}

fn pii_lists(name: &str, node: &Node, reader: &mut Reader<'_>) -> Option<PiiProperties> {
    let entries = reader.entries(name, node, "{ drop = [\"vat_number\"] }")?;
    let mut lists = PiiProperties::default();
    for entry in entries.into_iter().filter(|entry| !entry.node.is_unset()) {
        let list = match entry.key.as_str() {
            "drop" => &mut lists.drop,
            "hash" => &mut lists.hash,
            "allow" => &mut lists.allow,
            other => {
                let mut mistake = Mistake::new(format!(
                    "`{name}` has no list {}",
                    quoted_or(other, "of this name")
                ));
                mistake.help = Some(match closest(other, ["drop", "hash", "allow"]) {
                    Some(name) => format!("did you mean `{name}`?"),
                    None => "it has the lists `drop`, `hash` and `allow`".to_owned(),
                });
                reader.error(&entry.key_span, mistake);
                continue;
            }
        };
        if let Some(names) = reader.names(&entry.key, &entry.node) {
            *list = names;
        }
    }
    Some(lists)
}
