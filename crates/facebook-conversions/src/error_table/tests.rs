//! The laws of the tables, their rows, and who wins when several say something.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use proptest::prelude::*;

use super::Disposition::{
    Expired, Hold, Retry, RetryFew, RetrySlow, Split, SplitOnce, Throttled, TooLarge,
};
use super::HoldReason::{Authentication, Configuration, Permission};
use super::{CODES, Disposition, STATUSES, UNKNOWN, classify, classify_unreadable};
use crate::reply::{GraphError, UnreadableKind};

fn coded(status: u16, code: i64, subcode: Option<i64>) -> Disposition {
    classify(&GraphError::new(status, code, subcode)).disposition
}

fn transient(status: u16, code: i64, subcode: Option<i64>) -> Disposition {
    classify(&GraphError::new(status, code, subcode).with_transient(true)).disposition
}

fn unreadable(status: u16, kind: UnreadableKind) -> Disposition {
    classify_unreadable(status, kind).disposition
}

/// What to do, for which codes, with which subcodes.
type Expectation<'a> = (Disposition, &'a [i64], &'a [Option<i64>]);

/// What Meta documents and what others have observed, code by code, told apart from the table itself.
#[test]
fn every_known_code_has_its_disposition() {
    let expected: &[Expectation<'_>] = &[
        (RetryFew, &[1], &[None, Some(99)]),
        (Retry, &[2, 5000, 21009], &[None]),
        (
            Throttled,
            &[4],
            &[None, Some(1_504_022), Some(1_504_039), Some(1)],
        ),
        (Throttled, &[17], &[None, Some(2_446_079)]),
        (Throttled, &[32, 341], &[None]),
        (Throttled, &[613], &[None, Some(1_487_742), Some(5_044_001)]),
        (
            Throttled,
            &[
                80000, 80001, 80002, 80003, 80004, 80005, 80006, 80008, 80009, 80014,
            ],
            &[None, Some(2_446_079)],
        ),
        (RetrySlow, &[368], &[None]),
        (
            Hold(Permission),
            &[10, 200, 210, 278, 294, 299],
            &[None, Some(5)],
        ),
        (Hold(Authentication), &[102, 104], &[None]),
        (
            Hold(Authentication),
            &[190],
            &[
                None,
                Some(458),
                Some(459),
                Some(460),
                Some(463),
                Some(464),
                Some(467),
                Some(492),
                Some(1),
            ],
        ),
        (Hold(Configuration), &[3, 803, 2500, 2635], &[None]),
        (Hold(Configuration), &[100], &[Some(33)]),
        (Expired, &[100], &[Some(2_804_003), Some(2_804_004)]),
        (Split, &[100], &[None, Some(34), Some(38), Some(12)]),
        (
            Split,
            &[100],
            &[
                Some(2_804_001),
                Some(2_804_007),
                Some(2_804_008),
                Some(2_804_009),
                Some(2_804_010),
                Some(2_804_011),
                Some(2_804_016),
                Some(2_804_017),
                Some(2_804_019),
                Some(2_804_023),
                Some(2_804_030),
                Some(2_804_036),
                Some(2_804_043),
                Some(2_804_048),
                Some(2_804_050),
                Some(2_804_066),
                Some(2_804_072),
                Some(2_804_087),
            ],
        ),
        (TooLarge, &[105], &[None]),
    ];
    let mut tested = BTreeSet::new();
    for (disposition, codes, subcodes) in expected {
        for code in *codes {
            for subcode in *subcodes {
                assert_eq!(
                    coded(400, *code, *subcode),
                    *disposition,
                    "{code}/{subcode:?}"
                );
                tested.insert((*code, *subcode));
            }
        }
    }
    for row in CODES {
        assert!(
            tested.contains(&(row.first, row.subcode)),
            "untested: {row:?}"
        );
    }
}

#[test]
fn no_two_rows_have_the_same_key() {
    let codes: BTreeSet<_> = CODES
        .iter()
        .map(|row| (row.first, row.last, row.subcode))
        .collect();
    assert_eq!(codes.len(), CODES.len());
    let statuses: BTreeSet<_> = STATUSES.iter().map(|row| (row.first, row.last)).collect();
    assert_eq!(statuses.len(), STATUSES.len());
}

#[test]
fn ranges_do_not_overlap() {
    let ranges = CODES
        .iter()
        .filter(|row| row.first != row.last && row.subcode.is_none());
    let mut covered = BTreeSet::new();
    for row in ranges {
        assert!(row.first < row.last);
        for code in row.first..=row.last {
            assert!(covered.insert(code), "{code} is in two ranges");
        }
    }
}

#[test]
fn a_subcode_has_a_row_only_beside_the_code_alone() {
    for row in CODES.iter().filter(|row| row.subcode.is_some()) {
        let alone = |other: &&super::CodeRow| (other.first, other.subcode) == (row.first, None);
        assert!(CODES.iter().any(|other| alone(&other)), "{row:?}");
    }
}

#[test]
fn every_sentence_is_one() {
    let sentences = CODES
        .iter()
        .map(|row| row.sentence)
        .chain(STATUSES.iter().map(|row| row.sentence));
    for sentence in sentences {
        assert!(
            sentence.ends_with('.') && sentence.starts_with(char::is_uppercase),
            "{sentence}"
        );
    }
}

