//! Dead letters of the log, as the console lists, replays, exports and removes them.

use std::ops::ControlFlow;

use conversions_delivery::{DeadLetterCounts, DeadLetterReason, DeadLetterStore, UnixMillis};
use segue_console::{
    DataError, DeadLetter, DeadLetterAction, DeadLetterGroup, DeadLetterList, DeadLetterPage,
    DeadLetterSelection, DeadLetterSummary, Field, LastAnswer, RefusedReplay,
};
use segue_insight::dead_letters::{
    self as insight, ClientData, DeadLetterDetails, DeadLettersError, ExportError, PurgePlan,
    Selection,
};
use segue_insight::explain::event_fields;

use super::time::timestamp;
use crate::error::AppError;
use crate::open_log::Letters;

/// Bytes of an export at most: it is made in memory. The command writes larger ones to a file.
const LARGEST_EXPORT: usize = 64 << 20;

/// Works on dead letters, on a thread that may block.
async fn with_letters<T: Send + 'static>(
    letters: &Letters,
    work: impl FnOnce(&dyn DeadLetterStore) -> Result<T, DataError> + Send + 'static,
) -> Result<T, DataError> {
    let letters = letters.clone();
    let working = tokio::task::spawn_blocking(move || {
        let letters = letters.open().map_err(|error| unavailable(&error))?;
        work(&*letters)
    });
    let ended = working.await;
    ended.map_err(|_| unavailable(&AppError::Defect("reading dead letters")))?
}

fn unavailable(error: &AppError) -> DataError {
    DataError::Unavailable(format!(
        "The dead letters cannot be read: {}.",
        error.sentence()
    ))
}

fn failed(error: DeadLettersError) -> DataError {
    match error {
        DeadLettersError::NotFound(id) => DataError::NotFound(format!(
            "There is no dead letter no. {id} any more: it was sent again or removed."
        )),
        error => unavailable(&error.into()),
    }
}

pub(super) async fn counts(letters: &Letters) -> Result<DeadLetterCounts, DataError> {
    with_letters(letters, |letters| {
        letters.counts().map_err(|error| failed(error.into()))
    })
    .await
}

pub(super) async fn list(
    letters: &Letters,
    selection: &DeadLetterSelection,
    page: DeadLetterPage,
) -> Result<DeadLetterList, DataError> {
    let selection = selection.clone();
    with_letters(letters, move |letters| {
        let counts = letters.counts().map_err(|error| failed(error.into()))?;
        let mut list = DeadLetterList {
            groups: groups(&counts),
            awaiting_replay: letters
                .awaiting_replay()
                .map_err(|error| failed(error.into()))?,
            ..DeadLetterList::default()
        };
        let Some(selected) = selected(&selection) else {
            return Ok(list);
        };
        let mut position = 0_usize;
        let visited = selected.visit(letters, |letter| {
            if position >= page.offset && list.letters.len() < page.limit {
                list.letters.push(shown(&DeadLetterDetails::of(&letter)));
            }
            position += 1;
            ControlFlow::Continue(())
        });
        match visited {
            // It was sent again or removed meanwhile: an empty list says so.
            Ok(()) | Err(DeadLettersError::NotFound(_)) => {}
            Err(error) => return Err(failed(error)),
        }
        list.selected = u64::try_from(position).unwrap_or(u64::MAX);
        Ok(list)
    })
    .await
}

pub(super) async fn one(letters: &Letters, id: u64) -> Result<DeadLetter, DataError> {
    with_letters(letters, move |letters| {
        let letter = insight::find(letters, id).map_err(failed)?;
        let mut letter_shown = shown(&DeadLetterDetails::of(&letter));
        letter_shown.fields = event_fields(&letter.event)
            .into_iter()
            .map(|(field, value)| Field {
                field,
                value,
                from: None,
                effect: "stored".to_owned(),
            })
            .collect();
        letter_shown.words = insight::words_without_client(&letter);
        Ok(letter_shown)
    })
    .await
}

