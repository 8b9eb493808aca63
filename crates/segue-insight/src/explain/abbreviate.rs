//! Abbreviates values of a server event: long enough to recognise one's own event, too short to identify a person.

use std::borrow::Cow;

use conversions_mapping::{Path, is_printable};
use serde_json::Value;

/// Hex digits of a hash that are shown.
const HASH_DIGITS: usize = 8;

/// Characters of a text that are shown.
const TEXT: usize = 18;

/// Entries of a list that are shown.
const ENTRIES: usize = 3;

/// The value at a path of an event.
pub(crate) fn value_at<'v>(event: &'v Value, path: &Path<'_>) -> Option<&'v Value> {
    match path {
        Path::Fixed(path) => path.split('.').try_fold(event, |value, key| value.get(key)),
        Path::Key(parent, key) => value_at(event, &Path::Fixed(parent))?.get(key.as_ref()),
        Path::Under(parent, keys) => {
            let start = value_at(event, &Path::Fixed(parent))?;
            keys.iter()
                .try_fold(start, |value, key| value.get(key.as_ref()))
        }
        Path::Item(list, index, member) => {
            let item = value_at(event, &Path::Fixed(list))?.get(index)?;
            if member.is_empty() {
                Some(item)
            } else {
                item.get(member)
            }
        }
    }
}

/// A value for people: the first digits of a hash, the beginning of a text, a list, an IP address or a user agent, and nothing
/// of a text that could be contact data.
pub(crate) fn abbreviated(field: &str, value: &Value) -> String {
    match value {
        Value::String(text) => match field {
            "user_data.client_ip_address" => client_address(text),
            "user_data.client_user_agent" => {
                let product = text.split(['/', ' ']).next().unwrap_or_default();
                format!("{}…", beginning(product, TEXT))
            }
            "event_source_url" | "referrer_url" => web_address(text),
            // Event names are Meta's or the advertiser's, not the customer's.
            "event_name" if is_printable(text) => text.clone(),
            _ => abbreviated_text(text),
        },
        Value::Array(items) if items.iter().any(Value::is_object) => match items.len() {
            1 => "1 item".to_owned(),
            count => format!("{count} items"),
        },
        Value::Array(items) => {
            let mut shown: Vec<_> = items
                .iter()
                .take(ENTRIES)
                .map(|item| abbreviated(field, item))
                .collect();
            if items.len() > ENTRIES {
                shown.push(format!("… {} in all", items.len()));
            }
            shown.join(", ")
        }
        Value::Object(members) => match members.len() {
            1 => "{1 member}".to_owned(),
            count => format!("{{{count} members}}"),
        },
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => beginning(&number.to_string(), TEXT).into_owned(),
    }
}

fn abbreviated_text(text: &str) -> String {
    if is_hash(text) {
        return format!("{}…", beginning_unmarked(text, HASH_DIGITS));
    }
    if text.contains(['@', '\u{ff20}', '\u{fe6b}']) {
        return "(not shown)".to_owned();
    }
    // Long runs of digits may be phone numbers; the beginning is enough to recognise an id.
    let most = if is_printable(text) {
        TEXT
    } else {
        HASH_DIGITS
    };
    beginning(text, most).into_owned()
}

/// Hexadecimal digits of the length of an MD5 or SHA-256 hash, with or without Meta's suffix.
fn is_hash(text: &str) -> bool {
    let digits = facebook_conversions::strip_suffix(text);
    matches!(digits.len(), 32 | 64) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The first part of an IP address.
fn client_address(text: &str) -> String {
    let end = text.find(['.', ':']).map_or(text.len(), |at| at + 1);
    format!("{}…", text.get(..end).unwrap_or_default())
}

/// The host of a URL. The rest may hold personal data.
fn web_address(text: &str) -> String {
    let (_, rest) = text.split_once("://").unwrap_or(("", text));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let more = if rest.len() > 1 { "/…" } else { rest };
    format!("{host}{more}")
}

/// At most `most` characters; if there are more, `…` follows.
fn beginning(text: &str, most: usize) -> Cow<'_, str> {
    let short = beginning_unmarked(text, most);
    if short.len() == text.len() {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("{short}…"))
    }
}

fn beginning_unmarked(text: &str, most: usize) -> &str {
    let end = text
        .char_indices()
        .nth(most)
        .map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_abbreviated_and_contact_data_is_not_shown() {
        let hash = "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b";
        for (field, value, shown) in [
            ("user_data.em", json!(hash), "973dfe46…"),
            (
                "user_data.em",
                json!([hash, format!("{hash}.AQQCAQMC")]),
                "973dfe46…, 973dfe46…",
            ),
            (
                "user_data.client_ip_address",
                json!("203.0.113.77"),
                "203.…",
            ),
            (
                "user_data.client_ip_address",
                json!("2001:db8::1"),
                "2001:…",
            ),
            (
                "user_data.client_user_agent",
                json!("Mozilla/5.0 (X11)"),
                "Mozilla…",
            ),
            ("user_data.external_id", json!("cus_10021"), "cus_10021"),
            (
                "user_data.external_id",
                json!("user-5551234567-x"),
                "user-555…",
            ),
            (
                "event_source_url",
                json!("https://shop.example.com/p?u=1"),
                "shop.example.com/…",
            ),
            (
                "event_source_url",
                json!("https://me:pw@shop.example.com/"),
                "shop.example.com/",
            ),
            (
                "custom_data.note",
                json!("write to ada@example.com"),
                "(not shown)",
            ),
            (
                "custom_data.note",
                json!("a text that is much too long to be shown"),
                "a text that is muc…",
            ),
            (
                "custom_data.content_ids",
                json!(["a", "b", "c", "d"]),
                "a, b, c, … 4 in all",
            ),
            ("custom_data.value", json!(19.9), "19.9"),
            ("custom_data.nested", json!({"a": 1}), "{1 member}"),
        ] {
            assert_eq!(abbreviated(field, &value), shown);
        }
    }

    #[test]
    fn value_at_finds_values_by_path() {
        let event = json!({"custom_data": {"a.b": 1, "contents": [{"id": "x"}]}});
        let key = Path::Key("custom_data", "a.b".into());
        assert_eq!(value_at(&event, &key), Some(&json!(1)));
        let item = Path::Item("custom_data.contents", 0, "id");
        assert_eq!(value_at(&event, &item), Some(&json!("x")));
        assert_eq!(value_at(&event, &Path::Fixed("custom_data.nothing")), None);
    }
}
