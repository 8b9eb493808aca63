//! Events of a file, explained and checked, as a user interface asks for it.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

use std::sync::Arc;

use conversions_files::Origin;
use conversions_mapping::{Mapping, Settings};
use segue_insight::event_check::{MemoryUse, check_events, judged_at};
use segue_insight::explain::explain_line;
use tempfile::TempDir;

/// A blank line, a reject, and an event of a customer.
fn file() -> (TempDir, Origin) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.ndjson");
    let event = r#"{"type":"track","event":"Order Completed","messageId":"m-1","timestamp":"2026-11-20T10:00:00Z","properties":{"revenue":"19.90"},"context":{"traits":{"email":"jane@example.com"}}}"#;
    std::fs::write(&path, format!("\n[]\n{event}\n")).unwrap();
    (folder, Origin::File(path))
}

fn mapping() -> Mapping {
    Mapping::new(Settings::default()).unwrap()
}

#[test]
fn an_explanation_names_sources_and_hides_contact_data() {
    let (_folder, origin) = file();
    let now = "2026-11-20T12:00:00Z".parse().unwrap();
    let explain = |line| explain_line(&origin, line, &mapping(), now).unwrap();
    let first = explain(None).unwrap();
    assert_eq!((first.line, first.outcome), (2, "rejected"));
    let event = explain(Some(3)).unwrap();
    assert_eq!(event.event_name.as_deref(), Some("Purchase"));
    let em = event
        .fields
        .iter()
        .find(|field| field.field == "user_data.em");
    let em = em.unwrap();
    assert_eq!(em.from.as_deref(), Some("context.traits.email"));
    assert_eq!(em.effect, "hashed");
    assert!(!event.to_json().contains("jane"));
    assert!(explain(Some(1)).is_none(), "the line is blank");
    assert!(explain(Some(9)).is_none(), "the file is shorter");
}

#[test]
fn a_check_reads_the_whole_file() {
    let (_folder, origin) = file();
    let judged_at = judged_at(None, &origin).unwrap();
    let mapping = Arc::new(mapping());
    let report = check_events(&origin, None, mapping, MemoryUse::Off, judged_at).unwrap();
    let json = report.to_json();
    assert_eq!((&json["read"], &json["accepted"]), (&2.into(), &1.into()));
    assert_eq!(json["match_keys"]["em"]["accepted"], 1);
    assert_eq!(json["now_from"], "newest_event");
}

#[test]
fn a_missing_file_is_named_in_the_error() {
    let origin = Origin::File("no-such-file.ndjson".into());
    let judged_at = judged_at(None, &origin).unwrap();
    let mapping = Arc::new(mapping());
    let error = check_events(&origin, None, mapping, MemoryUse::Off, judged_at).unwrap_err();
    assert!(error.to_string().contains("no-such-file.ndjson"), "{error}");
}
