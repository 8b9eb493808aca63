//! Dead letters: events that were given up. List, show, export, replay and purge them.
//!
//! A [`Selection`] says which ones. [`DeadLetterRow`] is one of a list, [`DeadLetterDetails`] all about one.

mod details;
mod event_text;
mod export;
mod purge;
mod reasons;
mod replay;
mod row;
mod selection;
mod words;

use conversions_delivery::LogError;

pub use details::{DeadLetterDetails, deliverable_until, reason_now};
pub use event_text::{with_notes, with_notes_on_lines, without_client};
pub use export::{ClientData, ExportError, ExportedCounts, export, export_to_file};
pub use purge::PurgePlan;
pub use reasons::{ReasonCounts, advice, meaning};
pub use replay::{refusal_advice, replay, replay_json};
pub use row::DeadLetterRow;
pub use selection::{Selection, find};
pub use words::{shown_id, shown_label, words_without_client};

/// Why dead letters cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeadLettersError {
    /// No dead letter has this id.
    #[error(
        "there is no dead letter {0} in this folder; `segue dead-letters list` shows the ids of all"
    )]
    NotFound(u64),
    /// The log failed.
    #[error(transparent)]
    Log(#[from] LogError),
}
