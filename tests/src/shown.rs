//! The outcome of a message as text for a reviewer: accepted or not, the event, the notes, the warnings.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json_text;

/// An outcome, as the mapping writes it in JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Printed<'a> {
    outcome: &'a str,
    reason: Option<&'a str>,
    detail: Option<String>,
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    notes: Option<Vec<Note>>,
    warnings: Option<Vec<Warning<'a>>>,
    test_event_code: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    field: Option<String>,
    from: Option<String>,
    effect: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Warning<'a> {
    warning: &'a str,
}

/// Writes an outcome, one line of JSON, as text for a reviewer.
///
/// # Errors
///
/// A sentence, when the line is not an outcome of the mapping.
pub fn outcome(json: &str) -> Result<String, String> {
    let printed: Printed<'_> =
        serde_json::from_str(json).map_err(|error| format!("not an outcome: {error}: {json}"))?;
    let mut shown = printed.outcome.to_owned();
    if let Some(reason) = printed.reason {
        let _ = write!(shown, ": {reason}");
    }
    shown.push('\n');
    if let Some(detail) = &printed.detail {
        let _ = writeln!(shown, "  “{detail}”");
    }
    if let Some(event) = printed.event {
        shown.push_str(&json_text::pretty(event.get()));
        shown.push('\n');
    }
    notes(printed.notes.as_deref().unwrap_or_default(), &mut shown);
    let warnings = printed.warnings.unwrap_or_default();
    if !warnings.is_empty() {
        shown.push_str("warnings\n");
    }
    for Warning { warning } in warnings {
        let _ = writeln!(shown, "  {warning}");
    }
    if let Some(code) = printed.test_event_code {
        let _ = writeln!(shown, "test_event_code\n  {code}");
    }
    Ok(shown)
}

/// A note a line: the field, the source, the effect. Not in columns: a longer note would change all other lines.
fn notes(notes: &[Note], shown: &mut String) {
    if !notes.is_empty() {
        shown.push_str("notes\n");
    }
    for Note {
        field,
        from,
        effect,
    } in notes
    {
        let field = field.as_deref().unwrap_or("—");
        let from = from.as_deref().unwrap_or("—");
        let _ = writeln!(shown, "  {field} ← {from}: {effect}");
    }
}

/// The difference, line by line: removed and added lines.
#[must_use]
pub fn difference(before: &str, after: &str) -> String {
    let diff = similar::TextDiff::from_lines(before, after);
    let mut shown = String::new();
    for change in diff.iter_all_changes() {
        let sign = match change.tag() {
            similar::ChangeTag::Equal => continue,
            similar::ChangeTag::Delete => '-',
            similar::ChangeTag::Insert => '+',
        };
        let _ = writeln!(shown, "{sign} {}", change.value().trim_end_matches('\n'));
    }
    if shown.is_empty() {
        shown.push_str("no difference\n");
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::{difference, outcome};

    #[test]
    fn an_accepted_event_is_shown_with_notes() {
        let shown = outcome(
            r#"{"outcome":"accepted","event":{"event_name":"Lead"},"notes":[{"field":"event_name","from":"event","effect":"copied"},{"field":null,"from":"properties.x","effect":"left_out"}],"warnings":[{"warning":"missing_event_id"}],"test_event_code":"T1"}"#,
        );
        insta::assert_snapshot!(shown.unwrap());
    }

    #[test]
    fn a_rejected_message_is_shown_with_its_reason() {
        let shown =
            outcome(r#"{"outcome":"rejected","reason":"not_a_message","detail":"why"}"#).unwrap();
        assert_eq!(shown, "rejected: not_a_message\n  “why”\n");
    }

    #[test]
    fn an_outcome_with_an_unknown_member_is_an_error() {
        assert!(outcome(r#"{"outcome":"accepted","colour":"red"}"#).is_err());
    }

    #[test]
    fn only_differing_lines_are_shown() {
        assert_eq!(difference("a\nb\n", "a\nc\n"), "- b\n+ c\n");
        assert_eq!(difference("a\n", "a\n"), "no difference\n");
    }
}
