//! The report on a small file, its laws, and what must not be in it.

use std::io::Write;
use std::path::Path;

use proptest::prelude::*;

use super::*;

const EVENTS: &str = "src/match_keys/tests/events.ndjson";

fn report(path: &Path, now: Option<&str>, change: impl FnOnce(&mut MappingSettings)) -> Report {
    let mut settings = MappingSettings::default();
    change(&mut settings);
    let mapping = Mapping::new(settings).unwrap();
    let now = now.map(|now| now.parse().unwrap());
    Report::of(path.to_owned(), None, mapping, now).unwrap()
}

fn report_of(lines: &[u8]) -> Report {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(lines).unwrap();
    report(file.path(), Some("2026-11-20T12:00:00Z"), |_| ())
}

fn plain(report: &Report) -> String {
    anstream::adapter::strip_str(&report.for_people()).to_string()
}

#[test]
fn for_people() {
    let report = report(Path::new(EVENTS), None, |_| ());
    insta::assert_snapshot!(plain(&report));
}

#[test]
fn for_programs() {
    let report = report(Path::new(EVENTS), None, |_| ());
    insta::assert_snapshot!(format!("{:#}", report.for_programs()));
}

#[test]
fn the_time_is_the_newest_of_a_file_unless_told_otherwise() {
    let path = Path::new(EVENTS);
    let of_file = report(path, None, |_| ());
    assert_eq!(of_file.now.time.to_string(), "2026-11-20T10:05:00Z");
    let later = report(path, Some("2027-11-20T10:05:00Z"), |_| ());
    assert_eq!(later.now.from, NowFrom::Option);
    let too_old = |report: &Report| {
        report
            .counts
            .tally
            .rejected
            .get("event_time_too_old")
            .copied()
    };
    assert!(too_old(&later) > too_old(&of_file));
    assert!(plain(&later).contains("2027-11-20T10:05:00Z"));
    assert_eq!(report_without_times().now.from, NowFrom::Clock);
}

fn report_without_times() -> Report {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(br#"{"event":"Lead","userId":"u"}"#).unwrap();
    report(file.path(), None, |_| ())
}

#[test]
fn a_call_without_a_name_is_called_what_it_is() {
    let report = report(Path::new(EVENTS), None, |settings| {
        settings.send_page = true;
    });
    assert!(plain(&report).contains("(page call) → PageView"));
}

#[test]
fn a_file_without_events_is_said_to_be_one() {
    let empty = report_of(b"\n  \n");
    assert!(plain(&empty).contains("There is no event in it."));
    assert_eq!(empty.for_programs()["match_keys"]["em"]["share"], 0.0);
    let skipped = report_of(br#"{"type":"identify","userId":"u"}"#);
    assert!(plain(&skipped).contains("nothing to do"));
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
    let report = report_of(lines.as_bytes());
    assert_eq!((report.counts.tally.read, report.counts.formed()), (28, 8));
    assert_eq!(
        report.counts.custom.not_shown, 8,
        "all these names may be personal"
    );
    let elsewhere = ["planted", "Planted", "5550188", "555 0188", "203.0.113"];
    for text in [plain(&report), report.for_programs().to_string()] {
        for planted in PLANTED.iter().chain(&elsewhere) {
            assert!(!text.contains(planted), "{planted} in {text}");
        }
    }
}

#[test]
fn what_the_output_says_is_documented() {
    const PAGE: &str = include_str!("../../../../docs/match-keys.md");
    let report = report(Path::new(EVENTS), None, |_| ()).for_programs();
    let mut keys = Vec::new();
    for value in [
        &report,
        &report["match_keys"]["em"],
        &report["standard_events"],
        &report["standard_events"]["top"][0],
        &report["findings"][0],
    ] {
        keys.extend(value.as_object().unwrap().keys().cloned());
    }
    let weights = findings::MISSING_KEYS
        .iter()
        .map(|key| (key.name, key.weight))
        .chain(
            facebook_conversions::validation::Warning::ALL
                .iter()
                .map(|warning| (warning.name(), findings::weight(*warning))),
        );
    let rows = weights.map(|(name, weight)| format!("| `{name}` | {weight} |"));
    let names = keys.iter().map(|key| format!("`{key}`"));
    for documented in rows.chain(names) {
        assert!(
            PAGE.contains(&documented),
            "docs/match-keys.md lacks {documented}"
        );
    }
    assert!(PAGE.contains(&format!("| any reject | {} |", findings::REJECTED)));
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
        let report = report_of(lines.join("\n").as_bytes());
        let json = report.for_programs();
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
        let text = plain(&report);
        let introduction = text.find("\n\n").unwrap();
        prop_assert!(text[introduction..].lines().all(|line| line.chars().count() <= layout::WIDTH), "{}", text);
    }
}
