//! Exceptions from rules, each with its reason. An exception that covers nothing is a finding itself.

use super::Finding;

/// Allows a file to break a rule.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Exception {
    rule: &'static str,
    path: &'static str,
    reason: &'static str,
}

const fn except(rule: &'static str, path: &'static str, reason: &'static str) -> Exception {
    Exception { rule, path, reason }
}

#[rustfmt::skip]
const EXCEPTIONS: &[Exception] = &[
    except("crate-docs", "tests/src/lib.rs", "no product: its name says all"),
    except("manifest",   "fuzz/Cargo.toml",  "a workspace of its own, because libFuzzer needs unsafe code and C++"),
];

/// The exception for a rule and a file, when there is one.
pub(super) fn of(rule: &str, path: &str) -> Option<&'static Exception> {
    EXCEPTIONS
        .iter()
        .find(|exception| exception.rule == rule && exception.path == path)
}

/// Exceptions that covered nothing.
pub(super) fn idle(used: &[&'static Exception]) -> Vec<Finding> {
    EXCEPTIONS
        .iter()
        .filter(|exception| !used.contains(exception))
        .map(|Exception { rule, path, reason }| Finding {
            path: (*path).to_owned(),
            line: None,
            what: format!("the exception from `{rule}` (“{reason}”) covers nothing"),
        })
        .collect()
}
