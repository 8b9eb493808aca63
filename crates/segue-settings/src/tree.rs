//! A settings file as a tree with positions: the common form of TOML and JSON.

use std::ops::Range;

/// A value and its position. It may be a secret, so there is no `Debug`.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) value: Value,
    /// Byte offsets into the text.
    pub(crate) span: Range<usize>,
}

/// The values of TOML and JSON.
#[derive(Clone)]
pub(crate) enum Value {
    /// JSON's `null`.
    Null,
    Flag(bool),
    /// A decimal number as it is written; TOML's underscores and other bases are resolved.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
    /// TOML's dates and times, which no setting takes.
    Date,
}

/// A member of a map, in the order of the file. JSON files can repeat a key.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_span: Range<usize>,
    pub(crate) node: Node,
}

impl Node {
    /// The kind of the value, for "must be …, not …".
    pub(crate) fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Flag(_) => "true or false",
            Value::Number(_) => "a number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a table",
            Value::Date => "a date",
        }
    }

    /// Whether it counts as not set: `null` and the empty string.
    pub(crate) fn is_unset(&self) -> bool {
        match &self.value {
            Value::Null => true,
            Value::Text(text) => text.is_empty(),
            _ => false,
        }
    }

    /// Whether it holds nothing: not set, an empty list or table, or a list of nothing but such.
    pub(crate) fn is_blank(&self) -> bool {
        match &self.value {
            Value::List(items) => items.iter().all(Self::is_blank),
            Value::Map(entries) => entries.iter().all(|entry| entry.node.is_blank()),
            _ => self.is_unset(),
        }
    }

    /// The members of a table; none of any other value.
    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The first member that has one of these names.
    pub(crate) fn get(&self, names: &[&str]) -> Option<&Node> {
        let mut entries = self.entries().iter();
        let entry = entries.find(|entry| names.contains(&entry.key.as_str()));
        entry.map(|entry| &entry.node)
    }
}
