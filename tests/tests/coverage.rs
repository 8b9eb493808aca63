//! Every promise is shown by a case, and every case shows a promise.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use conversions_mapping::{
    DEFAULT_EVENTS, EXTENDED_EVENTS, Effect, MessageFault, PERSONAL_NAMES, SkipReason,
};
use e2e::case::{self, Case};
use e2e::names::{self, Shown};
use e2e::statements;
use facebook_conversions::validation::{Violation, Warning};

/// Lines that an input may have: a reviewer reads it in one look.
const MOST_LINES: usize = 40;

fn cases() -> Vec<Case> {
    case::all().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_statement_has_a_case() {
    let cases = cases();
    let covered: BTreeSet<_> = cases
        .iter()
        .flat_map(|case| &case.about.covers)
        .map(String::as_str)
        .collect();
    let without: Vec<_> = statements::all()
        .filter(|statement| statement.elsewhere.is_none() && !covered.contains(statement.id))
        .map(|statement| format!("{}: {}", statement.id, statement.says))
        .collect();
    assert!(
        without.is_empty(),
        "write a case that covers:\n{}",
        without.join("\n")
    );
}

/// What the cases show, all together.
fn shown() -> Shown {
    let mut shown = Shown::default();
    for case in cases() {
        names::add(&case, &mut shown).unwrap();
    }
    shown
}

#[test]
fn every_row_of_the_table_has_a_case_for_each_of_its_sources() {
    let shown = shown();
    let mut without = Vec::new();
    for rule in conversions_mapping::rules() {
        for source in rule.sources {
            // Names that settings and senders choose.
            let source = source
                .replace("<value_identifier>", "price")
                .replace("<destination>", "Facebook Conversions API");
            if !shown
                .ways
                .contains(&(rule.field.to_owned(), source.clone()))
            {
                without.push(format!("{} ← {source}", rule.field));
            }
        }
    }
    assert!(
        without.is_empty(),
        "write a case for:\n{}",
        without.join("\n")
    );
}

#[test]
fn every_name_of_personal_data_has_a_case() {
    let shown = shown();
    let cut: BTreeSet<_> = shown
        .ways
        .iter()
        .filter(|(field, _)| field.is_empty())
        .filter_map(|(_, from)| from.strip_prefix("properties."))
        .map(|name| name.replace('_', "").to_lowercase())
        .collect();
    let without: Vec<_> = PERSONAL_NAMES
        .iter()
        .filter(|name| !cut.contains(**name))
        .collect();
    assert!(without.is_empty(), "write a case for: {without:?}");
}

#[test]
fn every_standard_event_of_the_tables_has_a_case() {
    let names: BTreeSet<_> = cases()
        .iter()
        .flat_map(|case| &case.lines)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    for (name, _) in DEFAULT_EVENTS.iter().chain(EXTENDED_EVENTS) {
        let event = format!("\"event\":\"{name}\"");
        assert!(
            names.iter().any(|line| line.contains(&event)),
            "write a case for {name}"
        );
    }
}

#[test]
fn every_name_that_the_mapping_can_print_has_a_case() {
    /// Names that no message can bring about, and why.
    const BEYOND_CASES: [(&str, &str); 11] = [
        (
            "duplicate",
            "the mapping sees one message at a time; delivery remembers",
        ),
        (
            "remembered",
            "the mapping sees one message at a time; the match memory remembers",
        ),
        ("line_too_long", "four megabytes are no case"),
        (
            "invalid_data_processing_options",
            "the mapping writes none that are invalid",
        ),
        ("value_without_currency", "the mapping leaves the value out"),
        ("content_without_id", "the mapping leaves such items out"),
        ("invalid_client_ip_address", "the mapping leaves it out"),
        ("invalid_fbc", "the mapping leaves it out"),
        ("invalid_fbp", "the mapping leaves it out"),
        ("invalid_lead_id", "the mapping writes none"),
        ("invalid_event_source_url", "the mapping leaves it out"),
    ];
    let shown = shown();
    let names = SkipReason::ALL.iter().map(|reason| reason.name());
    let names = names.chain(MessageFault::ALL.iter().map(|fault| fault.name()));
    let names = names.chain(Violation::ALL.iter().map(|violation| violation.name()));
    let names = names.chain(Warning::ALL.iter().map(|warning| warning.name()));
    let names = names.chain(Effect::ALL.iter().map(|effect| effect.name()));
    let beyond = |name: &str| BEYOND_CASES.iter().any(|(beyond, _)| *beyond == name);
    let (beyond, within): (Vec<_>, Vec<_>) = names.partition(|name| beyond(name));
    let without: Vec<_> = within
        .into_iter()
        .filter(|name| !shown.names.contains(name))
        .collect();
    assert!(
        without.is_empty(),
        "write a case for: {}",
        without.join(", ")
    );
    let shown_after_all: Vec<_> = beyond
        .into_iter()
        .filter(|name| shown.names.contains(name))
        .collect();
    assert!(
        shown_after_all.is_empty(),
        "no exception any more: {}",
        shown_after_all.join(", ")
    );
}

#[test]
fn every_case_covers_statements_that_exist() {
    let known: BTreeSet<_> = statements::all().map(|statement| statement.id).collect();
    for case in cases() {
        assert!(
            !case.about.covers.is_empty(),
            "{} covers nothing",
            case.name
        );
        for id in &case.about.covers {
            assert!(
                known.contains(id.as_str()),
                "{} covers `{id}`, which is no statement",
                case.name
            );
        }
    }
}

#[test]
fn every_test_that_stands_for_a_case_exists() {
    for statement in statements::all() {
        let Some(proof) = statement.elsewhere else {
            continue;
        };
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("..")
            .join(proof.file);
        let text = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            text.contains(&format!("fn {}(", proof.function)),
            "{}: no function {} in {}",
            statement.id,
            proof.function,
            proof.file,
        );
    }
}

#[test]
fn ids_are_unique_and_sentences_are_short() {
    let mut ids = BTreeSet::new();
    for statement in statements::all() {
        assert!(ids.insert(statement.id), "{} is said twice", statement.id);
        assert!(
            statement.says.chars().count() <= 200,
            "{} takes too many words",
            statement.id
        );
    }
}

#[test]
fn every_case_can_be_read_in_one_look() {
    for case in cases() {
        for file in ["input.json", "input.ndjson"] {
            let bytes = fs::read(case.folder.join(file)).unwrap_or_default();
            let lines = bytes.split(|byte| *byte == b'\n').count() - 1;
            assert!(
                lines <= MOST_LINES,
                "{}/{file} has {lines} lines, more than {MOST_LINES}",
                case.name
            );
        }
        assert!(
            case.about.story.ends_with('.'),
            "{}: the story is a sentence",
            case.name
        );
    }
}

#[test]
fn every_case_has_its_files_and_no_others() {
    for case in cases() {
        let mut names: Vec<_> = fs::read_dir(&case.folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.retain(|name| {
            !["case.toml", "settings.toml", "input.json", "input.ndjson"].contains(&name.as_str())
        });
        assert_eq!(names, ["outcome.snap"], "{}", case.name);
    }
}
