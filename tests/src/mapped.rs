//! The outcomes of a case, as lines of JSON and as the text of its snapshot.
//!
//! The first message is shown whole, each further one as a difference. A case with settings shows, for every message, the
//! difference that the settings make.

use std::fmt::Write as _;

use conversions_mapping::{Mapping, Settings};
use jiff::Timestamp;

use crate::case::Case;
use crate::shown;

/// The outcomes of a case's messages with its settings, a line of JSON each.
///
/// # Errors
///
/// A sentence, when the settings or the clock cannot be read.
pub fn lines(case: &Case) -> Result<Vec<String>, String> {
    map(case, case.mapping_settings()?)
}

/// The text of a case's snapshot.
///
/// # Errors
///
/// A sentence, when settings, clock or outcome cannot be read.
pub fn snapshot(case: &Case) -> Result<String, String> {
    let laid_out = |lines: Vec<String>| -> Result<Vec<String>, String> {
        lines.iter().map(|line| shown::outcome(line)).collect()
    };
    let under_default_settings = laid_out(map(case, Settings::default())?)?;
    Ok(if case.settings.is_none() {
        one_after_the_other(&under_default_settings)
    } else {
        side_by_side(&under_default_settings, &laid_out(lines(case)?)?)
    })
}

fn map(case: &Case, settings: Settings) -> Result<Vec<String>, String> {
    let now = now(case)?;
    let mapping = Mapping::new(settings).map_err(|error| error.to_string())?;
    let mut mapper = mapping.mapper().with_notes(true);
    let outcomes = case.lines.iter().map(|line| {
        let mut json = String::new();
        mapper.map_bytes(line, now, |outcome| outcome.write_json(&mut json));
        json
    });
    Ok(outcomes.collect())
}

/// The clock of a case.
pub(crate) fn now(case: &Case) -> Result<Timestamp, String> {
    case.about
        .now
        .parse()
        .map_err(|error| format!("now: {error}"))
}

fn one_after_the_other(outcomes: &[String]) -> String {
    let [first, others @ ..] = outcomes else {
        return String::new();
    };
    if others.is_empty() {
        return first.clone();
    }
    let mut text = format!("── 1\n{first}");
    for (index, outcome) in others.iter().enumerate() {
        let number = index + 2;
        // A reject without an event has nothing in common with an event.
        if first.contains('{') && outcome.contains('{') {
            let _ = write!(
                text,
                "\n── {number}, compared with 1\n{}",
                compared(first, outcome)
            );
        } else {
            let _ = write!(text, "\n── {number}\n{outcome}");
        }
    }
    text
}

fn side_by_side(before: &[String], after: &[String]) -> String {
    let mut text = String::new();
    for (index, (before, after)) in before.iter().zip(after).enumerate() {
        if index > 0 {
            text.push('\n');
        }
        let number = index + 1;
        let _ = if before == after {
            write!(text, "── {number}, as with default settings\n{after}")
        } else {
            let difference = compared(before, after);
            write!(
                text,
                "── {number}, compared with default settings\n{difference}"
            )
        };
    }
    text
}

/// The difference. Notes are left out when only one of the two has any: a rejected message has none.
fn compared(before: &str, after: &str) -> String {
    let bare = |text: &str| {
        text.split_once("notes\n")
            .map_or(text, |(bare, _)| bare)
            .to_owned()
    };
    if before.contains("\nnotes\n") == after.contains("\nnotes\n") {
        shown::difference(before, after)
    } else {
        shown::difference(&bare(before), &bare(after))
    }
}
