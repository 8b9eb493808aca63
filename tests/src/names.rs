//! The names that cases show, for tests that check whether every name has a case.

use std::collections::BTreeSet;

use conversions_mapping::{Mapped, Mapping, Outcome, Path};

use crate::case::Case;
use crate::mapped;

/// The names in the outcomes of cases: fields with their sources, effects, reasons, warnings.
#[derive(Debug, Default)]
pub struct Shown {
    /// Field and source of each note; `""` where a note has none.
    pub ways: BTreeSet<(String, String)>,
    /// Effects, reasons and warnings.
    pub names: BTreeSet<&'static str>,
}

/// Adds the names that a case shows.
///
/// # Errors
///
/// A sentence, when settings or clock cannot be read.
pub fn add(case: &Case, shown: &mut Shown) -> Result<(), String> {
    let now = mapped::now(case)?;
    let mapping = Mapping::new(case.mapping_settings()?).map_err(|error| error.to_string())?;
    let mut ready = mapping.mapper().with_notes(true);
    for line in &case.lines {
        ready.map_bytes(line, now, |outcome| match outcome {
            Outcome::Skipped(reason) => {
                shown.names.insert(reason.name());
            }
            Outcome::Accepted(event) => add_event(&event, shown),
            Outcome::Rejected(rejection) => {
                shown.names.insert(rejection.reason.name());
                if let Some(event) = &rejection.mapped {
                    add_event(event, shown);
                }
            }
        });
    }
    Ok(())
}

fn add_event(event: &Mapped<'_>, shown: &mut Shown) {
    for note in &event.notes {
        let text =
            |path: &Option<Path<'_>>| path.as_ref().map_or(String::new(), ToString::to_string);
        shown.ways.insert((text(&note.field), text(&note.from)));
        shown.names.insert(note.effect.name());
    }
    shown
        .names
        .extend(event.warnings.iter().map(|warning| warning.name()));
}
