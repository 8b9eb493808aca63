//! Whole numbers with a least and a greatest value.

use std::time::Duration;

use serde_json::{Value, json};

use crate::kinds::Kind;
use crate::reader::Reader;
use crate::tree::Node;

/// A number from the first to the second.
pub(crate) struct Count(pub(crate) u64, pub(crate) u64);

/// Whole seconds, from the first number to the second.
pub(crate) struct Seconds(pub(crate) u64, pub(crate) u64);

impl Kind<u64> for Count {
    fn read(&self, name: &str, node: &Node, reader: &mut Reader<'_>) -> Option<u64> {
        reader.count(name, node, (self.0, self.1))
    }

    fn value(&self, value: &u64) -> Value {
        json!(value)
    }

    fn schema(&self) -> Value {
        json!({ "type": "integer", "minimum": self.0, "maximum": self.1 })
    }
}

impl Kind<usize> for Count {
    fn read(&self, name: &str, node: &Node, reader: &mut Reader<'_>) -> Option<usize> {
        let count: Option<u64> = self.read(name, node, reader);
        count.and_then(|count| usize::try_from(count).ok())
    }

    fn value(&self, value: &usize) -> Value {
        json!(value)
    }

    fn schema(&self) -> Value {
        Kind::<u64>::schema(self)
    }
}

impl Kind<Duration> for Seconds {
    fn read(&self, name: &str, node: &Node, reader: &mut Reader<'_>) -> Option<Duration> {
        let seconds = reader.count(name, node, (self.0, self.1));
        seconds.map(Duration::from_secs)
    }

    fn value(&self, value: &Duration) -> Value {
        json!(value.as_secs())
    }

    fn schema(&self) -> Value {
        Kind::<u64>::schema(&Count(self.0, self.1))
    }
}
