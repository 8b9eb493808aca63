//! Kinds of values: each reads, shows, and describes values of one type.

mod lists;
mod numbers;
mod parsed;
mod secrets;
mod words;

use serde_json::{Value, json};

use crate::reader::Reader;
use crate::show;
use crate::tree::Node;

pub(crate) use lists::{Names, Networks, Origins, TextMap};
pub(crate) use numbers::{Count, Seconds};
pub(crate) use parsed::Parsed;
pub(crate) use secrets::Secret;
pub(crate) use words::{FilePath, OneOf, Text};

/// A kind of values of type `T`.
pub(crate) trait Kind<T>: Sync {
    /// Reads a value; a mistake goes to the reader.
    fn read(&self, name: &str, node: &Node, reader: &mut Reader<'_>) -> Option<T>;

    /// The value as JSON, in the form in which a settings file gives it; null when nothing is set. A text
    /// that looks like a secret is replaced.
    fn value(&self, value: &T) -> Value;

    /// The value for people; empty when nothing is set.
    fn text(&self, value: &T) -> String {
        show::plain(&self.value(value))
    }

    /// The JSON schema of values, without description and default.
    fn schema(&self) -> Value;
}

/// True or false.
pub(crate) struct Flag;

impl Kind<bool> for Flag {
    fn read(&self, name: &str, node: &Node, reader: &mut Reader<'_>) -> Option<bool> {
        reader.flag(name, node)
    }

    fn value(&self, value: &bool) -> Value {
        json!(value)
    }

    fn schema(&self) -> Value {
        json!({ "type": "boolean" })
    }
}

/// The schema of a list of texts.
pub(crate) fn texts_schema() -> Value {
    json!({ "type": "array", "items": { "type": "string" } })
}
