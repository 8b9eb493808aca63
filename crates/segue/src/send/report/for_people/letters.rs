//! What was given up, and what else a data folder held.

use std::fmt::Write;

use conversions_delivery::{DeadLetter, DeadLetterReason};

use crate::send::report::{Others, Report};
use crate::terminal::{Stream, counted, grouped, headline, visible};

/// Dead letters that are shown one by one.
const LETTERS: usize = 5;

/// The latest dead letters, with Meta's codes and words.
pub(super) fn letters(report: &Report) -> Vec<String> {
    let mut letters: Vec<_> = report.dead_letters.iter().collect();
    letters.sort_by_key(|letter| letter.line);
    let mut said: Vec<_> = letters
        .iter()
        .take(LETTERS)
        .map(|letter| one_letter(letter, report))
        .collect();
    if letters.len() > LETTERS {
        said.push(format!(
            "… and {} more. (With --data-dir DIR all of them are kept, for `segue dead-letters list`.)",
            grouped((letters.len() - LETTERS) as u64)
        ));
    }
    if !said.is_empty() {
        said.insert(0, format!("\n{}", headline(Stream::Err, "Dead-lettered")));
    }
    said
}

/// With a data folder dead letters have a command of their own.
pub(super) fn kept_letters(report: &Report) -> Option<String> {
    let (folder, _) = report.kept_in.as_ref()?;
    let count = report.figures().totals.dead_lettered;
    let command = folder.command("dead-letters list");
    (count > 0).then(|| {
        format!(
            "\n{} given up; see them with: {command}",
            counted(count, "event was", "events were")
        )
    })
}

/// What else the data folder held.
pub(super) fn of_others(report: &Report) -> Vec<String> {
    let Others { delivered, pending } = report.others;
    let mut said = Vec::new();
    if delivered > 0 {
        said.push(format!(
            "\nBesides, {} of other runs {} delivered.",
            counted(delivered, "event", "events"),
            if delivered == 1 { "was" } else { "were" },
        ));
    }
    if pending > 0 {
        said.push(format!(
            "\nBesides, {} of other runs {} kept in the data folder.",
            counted(pending, "event", "events"),
            if pending == 1 { "is" } else { "are" },
        ));
    }
    said
}

fn one_letter(letter: &DeadLetter, report: &Report) -> String {
    let place = match letter.line.map(|line| report.account.place(line)) {
        Some((_, line)) => format!("line {line}"),
        None => "an event".to_owned(),
    };
    let mut text = format!("  {place}: {}", letter.reason);
    let Some(verdict) = &letter.verdict else {
        return text;
    };
    if let Some(code) = verdict.code {
        let _ = write!(text, ", code {code}");
    }
    if let Some(subcode) = verdict.subcode {
        let _ = write!(text, "/{subcode}");
    }
    let message = verdict.error_user_msg.as_ref().or(verdict.message.as_ref());
    if let Some(message) = message.filter(|_| letter.reason == DeadLetterReason::Refused) {
        let _ = write!(text, ": {}", visible(message));
    }
    text
}
