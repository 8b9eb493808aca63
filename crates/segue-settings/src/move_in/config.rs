//! Finding a configuration in an export, and reading its values.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use crate::Destination;
use crate::json_tree;
use crate::setting::Setting;
use crate::table::Table;
use crate::tree::{Entry, Node, Value};

/// Objects around a configuration, in the exports of the systems' APIs and of Terraform.
const WRAPPERS: [&str; 6] = [
    "data",
    "destination",
    "config",
    "Config",
    "settings",
    "attributes",
];

/// How many objects there can be around a configuration.
const DEPTH: usize = 5;

/// The members of an export's outermost value. A list of subscriptions becomes the member that an object around it would
/// have; a list of one destination is that destination.
pub(super) fn unwrap_list(node: Node) -> Vec<Entry> {
    let Node { value, span } = node;
    match value {
        Value::Map(entries) => entries,
        Value::List(items) if !items.iter().any(is_subscription) && items.len() == 1 => {
            let only = items.into_iter().next();
            match only.map(|item| item.value) {
                Some(Value::Map(entries)) => entries,
                _ => Vec::new(),
            }
        }
        Value::List(items) => vec![Entry {
            key: LISTS[0].to_owned(),
            key_span: span.start..span.start,
            node: Node {
                value: Value::List(items),
                span,
            },
        }],
        _ => Vec::new(),
    }
}

/// Whether an item of a list is a mapping of an Actions destination.
fn is_subscription(item: &Node) -> bool {
    item.get(&MAPPING).is_some() || item.get(&TRIGGER).is_some()
}

/// Whether Segment's classic destination has a setting of this name.
pub(super) fn is_classic_key(key: &str) -> bool {
    let mut settings = Destination::SETTINGS.iter();
    settings.any(|setting: &Setting<_>| setting.in_segment && setting.is_named(key))
}

/// The outermost object that has such a key.
pub(super) fn find(entries: &[Entry], is_key: fn(&str) -> bool) -> Option<&[Entry]> {
    find_in(entries, is_key, DEPTH)
}

fn find_in(entries: &[Entry], is_key: fn(&str) -> bool, depth: usize) -> Option<&[Entry]> {
    if entries.iter().any(|entry| is_key(&entry.key)) {
        return Some(entries);
    }
    let depth = depth.checked_sub(1)?;
    let mut wrapped = entries
        .iter()
        .filter(|entry| WRAPPERS.contains(&entry.key.as_str()));
    wrapped.find_map(|entry| find_in(entry.node.entries(), is_key, depth))
}

/// The list of an Actions destination's mappings.
pub(super) fn subscriptions(entries: &[Entry]) -> Option<&[Node]> {
    let list = find(entries, |key| LISTS.contains(&key))?;
    let list = list
        .iter()
        .find(|entry| LISTS.contains(&entry.key.as_str()))?;
    let Value::List(items) = &list.node.value else {
        return None;
    };
    items.iter().any(is_subscription).then_some(items)
}

const LISTS: [&str; 4] = ["subscriptions", "mappings", "actions", "presets"];
/// What an export calls the fields of a subscription.
pub(super) const MAPPING: [&str; 4] = ["mapping", "mappings", "settings", "fields"];
/// What an export calls the events of a subscription.
pub(super) const TRIGGER: [&str; 3] = ["trigger", "subscribe", "fqlQuery"];

/// Whether a directive of Segment's mappings occurs anywhere. The parser limits the depth.
pub(super) fn has_directive(entries: &[Entry]) -> bool {
    fn in_node(node: &Node) -> bool {
        match &node.value {
            Value::List(items) => items.iter().any(in_node),
            Value::Map(entries) => has_directive(entries),
            _ => false,
        }
    }
    let directives = ["@path", "@if", "@template", "@arrayPath", "@literal"];
    let is_directive = |entry: &Entry| directives.contains(&entry.key.as_str());
    entries
        .iter()
        .any(|entry| is_directive(entry) || in_node(&entry.node))
}

/// The members of an object, which Terraform writes as JSON in a text. Those are all where the text is.
pub(super) fn members(node: &Node) -> Cow<'_, [Entry]> {
    fn place(node: &mut Node, span: &Range<usize>) {
        node.span.clone_from(span);
        match &mut node.value {
            Value::List(items) => items.iter_mut().for_each(|item| place(item, span)),
            Value::Map(entries) => place_all(entries, span),
            _ => {}
        }
    }
    fn place_all(entries: &mut [Entry], span: &Range<usize>) {
        for entry in entries {
            entry.key_span.clone_from(span);
            place(&mut entry.node, span);
        }
    }
    match &node.value {
        Value::Map(entries) => entries.into(),
        Value::Text(text) => {
            let mut entries = json_tree::parse(text).unwrap_or_default();
            place_all(&mut entries, &node.span);
            entries.into()
        }
        _ => Cow::default(),
    }
}

/// Text, or a number as text; absent when empty.
pub(super) fn plain_text(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Text(text) | Value::Number(text) if !text.trim().is_empty() => Some(text),
        _ => None,
    }
}

/// Whether a switch is on.
pub(super) fn is_on(node: &Node) -> bool {
    match &node.value {
        Value::Flag(flag) => *flag,
        Value::Text(text) => text == "true",
        _ => false,
    }
}

/// A pair of a map, and where it stands.
pub(super) struct Pair<'n> {
    pub(super) from: &'n str,
    pub(super) to: &'n str,
    pub(super) span: &'n Range<usize>,
}

/// The pairs of a map, which exports write as an object, or as a list of objects with two members. Incomplete ones are left
/// out.
pub(super) fn pairs(node: &Node) -> Vec<Pair<'_>> {
    match &node.value {
        Value::Map(entries) => entries.iter().filter_map(pair_of_entry).collect(),
        Value::List(items) => items.iter().filter_map(pair_of_item).collect(),
        _ => Vec::new(),
    }
}

/// The value, with a list of pairs as a map, as our settings want it.
pub(super) fn as_map(node: &Node) -> Node {
    let is_pair = |item: &Node| item.get(&["from", "key"]).is_some();
    let is_list = matches!(&node.value, Value::List(items) if items.iter().all(is_pair));
    if !is_list {
        return node.clone();
    }
    let mut names = HashSet::new();
    let pairs = pairs(node)
        .into_iter()
        .filter(|pair| names.insert(pair.from));
    let entries = pairs.map(|pair| Entry {
        key: pair.from.to_owned(),
        key_span: pair.span.clone(),
        node: Node {
            value: Value::Text(pair.to.to_owned()),
            span: pair.span.clone(),
        },
    });
    Node {
        value: Value::Map(entries.collect()),
        span: node.span.clone(),
    }
}

fn pair_of_entry(entry: &Entry) -> Option<Pair<'_>> {
    Some(Pair {
        from: &entry.key,
        to: trimmed(&entry.node)?,
        span: &entry.key_span,
    })
}

fn pair_of_item(item: &Node) -> Option<Pair<'_>> {
    Some(Pair {
        from: trimmed(item.get(&["from", "key"])?)?,
        to: trimmed(item.get(&["to", "value"])?)?,
        span: &item.span,
    })
}

fn trimmed(node: &Node) -> Option<&str> {
    plain_text(node).map(str::trim)
}

/// The texts of a list, which exports write as such or as objects with this member.
pub(super) fn texts<'n>(node: &'n Node, member: &str) -> Vec<&'n str> {
    let Value::List(items) = &node.value else {
        return Vec::new();
    };
    let text = |item: &'n Node| plain_text(item.get(&[member]).unwrap_or(item));
    items.iter().filter_map(text).map(str::trim).collect()
}
