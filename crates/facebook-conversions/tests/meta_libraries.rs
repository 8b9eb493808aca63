//! Our hashes next to those of Meta's own libraries, on generated inputs.
//!
//! Meta publishes two libraries for Node that hash customer information: the parameter builder and the business SDK.
//! `data/meta-libraries.json` holds made-up inputs, what the libraries send for each, and what we send: the first 12
//! hex digits of a SHA-256, other text whole, or null for nothing. An answer that is not ours names a difference, and
//! the table of differences says why we do otherwise. `node data/meta-libraries.cjs` asks the libraries again, for
//! example a newer version.

use std::collections::{BTreeMap, BTreeSet};

use facebook_conversions::CountryCode;
use facebook_conversions::normalize::{HashedKey, NormalizeContext};
use serde::Deserialize;

const RECORDED: &str = include_str!("data/meta-libraries.json");

#[derive(Deserialize)]
struct Recorded {
    /// The year on the clock when the libraries were asked.
    year: i16,
    /// For each library, the names of differences, and the reasons.
    differences: BTreeMap<String, BTreeMap<String, String>>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    key: String,
    raw: String,
    /// Whether the event is known to come from the United States.
    #[serde(default)]
    us: bool,
    ours: Option<String>,
    /// What a library sends instead of our value, and the name of the difference.
    #[serde(default)]
    builder: Option<(Option<String>, String)>,
    #[serde(default)]
    sdk: Option<(Option<String>, String)>,
}

/// What is recorded of an answer.
fn prefix(sent: &str) -> &str {
    if sent.len() == 64 { &sent[..12] } else { sent }
}

#[expect(clippy::unwrap_used, reason = "a test without its data is to fail")]
fn recorded() -> Recorded {
    serde_json::from_str(RECORDED).unwrap()
}

#[test]
fn every_recorded_input_still_gives_the_recorded_hash() {
    let recorded = recorded();
    assert!(recorded.cases.len() > 5_000);
    let mut wrong = Vec::new();
    for case in &recorded.cases {
        let key = HashedKey::ALL
            .iter()
            .copied()
            .find(|key| key.name() == case.key)
            .unwrap();
        let context =
            NormalizeContext::in_year(recorded.year).in_country(case.us.then_some(CountryCode::US));
        let hash = key.hash(&case.raw, &context);
        let ours = hash.as_ref().map(|hash| prefix(hash.as_str()));
        if ours != case.ours.as_deref() {
            wrong.push(format!(
                "{key} {:?}: {ours:?}, not {:?}",
                case.raw, case.ours
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_difference_from_a_library_is_real_and_has_a_reason() {
    let Recorded {
        differences, cases, ..
    } = recorded();
    let mut used = BTreeSet::new();
    for case in &cases {
        for (library, answer) in [("builder", &case.builder), ("sdk", &case.sdk)] {
            if let Some((theirs, name)) = answer {
                assert_ne!(
                    *theirs, case.ours,
                    "{} {:?} of {library}",
                    case.key, case.raw
                );
                let reason = differences[library].get(name);
                assert!(
                    reason.is_some(),
                    "{library}: {name:?} ({} {:?})",
                    case.key,
                    case.raw
                );
                used.insert((library, name.as_str()));
            }
        }
    }
    for (library, names) in &differences {
        for name in names.keys() {
            assert!(
                used.contains(&(library.as_str(), name.as_str())),
                "{library}: no case shows {name:?}"
            );
        }
    }
}

#[test]
fn most_hashes_are_those_of_the_parameter_builder() {
    let cases = recorded().cases;
    for key in HashedKey::ALL.iter().copied() {
        let sent = cases
            .iter()
            .filter(|case| case.key == key.name() && case.ours.is_some());
        let same = sent.filter(|case| case.builder.is_none()).count();
        assert!(same > 50, "{key}: {same}");
    }
}
