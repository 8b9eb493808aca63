//! The value of a mapped field: a constant, or a directive that says where it comes from.

use conversions_mapping::FieldSource;
use facebook_conversions::RawJson;

use crate::secret::looks_like_secret;
use crate::tree::{Node, Value};

/// How deep conditions may be nested.
const DEPTH: usize = 8;

/// The sources of a value, in order of precedence; none when nothing is set.
///
/// # Errors
///
/// A clause that says what has no counterpart.
pub(super) fn sources(node: &Node) -> Result<Vec<FieldSource>, String> {
    sources_at(node, DEPTH)
}

fn sources_at(node: &Node, depth: usize) -> Result<Vec<FieldSource>, String> {
    match &node.value {
        Value::Null => Ok(Vec::new()),
        Value::Text(text) if text.trim().is_empty() => Ok(Vec::new()),
        Value::Text(text) if text.contains("{{") => template(text),
        Value::Text(text) if looks_like_secret(text) => {
            Err("a value that looks like a secret".to_owned())
        }
        Value::Text(text) => constant(&serde_json::Value::from(text.as_str()).to_string()),
        Value::Number(number) => constant(number),
        Value::Flag(flag) => constant(&flag.to_string()),
        Value::List(items) => match items.as_slice() {
            [] => Ok(Vec::new()),
            [item] => sources_at(item, depth),
            _ => Err("a list of several values".to_owned()),
        },
        Value::Map(entries) => {
            let [entry] = entries.as_slice() else {
                return Err("an object".to_owned());
            };
            let depth = depth
                .checked_sub(1)
                .ok_or("conditions that are nested too deep")?;
            match (entry.key.as_str(), &entry.node.value) {
                ("@path", Value::Text(path)) => read_path(path),
                ("@template", Value::Text(text)) => template(text),
                ("@literal", _) => sources_at(&entry.node, depth),
                ("@if", _) => condition(&entry.node, depth),
                (key, _) if key.starts_with('@') => {
                    Err(format!("the directive `{}`", known_directive(key)))
                }
                _ => Err("an object".to_owned()),
            }
        }
        Value::Date => Err("a date".to_owned()),
    }
}

/// The name of a directive of Segment's, which may be shown.
fn known_directive(key: &str) -> &str {
    let known = [
        "@arrayPath",
        "@cache",
        "@case",
        "@excludeWhenNull",
        "@flatten",
        "@json",
        "@merge",
        "@replace",
        "@transform",
    ];
    known
        .into_iter()
        .find(|known| *known == key)
        .unwrap_or("@…")
}

fn constant(json: &str) -> Result<Vec<FieldSource>, String> {
    let json = RawJson::parse(json.to_owned()).map_err(|_| "a value that is not JSON")?;
    Ok(vec![FieldSource::Constant(json)])
}

fn read_path(path: &str) -> Result<Vec<FieldSource>, String> {
    let path = path.trim();
    let path = path.strip_prefix("$.").unwrap_or(path);
    let source = FieldSource::path(path);
    source
        .map(|source| vec![source])
        .map_err(|_| "a path with more than keys and dots".to_owned())
}

/// Text with one path and nothing around it, or without any.
fn template(text: &str) -> Result<Vec<FieldSource>, String> {
    let text = text.trim();
    if !text.contains("{{") {
        return constant(&serde_json::Value::from(text).to_string());
    }
    let inner = text
        .strip_prefix("{{")
        .and_then(|rest| rest.strip_suffix("}}"));
    match inner {
        // Three braces put a value in without escapes, which JSON has no use for.
        Some(path) if !path.trim_matches(['{', '}']).contains(['{', '}']) => {
            read_path(path.trim_matches(['{', '}']))
        }
        _ => Err("text that is put together of several parts".to_owned()),
    }
}

/// `exists` or `blank`: one value if it is there, else another.
fn condition(node: &Node, depth: usize) -> Result<Vec<FieldSource>, String> {
    let branch = |name: &str| match node.get(&[name]) {
        Some(node) => sources_at(node, depth),
        None => Ok(Vec::new()),
    };
    let (tested, present, absent) = match (node.get(&["exists"]), node.get(&["blank"])) {
        (Some(tested), None) => (tested, branch("then")?, branch("else")?),
        (None, Some(tested)) => (tested, branch("else")?, branch("then")?),
        _ => return Err("a condition that is not `exists` or `blank`".to_owned()),
    };
    let tested = sources_at(tested, depth)?;
    // "If a is there, then a, else b" is the order of precedence a, b.
    if present != tested {
        return Err("a condition on another value than the one that is sent".to_owned());
    }
    Ok([present, absent].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json_tree;

    fn read(json: &str) -> String {
        let entries = json_tree::parse(&format!("{{\"value\": {json}}}")).unwrap_or_default();
        match sources(&entries[0].node) {
            Ok(sources) => {
                let shown = sources.iter().map(|source| match source {
                    FieldSource::Path(path) => path.as_str().to_owned(),
                    FieldSource::Constant(json) => format!("={}", json.as_str()),
                });
                shown.collect::<Vec<_>>().join(", ")
            }
            Err(what) => format!("! {what}"),
        }
    }

    #[test]
    fn directives_become_sources_in_order_of_precedence() {
        for (json, sources) in [
            (
                r#"{"@path": "$.properties.order.id"}"#,
                "properties.order.id",
            ),
            (r#"{"@path": "userId"}"#, "userId"),
            (r#"{"@template": "{{properties.sku}}"}"#, "properties.sku"),
            (r#"{"@template": "{{ properties.sku }}"}"#, "properties.sku"),
            (r#"{"@template": "crm"}"#, r#"="crm""#),
            (r#"{"@literal": 5.0}"#, "=5.0"),
            (r#""website""#, r#"="website""#),
            ("true", "=true"),
            (
                r#"{"@if": {"exists": {"@path": "$.userId"}, "then": {"@path": "$.userId"}, "else": {"@path": "$.anonymousId"}}}"#,
                "userId, anonymousId",
            ),
            (
                r#"{"@if": {"blank": {"@path": "$.userId"}, "then": "none", "else": {"@path": "$.userId"}}}"#,
                r#"userId, ="none""#,
            ),
            (r#"[{"@path": "$.userId"}]"#, "userId"),
            ("null", ""),
            (r#""""#, ""),
        ] {
            assert_eq!(read(json), sources, "{json}");
        }
    }

    #[test]
    fn directives_without_counterpart_are_named() {
        for (json, what) in [
            (
                r#"{"@template": "{{a.b}}-{{c.d}}"}"#,
                "! text that is put together of several parts",
            ),
            (
                r#"{"@path": "$.properties.products[0].id"}"#,
                "! a path with more than keys and dots",
            ),
            (
                r#"{"@case": {"operator": "lower"}}"#,
                "! the directive `@case`",
            ),
            (r#"{"@secret": "x"}"#, "! the directive `@…`"),
            (
                r#"{"@if": {"exists": {"@path": "$.a"}, "then": 1, "else": 2}}"#,
                "! a condition on another value than the one that is sent",
            ),
            (r#"{"a": 1, "b": 2}"#, "! an object"),
            ("[1, 2]", "! a list of several values"),
            (r#""EAABsbCS1iHg""#, "! a value that looks like a secret"),
        ] {
            assert_eq!(read(json), what, "{json}");
        }
    }
}
