//! TOML into a tree.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::tree::{Entry, Node, Value};

/// Parses TOML; every syntax error is reported, with its place.
///
/// The messages of the parser name what it expected, never what it found, so they show no secret.
pub(crate) fn parse(text: &str) -> Result<Vec<Entry>, Vec<(Range<usize>, String)>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(entries(table.into_inner()));
    }
    let mut mistakes: Vec<(Range<usize>, String)> = errors
        .iter()
        .map(|error| (error.span().unwrap_or(0..0), error.message().to_owned()))
        .collect();
    // An unclosed list or table is reported once for every level of nesting: keep one.
    mistakes.sort_by(|(one, said), (other, also)| (one.start, said).cmp(&(other.start, also)));
    mistakes.dedup_by(|(one, said), (other, also)| one.start == other.start && said == also);
    Err(mistakes)
}

fn entries(table: DeTable<'_>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = table
        .into_iter()
        .map(|(key, value)| Entry {
            key_span: key.span(),
            key: key.into_inner().into_owned(),
            node: node(value),
        })
        .collect();
    entries.sort_by_key(|entry| entry.key_span.start);
    entries
}

fn node(value: Spanned<DeValue<'_>>) -> Node {
    let span = value.span();
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(number) => {
            let decimal = i128::from_str_radix(number.as_str(), number.radix());
            Value::Number(decimal.map_or_else(|_| number.to_string(), |value| value.to_string()))
        }
        DeValue::Float(number) => Value::Number(number.as_str().to_owned()),
        DeValue::Boolean(flag) => Value::Flag(flag),
        DeValue::Datetime(_) => Value::Date,
        DeValue::Array(items) => Value::List(items.into_iter().map(node).collect()),
        DeValue::Table(table) => Value::Map(entries(table)),
    };
    Node { value, span }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_in_the_order_of_the_file_with_their_places() {
        let entries = parse("b = 0x1f\na = [1, 'x']\n").unwrap_or_default();
        let keys: Vec<_> = entries
            .iter()
            .map(|entry| (entry.key.as_str(), entry.key_span.start))
            .collect();
        assert_eq!(keys, [("b", 0), ("a", 9)]);
        assert!(matches!(&entries[0].node.value, Value::Number(number) if number == "31"));
    }

    #[test]
    fn one_mistake_is_one_error() {
        let errors = parse("a = [[[[[1\n").err().unwrap();
        assert_eq!(errors.len(), 1, "{errors:?}");
    }

    #[test]
    fn every_syntax_error_is_reported_without_the_text() {
        let errors = parse("token = sekrit\nb = \nc = 'open\n").err().unwrap();
        assert!(errors.len() >= 2, "{errors:?}");
        assert!(
            errors
                .iter()
                .all(|(_, message)| !message.contains("sekrit")),
            "{errors:?}"
        );
    }
}
