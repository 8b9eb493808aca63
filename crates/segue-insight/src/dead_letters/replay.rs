//! Puts dead letters back, to be sent again.

use std::ops::ControlFlow;

use conversions_delivery::{
    DeadLetter, DeadLetterReason, DeadLetterStore, EventKey, Filter, Replay, UnixMillis,
};
use graph_sandbox::{FAULTS, first_fault};
use serde_json::{Value, json};

use super::reasons::advice;
use super::{DeadLettersError, Selection};

/// Asks for the selected dead letters to be sent again. The process that delivers from the folder requeues them; those that
/// Meta would refuse again stay. With `dry_run` nothing changes.
///
/// # Errors
///
/// An id that does not exist, or the log cannot be read or written.
pub fn replay(
    letters: &dyn DeadLetterStore,
    selection: &Selection,
    now: UnixMillis,
    dry_run: bool,
) -> Result<Replay, DeadLettersError> {
    let mut ids = Vec::new();
    selection.visit(letters, |letter| {
        ids.push(letter.id);
        ControlFlow::Continue(())
    })?;
    let filter = Filter::all().ids(ids);
    Ok(letters.replay(&filter, now, dry_run, &mut |letter| validate(letter, now))?)
}

/// Whether Meta would accept the event, by its documentation. The log itself checks age and damage.
fn validate(letter: &DeadLetter, now: UnixMillis) -> Result<(), String> {
    let Ok(event) = serde_json::from_slice(&letter.event) else {
        return Err(DeadLetterReason::Damaged.name().to_owned());
    };
    match first_fault(&event, now.seconds()) {
        Some(fault) => Err(fault.name.to_owned()),
        None => Ok(()),
    }
}

/// Advice on why a replay was refused, by the name of the reason.
#[must_use]
pub fn refusal_advice(reason: &str) -> &'static str {
    let fault = || FAULTS.iter().find(|fault| fault.name == reason);
    DeadLetterReason::from_name(reason)
        .map(advice)
        .or_else(|| fault().map(|fault| fault.message))
        .unwrap_or_default()
}

/// The replay as one JSON object: `put_back` and `refused`.
#[must_use]
pub fn replay_json(replay: &Replay, dry_run: bool) -> Value {
    let ids: Vec<_> = replay.requested.iter().map(|EventKey(id)| id).collect();
    let refused: Vec<_> = replay
        .refused
        .iter()
        .map(|refused| json!({ "id": refused.id.0, "reason": refused.reason }))
        .collect();
    let mut object = json!({ "put_back": ids, "refused": refused });
    if dry_run {
        object["dry_run"] = json!(true);
    }
    object
}
