//! Secrets: the environment variable or file that holds one.

use serde_json::{Value, json};

use crate::kinds::Kind;
use crate::reader::Reader;
use crate::secret::SecretSource;
use crate::tree::Node;

/// Where a secret comes from.
pub(crate) struct Secret;

impl Kind<Option<SecretSource>> for Secret {
    fn read(
        &self,
        name: &str,
        node: &Node,
        reader: &mut Reader<'_>,
    ) -> Option<Option<SecretSource>> {
        reader.secret(name, node).map(Some)
    }

    /// A path is shown, though it may look like a secret.
    fn value(&self, value: &Option<SecretSource>) -> Value {
        match value {
            None => Value::Null,
            Some(SecretSource::Environment(name)) => json!({ "env": name }),
            Some(SecretSource::File(path)) => json!({ "file": path.display().to_string() }),
            Some(SecretSource::Literal(_)) => json!("(redacted)"),
        }
    }

    fn text(&self, value: &Option<SecretSource>) -> String {
        value.as_ref().map_or_else(String::new, ToString::to_string)
    }

    fn schema(&self) -> Value {
        json!({ "oneOf": [
            { "type": "object", "properties": { "env": { "type": "string" } }, "required": ["env"], "additionalProperties": false },
            { "type": "object", "properties": { "file": { "type": "string" } }, "required": ["file"], "additionalProperties": false },
            { "type": "string" },
        ] })
    }
}