pub(super) async fn act(
    letters: &Letters,
    action: DeadLetterAction,
    selection: &DeadLetterSelection,
    now: UnixMillis,
) -> Result<DeadLetterSummary, DataError> {
    let selection = selection.clone();
    with_letters(letters, move |letters| {
        let Some(selected) = selected(&selection) else {
            return Ok(DeadLetterSummary::default());
        };
        match action {
            DeadLetterAction::Replay => {
                let replay = insight::replay(letters, &selected, now, false).map_err(failed)?;
                let refused = replay.refused.into_iter().map(|one| RefusedReplay {
                    id: one.id.0,
                    advice: insight::refusal_advice(&one.reason).to_owned(),
                    reason: one.reason,
                });
                Ok(DeadLetterSummary {
                    done: u64::try_from(replay.requested.len()).unwrap_or(u64::MAX),
                    refused: refused.collect(),
                })
            }
            DeadLetterAction::Purge => {
                let plan = PurgePlan::make(letters, &selected).map_err(failed)?;
                Ok(DeadLetterSummary {
                    done: plan.run(letters, false).map_err(failed)?,
                    refused: Vec::new(),
                })
            }
        }
    })
    .await
}

pub(super) async fn export(
    letters: &Letters,
    selection: &DeadLetterSelection,
) -> Result<Vec<u8>, DataError> {
    let selection = selection.clone();
    with_letters(letters, move |letters| {
        let mut lines = Limited(Vec::new());
        let Some(selected) = selected(&selection) else {
            return Ok(lines.0);
        };
        match insight::export(letters, &selected, ClientData::LeftOut, &mut lines) {
            Ok(_) => Ok(lines.0),
            Err(ExportError::DeadLetters(error)) => Err(failed(error)),
            Err(_) => Err(DataError::Invalid(
                "These are more than 64 MB. Choose fewer, or use `segue dead-letters export`."
                    .to_owned(),
            )),
        }
    })
    .await
}

/// Memory that takes so much and no more.
struct Limited(Vec<u8>);

impl std::io::Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() + bytes.len() > LARGEST_EXPORT {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The selection for the log; `None` when no letter can meet it.
fn selected(selection: &DeadLetterSelection) -> Option<Selection> {
    let reason = match &selection.reason {
        Some(name) => Some(DeadLetterReason::from_name(name)?),
        None => None,
    };
    Some(Selection {
        ids: selection.id.into_iter().collect(),
        reason,
        until: selection
            .until
            .map(|until| UnixMillis(until.as_millisecond())),
        destination: selection.destination.clone(),
        ..Selection::default()
    })
}

fn groups(counts: &DeadLetterCounts) -> Vec<DeadLetterGroup> {
    let of = |destination: &String, reason: DeadLetterReason, count: u64| DeadLetterGroup {
        destination: destination.clone(),
        reason: reason.name().to_owned(),
        count,
        meaning: insight::meaning(reason).to_owned(),
        advice: insight::advice(reason).to_owned(),
    };
    let groups = counts.iter().flat_map(|(destination, reasons)| {
        let groups = reasons.iter().filter(|(_, count)| **count > 0);
        groups.map(move |(reason, count)| of(destination, *reason, *count))
    });
    groups.collect()
}

fn shown(details: &DeadLetterDetails) -> DeadLetter {
    let row = &details.row;
    let reason = DeadLetterReason::from_name(row.reason);
    let answer = LastAnswer {
        at: timestamp(row.last_at),
        status: details.status,
        sentence: details.meaning.map(str::to_owned),
        fbtrace_id: details.fbtrace_id.clone(),
    };
    DeadLetter {
        id: row.id,
        event_id: row.event_id.as_deref().map(insight::shown_id),
        event_name: row.event_name.as_deref().map(insight::shown_label),
        destination: row.destination.clone(),
        reason: row.reason.to_owned(),
        meaning: reason.map_or("", insight::meaning).to_owned(),
        advice: reason.map_or("", insight::advice).to_owned(),
        attempts: row.attempts,
        first_at: timestamp(row.first_at),
        last_at: timestamp(row.last_at),
        deliverable_until: details
            .deliverable_until
            .as_deref()
            .and_then(|text| text.parse().ok()),
        code: row.code_text(),
        words: Vec::new(),
        answer: details.status.is_some().then_some(answer),
        fields: Vec::new(),
    }
}
