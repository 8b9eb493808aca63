//! The report on a small file, its laws, and what must not be in it.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

use conversions_mapping::{Mapping, Settings};
use facebook_conversions::StandardEvent;
use facebook_conversions::validation::Warning;
use match_quality::{
    JudgedAt, MISSING_KEYS, QualityCounts, REJECT_WEIGHT, Report, SuggestionKind, TimeSource,
    warning_weight,
};
use proptest::prelude::*;
use serde_json::Value;

const EVENTS: &str = include_str!("events.ndjson");

fn report(lines: &str, now: &str, change: impl FnOnce(&mut Settings)) -> Report {
    let mut settings = Settings::default();
    change(&mut settings);
    let mapping = Mapping::new(settings.clone()).unwrap();
    let time = now.parse().unwrap();
    let mut counts = QualityCounts::default();
    for line in lines.lines().filter(|line| !line.trim().is_empty()) {
        counts.count_line(&mut mapping.mapper(), line.as_bytes(), time);
    }
    Report {
        input: "events.ndjson".to_owned(),
        destination: None,
        settings,
        judged_at: JudgedAt {
            time,
            source: TimeSource::NewestEvent,
        },
        counts,
    }
}

fn report_of(lines: &str) -> Report {
    report(lines, "2026-11-20T12:00:00Z", |_| ())
}

#[test]
fn json_of_a_small_file() {
    let report = report(EVENTS, "2026-11-20T10:05:00Z", |_| ());
    insta::assert_snapshot!(format!("{:#}", report.to_json()));
}

#[test]
fn a_later_time_makes_more_events_too_old() {
    let too_old = |now| {
        let report = report(EVENTS, now, |_| ());
        let rejected = &report.counts.outcomes.rejected;
        rejected.get("event_time_too_old").copied()
    };
    assert!(too_old("2027-11-20T10:05:00Z") > too_old("2026-11-20T10:05:00Z"));
}

#[test]
fn a_call_without_a_name_is_counted_by_its_kind() {
    let report = report(EVENTS, "2026-11-20T10:05:00Z", |settings| {
        settings.send_page = true;
    });
    let top = report.counts.standard.top(Report::TOP_NAMES);
    let page = top.names.iter().find(|(name, _)| *name == "(page call)");
    let sent_as = page.and_then(|(_, events)| events.standard_event);
    assert_eq!(sent_as.map(StandardEvent::name), Some("PageView"));
}

/// The small file, and an event that a setting would help.
fn events_with_hints() -> String {
    let event = r#"{"event":"Lead","userId":"u","timestamp":"2026-11-20T10:00:00Z","properties":{"email":"a@example.com"}}"#;
    format!("{EVENTS}\n{event}")
}

#[test]
fn a_setting_that_would_help_is_suggested() {
    let report = report(&events_with_hints(), "2026-11-20T10:05:00Z", |_| ());
    let suggestions = report.to_json()["suggestions"].clone();
    let found = suggestions.as_array().unwrap().iter();
    let names: Vec<_> = found
        .map(|one| one["suggestion"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"match_properties"), "{suggestions}");
}

#[test]
fn shares_of_nothing_are_0() {
    let empty = report_of("\n  \n");
    assert_eq!(empty.to_json()["match_keys"]["em"]["share"], 0.0);
}

#[test]
fn personal_values_are_nowhere() {
    const PLANTED: [&str; 4] = [
        "jane.planted@example.com",
        "jane.planted%40example.com",
        "+1 510 555 0188",
        "15105550188",
    ];
    // V is a planted value, wherever it can stand.
    const LINES: &str = r#"
        {"type":"track","event":"V","userId":"V","anonymousId":"V","messageId":"V","timestamp":"2026-11-20T11:00:00Z","properties":{"V":"V","email":"V","currency":"V","products":[{"V":"V","product_id":"V"}],"fbc":"V"},"context":{"ip":"203.0.113.77","userAgent":"Planted/5.0","page":{"url":"https://example.com/V?V=V"},"traits":{"email":"V","phone":"V","firstName":"V"}},"integrations":{"V":"V"}}
        {"type":"track","event":"Order V Completed","userId":"u","timestamp":"2026-11-20T11:00:00Z"}
        {"type":"V","event":"V","userId":"V"}
        {"type":"track","event":"Order Completed","timestamp":"V","userId":"V"}
        {"type":"track","event":"Lead","userId":"V","properties":{"action_source":"V"}}
        {"V":"V"}
        V
    "#;
    let lines: String = PLANTED
        .iter()
        .map(|value| LINES.replace('V', value))
        .collect();
    let report = report_of(&lines);
    assert_eq!(
        (report.counts.outcomes.read, report.counts.formed()),
        (28, 8)
    );
    assert_eq!(
        report.counts.custom.not_shown, 8,
        "all these names may be personal"
    );
    let elsewhere = ["planted", "Planted", "5550188", "555 0188", "203.0.113"];
    let text = format!("{} {report:?}", report.to_json());
    for planted in PLANTED.iter().chain(&elsewhere) {
        assert!(!text.contains(planted), "{planted} in {text}");
    }
}

