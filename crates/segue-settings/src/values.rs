//! Puts the value of one setting in its place, or says what is wrong with it.

use std::collections::BTreeMap;

use conversions_mapping::PiiProperties;
use facebook_conversions::{DataProcessing, StandardEvent};
use segment_spec::ecommerce::fold;

use crate::destination::Destination;
use crate::diagnostic::{Mistake, quoted, quoted_or};
use crate::reader::Reader;
use crate::suggest::closest;
use crate::table::{Kind, Place, Setting};
use crate::texts::TextRule;
use crate::tree::{Node, Value};

impl Setting {
    /// Reads the value into `destination`; what is wrong goes to the reader, and the default stays.
    pub(crate) fn read(&self, node: &Node, destination: &mut Destination, reader: &mut Reader<'_>) {
        let name = self.name;
        match self.kind {
            Kind::Flag(place) => store(reader.flag(name, node), place, destination),
            Kind::Count(place, limits) => {
                store(reader.count(name, node, limits), place, destination);
            }
            Kind::Text(rule) => text(name, node, rule, destination, reader),
            Kind::Secret(place) => store(reader.secret(name, node).map(Some), place, destination),
            Kind::Names(place) => store(reader.names(name, node), place, destination),
            Kind::TextMap(place) => {
                let pairs = reader.text_map(name, node);
                store(pairs.map(BTreeMap::from_iter), place, destination);
            }
            Kind::EventMap(place) => store(event_map(name, node, reader), place, destination),
            Kind::DataProcessing(place) => {
                let read = data_processing(node);
                if read.is_none() {
                    let mistake = Mistake::new(format!(
                        "`{name}` must be a list of options, country and state"
                    ));
                    reader.error(&node.span, mistake.help(
                        "for example [[\"LDU\"], 0, 0]; country 0 or 1, state 0 or 1000 to 1013",
                    ));
                }
                store(read, place, destination);
            }
            Kind::Personal(place) => store(personal(name, node, reader), place, destination),
        }
    }
}

fn store<T>(value: Option<T>, place: Place<T>, destination: &mut Destination) {
    if let Some(value) = value {
        *place(destination) = value;
    }
}

fn text(
    name: &str,
    node: &Node,
    rule: &TextRule,
    destination: &mut Destination,
    reader: &mut Reader<'_>,
) {
    let text = match &node.value {
        Value::Number(number) if rule.takes_numbers => number,
        _ => match reader.text(name, node) {
            Some(text) => text,
            None => return,
        },
    };
    if let Err(mistake) = (rule.set)(destination, text) {
        reader.error(&node.span, mistake);
    }
}

/// Segment event to standard event. Names that fold alike must have one target, or the spelling would decide.
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
                "case, outer blanks and `_` for a space do not tell event names apart; keep one of the two",
            ));
        }
        map.insert(entry.key.clone(), target);
    }
    Some(map)
}

/// `[options, country, state]`: options a list of `LDU` or empty, the rest integers or integer text; a missing tail is 0.
fn data_processing(node: &Node) -> Option<DataProcessing> {
    let Value::List(items) = &node.value else {
        return None;
    };
    let (options, numbers) = match items.as_slice() {
        [options, numbers @ ..] if numbers.len() <= 2 => (options, numbers),
        _ => return None,
    };
    let Value::List(options) = &options.value else {
        return None;
    };
    let limited = match options.as_slice() {
        [] => false,
        [
            Node {
                value: Value::Text(option),
                ..
            },
        ] if option == "LDU" => true,
        _ => return None,
    };
    let number = |at: usize| match numbers.get(at).map(|node| &node.value) {
        None => Some(0),
        Some(Value::Number(number) | Value::Text(number)) => number.parse::<u16>().ok(),
        Some(_) => None,
    };
    DataProcessing::new(limited, number(0)?, number(1)?)
}

fn personal(name: &str, node: &Node, reader: &mut Reader<'_>) -> Option<PiiProperties> {
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
