//! The fields of a stored event, abbreviated.

use conversions_mapping::is_printable;
use serde_json::Value;

use super::abbreviate::abbreviated;

/// Members whose members are fields of their own.
const PARTS: [&str; 4] = [
    "user_data",
    "custom_data",
    "app_data",
    "original_event_data",
];

/// Path and abbreviated value of each field of a server event; none when the text is no JSON object. Values are shown as in an
/// explanation: recognizable, and no contact data.
#[must_use]
pub fn event_fields(event: &[u8]) -> Vec<(String, String)> {
    let Ok(Value::Object(members)) = serde_json::from_slice(event) else {
        return Vec::new();
    };
    let mut fields = Vec::new();
    for (name, value) in &members {
        match value {
            Value::Object(inner) if PARTS.contains(&name.as_str()) => {
                for (key, value) in inner {
                    fields.push(field(format!("{name}.{key}"), value));
                }
            }
            value => fields.push(field(name.clone(), value)),
        }
    }
    fields
}

/// Names of custom data are the sender's: one could hold contact data.
fn field(path: String, value: &Value) -> (String, String) {
    let value = abbreviated(&path, value);
    if is_printable(&path) {
        (path, value)
    } else {
        ("(not shown)".to_owned(), value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_abbreviated_and_contact_data_is_not_shown() {
        let event = br#"{"event_name":"Purchase","user_data":{"client_ip_address":"203.0.113.7","em":["62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"]},"custom_data":{"value":19.9,"ada@example.com":1,"note":"ada@example.com"}}"#;
        let fields = event_fields(event);
        let mut shown: Vec<_> = fields
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        // The order of members depends on how serde_json was built.
        shown.sort_unstable();
        assert_eq!(
            shown.join(" "),
            "(not shown)=1 custom_data.note=(not shown) custom_data.value=19.9 event_name=Purchase user_data.client_ip_address=203.… user_data.em=62a14e44…"
        );
        for broken in [&b""[..], b"[]", b"{", b"\xff"] {
            assert_eq!(event_fields(broken), []);
        }
    }
}
