//! Dead letters as tables and sentences.

mod columns;
pub(crate) mod details;
pub(crate) mod list;
pub(crate) mod replay;

use std::path::Path;

use conversions_mapping::is_printable;
use segue_insight::dead_letters::{ExportedCounts, ReasonCounts};

use crate::render::terminal::{counted, grouped, visible};

/// Characters of a name that are shown.
const NAME_LENGTH: usize = 40;

/// A name, shortened, unless it could be personal or control the terminal.
pub(crate) fn name(name: &str) -> String {
    if !is_printable(name) || visible(name) != name {
        return "(not shown)".to_owned();
    }
    if name.chars().count() <= NAME_LENGTH {
        return name.to_owned();
    }
    let mut short: String = name.chars().take(NAME_LENGTH - 1).collect();
    short.push('…');
    short
}

/// Dead letters that were put back, and have not been requeued yet.
pub(crate) fn awaiting_sentence(awaiting: u64) -> String {
    format!(
        "{} put back: the next `segue send` or `segue serve` with this data folder sends {}.",
        match awaiting {
            1 => "1 dead letter is".to_owned(),
            _ => format!("{} dead letters are", grouped(awaiting)),
        },
        if awaiting == 1 { "it" } else { "them" },
    )
}

/// What an export has written.
pub(crate) fn export_sentence(exported: ExportedCounts, file: Option<&Path>) -> String {
    let events = counted(exported.events, "event", "events");
    let mut text = match file {
        Some(path) => format!(
            "{events} exported to {}, with IP addresses and user agents.",
            path.display()
        ),
        None => format!(
            "{events} exported, without IP addresses and user agents: --output FILE includes them."
        ),
    };
    if exported.damaged > 0 {
        let damaged = counted(exported.damaged, "damaged one was", "damaged ones were");
        text = format!("{text} {damaged} left out, because no event can be read.");
    }
    if exported.events > 0 {
        text.push_str(" They are still dead letters; `purge` with the same options removes them.");
    }
    text
}

/// What a purge has removed, or would remove.
pub(crate) fn purge_sentence(
    purged: u64,
    counts: &ReasonCounts,
    dry_run: bool,
    is_restricted: bool,
) -> String {
    let what = counted(purged, "dead letter", "dead letters");
    let of = counts.in_words();
    match (purged, dry_run) {
        (0, _) if is_restricted => "No dead letters match: nothing is removed.\n".to_owned(),
        (0, _) => "There are no dead letters: nothing is removed.\n".to_owned(),
        (_, true) => format!(
            "{what} would be removed ({of}).\nNothing was changed; the same command with --yes instead of --dry-run removes them for good.\n"
        ),
        (1, false) => format!("{what} was removed for good ({of}).\n"),
        (_, false) => format!("{what} were removed for good ({of}).\n"),
    }
}

#[cfg(test)]
mod tests;