#[test]
fn every_key_of_the_json_report_is_documented() {
    const PAGE: &str = include_str!("../../../docs/match-keys.md");
    let report = report(&events_with_hints(), "2026-11-20T10:05:00Z", |_| ()).to_json();
    let mut keys = Vec::new();
    for value in [
        &report,
        &report["match_keys"]["em"],
        &report["standard_events"],
        &report["standard_events"]["top"][0],
        &report["findings"][0],
        &report["suggestions"][0],
    ] {
        keys.extend(value.as_object().unwrap().keys().cloned());
    }
    let weights = MISSING_KEYS.iter().map(|key| (key.name, key.weight)).chain(
        Warning::ALL
            .iter()
            .map(|warning| (warning.name(), warning_weight(*warning))),
    );
    let rows = weights.map(|(name, weight)| format!("| `{name}` | {weight} |"));
    let kinds = SuggestionKind::ALL.map(|kind| kind.name().to_owned());
    let names = keys.iter().chain(&kinds).map(|key| format!("`{key}`"));
    for documented in rows.chain(names) {
        assert!(
            PAGE.contains(&documented),
            "docs/match-keys.md lacks {documented}"
        );
    }
    assert!(PAGE.contains(&format!("| any reject | {REJECT_WEIGHT} |")));
}

/// A line of an event file, good or bad.
fn any_line() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        Just("Order Completed"),
        Just("Product Viewed"),
        Just("Lead"),
        Just("Own"),
        Just("a@b.c"),
        Just("é\\u001b"),
        Just(" "),
    ];
    let kind = prop_oneof![5 => Just("track"), 1 => Just("page"), 1 => Just("")];
    let time = prop_oneof![
        4 => Just("2026-11-20T11:00:00Z"), 1 => Just("2026-11-18T11:00:00Z"), 1 => Just("2026-01-01T00:00:00Z"), 1 => Just("?"),
    ];
    let event = (name, kind, time, any::<[bool; 6]>()).prop_map(|(name, kind, time, has)| {
        let member = |at: usize, text: &str| if has[at] { text.to_owned() } else { String::new() };
        format!(
            r#"{{"type":"{kind}","event":"{name}","timestamp":"{time}"{}{}{},"properties":{{"x":1{}{}}},"context":{{"traits":{{"phone":["1","2"]{}}}}}}}"#,
            member(0, r#","userId":"u""#),
            member(1, r#","messageId":"m""#),
            member(2, r#","context":{"ip":"203.0.113.7","userAgent":"M"}"#),
            member(3, r#","revenue":3"#),
            member(4, r#","action_source":"email""#),
            member(5, r#","email":"a@example.com""#),
        )
    });
    prop_oneof![8 => event, 1 => Just("[]".to_owned()), 1 => Just("{".to_owned()), 1 => Just(String::new())]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn shares_are_shares_and_counts_add_up(lines in proptest::collection::vec(any_line(), 0..30)) {
        let written = lines.iter().filter(|line| !line.is_empty()).count() as u64;
        let report = report_of(&lines.join("\n"));
        let json = report.to_json();
        let number = |value: &Value| value.as_u64().unwrap();
        let sum = |value: &Value| value.as_object().unwrap().values().map(number).sum::<u64>();
        let (accepted, formed) = (number(&json["accepted"]), number(&json["formed"]));
        let rejected = sum(&json["rejected"]);
        prop_assert_eq!(number(&json["read"]), written);
        prop_assert_eq!(written, accepted + sum(&json["skipped"]) + rejected);
        prop_assert!(accepted <= formed && formed <= accepted + rejected);

        let is_share = |share: &Value, part: u64, whole: u64| {
            let share = share.as_f64().unwrap();
            let exact = |number: u64| f64::from(u32::try_from(number).unwrap());
            let exact = if whole == 0 { 0.0 } else { exact(part) / exact(whole) };
            (0.0..=1.0).contains(&share) && (share - exact).abs() < 1e-6
        };
        for key in json["match_keys"].as_object().unwrap().values() {
            let (events, of_accepted) = (number(&key["events"]), number(&key["accepted"]));
            prop_assert!(of_accepted <= events);
            prop_assert!(is_share(&key["share"], events, formed), "{}", key);
            prop_assert!(is_share(&key["share_of_accepted"], of_accepted, accepted), "{}", key);
        }
        for count in json["warnings"].as_object().unwrap().values() {
            prop_assert!(number(count) <= accepted);
        }
        let mut named = 0;
        for kind in ["standard_events", "custom_events"] {
            let names = &json[kind];
            let top: u64 = names["top"].as_array().unwrap().iter().map(|row| number(&row["events"])).sum();
            let all = number(&names["events"]);
            prop_assert_eq!(all, top + number(&names["other_names"]) + number(&names["name_not_shown"]));
            named += all;
        }
        prop_assert_eq!(named, formed);
        let ranks: Vec<_> = json["findings"].as_array().unwrap().iter().map(|finding| {
            assert!(is_share(&finding["share"], number(&finding["events"]), accepted + rejected), "{finding}");
            number(&finding["events"]) * number(&finding["weight"])
        }).collect();
        prop_assert!(ranks.len() <= 3 && ranks.is_sorted_by(|one, next| one >= next));
    }
}
