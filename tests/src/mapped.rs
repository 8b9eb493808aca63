//! What the mapping makes of a case, laid out for a reviewer.
//!
//! The first message is shown whole, each further one by what differs. A case with settings shows, for every message,
//! what the settings change.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use conversions_mapping::{Mapped, Mapping, Outcome, Path, Settings};
use jiff::Timestamp;

use crate::case::Case;
use crate::{settings, shown};

/// The text that a case's snapshot holds.
///
/// # Errors
///
/// A sentence, when settings, clock or outcome cannot be read.
pub fn snapshot(case: &Case) -> Result<String, String> {
    let now: Timestamp = case
        .about
        .now
        .parse()
        .map_err(|error| format!("now: {error}"))?;
    let with = |settings| outcomes(settings, &case.lines, now);
    let Some(text) = &case.settings else {
        return Ok(one_after_the_other(&with(Settings::default())?));
    };
    let before = with(Settings::default())?;
    let after = with(settings::read(text)?)?;
    Ok(side_by_side(&before, &after))
}

/// Everything that a case's messages show by name: fields with their sources, effects, reasons, warnings.
#[derive(Debug, Default)]
pub struct Shown {
    /// Field and source of each note; `""` where a note has none.
    pub ways: BTreeSet<(String, String)>,
    /// Effects, reasons and warnings.
    pub names: BTreeSet<&'static str>,
}

/// Adds what a case shows.
///
/// # Errors
///
/// As [`snapshot`].
pub fn add_shown(case: &Case, shown: &mut Shown) -> Result<(), String> {
    let now: Timestamp = case
        .about
        .now
        .parse()
        .map_err(|error| format!("now: {error}"))?;
    let settings = settings::read(case.settings.as_deref().unwrap_or_default())?;
    let mapping = Mapping::new(settings).map_err(|error| error.to_string())?;
    let mut ready = mapping.mapper().with_notes(true);
    for line in &case.lines {
        ready.map_bytes(line, now, |outcome| match outcome {
            Outcome::Skipped(reason) => {
                shown.names.insert(reason.name());
            }
            Outcome::Accepted(mapped) => add_mapped(&mapped, shown),
            Outcome::Rejected(rejection) => {
                shown.names.insert(rejection.reason.name());
                if let Some(mapped) = &rejection.mapped {
                    add_mapped(mapped, shown);
                }
            }
        });
    }
    Ok(())
}

fn add_mapped(mapped: &Mapped<'_>, shown: &mut Shown) {
    for note in &mapped.notes {
        let text =
            |path: &Option<Path<'_>>| path.as_ref().map_or(String::new(), ToString::to_string);
        shown.ways.insert((text(&note.field), text(&note.from)));
        shown.names.insert(note.effect.name());
    }
    shown
        .names
        .extend(mapped.warnings.iter().map(|warning| warning.name()));
}

fn outcomes(settings: Settings, lines: &[Vec<u8>], now: Timestamp) -> Result<Vec<String>, String> {
    let mapping = Mapping::new(settings).map_err(|error| error.to_string())?;
    let mut mapper = mapping.mapper().with_notes(true);
    let mut outcomes = Vec::new();
    for line in lines {
        let mut json = String::new();
        mapper.map_bytes(line, now, |outcome| outcome.write_json(&mut json));
        outcomes.push(shown::outcome(&json)?);
    }
    Ok(outcomes)
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

/// The difference; notes are left aside when only one of the two has any, as a reject has none.
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
