use conversions_mapping::{Mapping, Settings};
use match_quality::{JudgedAt, QualityCounts};

use super::*;

const EVENTS: &str = include_str!("../../../../match-quality/tests/events.ndjson");

fn text_of(lines: &str, source: TimeSource) -> String {
    let settings = Settings::default();
    let mapping = Mapping::new(settings.clone()).unwrap();
    let time = "2026-11-20T10:05:00Z".parse().unwrap();
    let mut counts = QualityCounts::default();
    for line in lines.lines().filter(|line| !line.trim().is_empty()) {
        counts.count_line(&mut mapping.mapper(), line.as_bytes(), time);
    }
    let report = Report {
        input: "events.ndjson".to_owned(),
        destination: None,
        settings,
        judged_at: JudgedAt { time, source },
        counts,
    };
    anstream::adapter::strip_str(&render(&report)).to_string()
}

#[test]
fn report_on_a_small_file() {
    let text = text_of(EVENTS, TimeSource::NewestEvent);
    assert!(
        text.lines().all(|line| line.chars().count() <= WIDTH),
        "{text}"
    );
    insta::assert_snapshot!(text);
}

#[test]
fn the_introduction_says_where_the_time_comes_from() {
    assert!(text_of(EVENTS, TimeSource::Option).contains("2026-11-20T10:05:00Z, as --now says"));
    assert!(text_of(EVENTS, TimeSource::Clock).contains("the time of day"));
}

#[test]
fn a_file_without_events_is_reported_as_such() {
    assert!(text_of("", TimeSource::Clock).contains("It has no events."));
    let skipped = text_of(r#"{"type":"identify","userId":"u"}"#, TimeSource::Clock);
    assert!(skipped.contains("nothing to do"), "{skipped}");
}

#[test]
fn suggestions_name_the_setting_and_the_property() {
    let line = r#"{"event":"Lead","userId":"u","timestamp":"2026-11-20T10:00:00Z","properties":{"email":"a@example.com"}}"#;
    let text = text_of(line, TimeSource::Option);
    assert!(
        text.contains("What would help\n  - match_properties: 1 of 1 event, 100.0%\n"),
        "{text}"
    );
    assert!(text.contains("`properties.email`"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= WIDTH));
}
