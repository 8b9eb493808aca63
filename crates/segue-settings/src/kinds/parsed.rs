//! Text with a form of its own.

use serde_json::{Value, json};

use crate::diagnostic::Mistake;
use crate::kinds::Kind;
use crate::reader::Reader;
use crate::show::without_secrets;
use crate::tree::{self, Node};

/// Text that becomes a `T`, or is wrong.
pub(crate) struct Parsed<T: 'static> {
    pub(crate) parse: fn(&str) -> Result<T, Mistake>,
    /// The text of a value; absent when nothing is set.
    pub(crate) show: fn(&T) -> Option<String>,
    /// A regular expression for the JSON schema; `parse` may be stricter.
    pub(crate) pattern: &'static str,
    /// Whether a bare number is taken too: ids that consist of digits are often written as numbers.
    pub(crate) takes_numbers: bool,
}

impl<T> Kind<T> for Parsed<T> {
    fn read(&self, name: &str, node: &Node, reader: &mut Reader<'_>) -> Option<T> {
        let text = match &node.value {
            tree::Value::Number(number) if self.takes_numbers => number,
            _ => reader.text(name, node)?,
        };
        match (self.parse)(text) {
            Ok(value) => Some(value),
            Err(mistake) => {
                reader.error(&node.span, mistake);
                None
            }
        }
    }

    fn value(&self, value: &T) -> Value {
        without_secrets(json!((self.show)(value)))
    }

    fn schema(&self) -> Value {
        if self.takes_numbers {
            json!({ "type": ["string", "integer"], "pattern": self.pattern })
        } else {
            json!({ "type": "string", "pattern": self.pattern })
        }
    }
}