#[test]
fn errors_that_need_a_person_say_what_to_do() {
    for row in CODES.iter().filter(|row| row.disposition.needs_a_person()) {
        assert!(
            row.sentence.matches('.').count() >= 2
                || row.sentence.contains("have to")
                || row.sentence.contains("has to"),
            "{row:?}"
        );
    }
}

#[test]
fn names_are_stable_and_unique() {
    let names: BTreeSet<_> = Disposition::ALL
        .iter()
        .map(|disposition| disposition.name())
        .collect();
    assert_eq!(names.len(), Disposition::ALL.len());
    let reasons = [Authentication, Permission, Configuration];
    for reason in reasons {
        assert_eq!(Hold(reason).name(), format!("hold_{reason}"));
    }
}

/// The whole table, as a reviewer reads it.
#[test]
fn the_tables() {
    let mut page = String::new();
    for row in CODES {
        let code = if row.first == row.last {
            row.first.to_string()
        } else {
            format!("{}–{}", row.first, row.last)
        };
        let code = row
            .subcode
            .map_or(code.clone(), |subcode| format!("{code}/{subcode}"));
        writeln!(
            page,
            "{code:<13} {:<20} {}",
            row.disposition.name(),
            row.sentence
        )
        .unwrap();
    }
    writeln!(page).unwrap();
    for row in STATUSES {
        let range = if row.first == row.last {
            row.first.to_string()
        } else {
            format!("{}–{}", row.first, row.last)
        };
        writeln!(
            page,
            "HTTP {range:<8} {:<20} {}",
            row.disposition.name(),
            row.sentence
        )
        .unwrap();
    }
    insta::assert_snapshot!(page);
}

#[test]
fn code_wins_over_status() {
    assert_eq!(coded(500, 190, None), Hold(Authentication));
    assert_eq!(coded(500, 17, None), Throttled);
    assert_eq!(coded(400, 2, None), Retry);
    assert_eq!(coded(200, 190, None), Hold(Authentication));
    assert_eq!(coded(503, 100, Some(2_804_050)), Split);
}

#[test]
fn transient_flag_wins_over_code() {
    assert_eq!(transient(400, 100, Some(2_804_050)), Retry);
    assert_eq!(transient(401, 190, None), Retry);
    assert_eq!(transient(413, 105, None), Retry);
    assert_eq!(transient(400, 1, None), Retry);
    assert_eq!(transient(400, 987, None), Retry);
}

#[test]
fn throttled_call_waits_long_even_if_transient() {
    assert_eq!(transient(400, 4, None), Throttled);
    assert_eq!(transient(429, 987, None), Throttled);
    assert_eq!(transient(400, 368, None), RetrySlow);
}

#[test]
fn flag_that_is_false_changes_nothing() {
    let error = GraphError::new(400, 2, None).with_transient(false);
    assert_eq!(classify(&error).disposition, Retry);
}

#[test]
fn an_unknown_code_goes_by_status() {
    assert_eq!(coded(500, 987, None), Retry);
    assert_eq!(coded(429, 987, None), Throttled);
    assert_eq!(coded(413, 987, None), TooLarge);
    assert_eq!(coded(401, 987, None), Hold(Authentication));
    assert_eq!(coded(400, 987, None), SplitOnce);
    assert_eq!(coded(200, 987, None), RetryFew);
}

#[test]
fn replies_that_are_not_graph_json_are_judged_by_status() {
    use UnreadableKind::{Empty, Html, NotJson, Truncated, WrongJson};
    for kind in [Empty, Html, NotJson, Truncated, WrongJson] {
        assert_eq!(unreadable(200, kind), Retry);
        assert_eq!(unreadable(302, kind), Hold(Configuration));
        assert_eq!(unreadable(403, kind), Hold(Permission));
        assert_eq!(unreadable(404, kind), Hold(Configuration));
        assert_eq!(unreadable(408, kind), Retry);
        assert_eq!(unreadable(413, kind), TooLarge);
        assert_eq!(unreadable(429, kind), Throttled);
        assert_eq!(unreadable(502, kind), Retry);
        assert_eq!(unreadable(999, kind), RetryFew);
    }
    assert_eq!(unreadable(400, Html), Retry);
    assert_eq!(unreadable(400, Empty), SplitOnce);
    assert_eq!(unreadable(418, WrongJson), SplitOnce);
}

proptest! {
    #[test]
    fn a_transient_error_is_always_retried_and_never_given_up(status: u16, code in -10i64..90_000, subcode: Option<i64>) {
        prop_assert!(matches!(transient(status, code, subcode), Retry | RetrySlow | Throttled));
    }

    #[test]
    fn every_error_has_a_meaning(status: u16, code: i64, subcode: Option<i64>) {
        let meaning = classify(&GraphError::new(status, code, subcode));
        prop_assert!(!meaning.sentence.is_empty());
        let known = CODES.iter().any(|row| (row.first..=row.last).contains(&code))
            || STATUSES.iter().any(|row| (row.first..=row.last).contains(&status));
        prop_assert_eq!(meaning == UNKNOWN, !known);
    }
}
