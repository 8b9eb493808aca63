//! Events that were given up, and events of other runs in the data folder.

use std::fmt::Write;

use conversions_delivery::{DeadLetter, DeadLetterReason};

use segue_app::send::{OtherEvents, SendReport};

use crate::cli::data_folder::command;
use crate::render::terminal::{Stream, counted, grouped, headline, visible};

/// Dead letters that are shown one by one.
const SHOWN_LETTERS: usize = 5;

/// The latest dead letters, with Meta's codes and words.
pub(super) fn letters(report: &SendReport) -> Vec<String> {
    let mut letters: Vec<_> = report.dead_letters.iter().collect();
    letters.sort_by_key(|letter| letter.line);
    let mut said: Vec<_> = letters
        .iter()
        .take(SHOWN_LETTERS)
        .map(|letter| one_letter(letter, report))
        .collect();
    if letters.len() > SHOWN_LETTERS {
        said.push(format!(
            "… and {} more. (With --data-dir DIR all of them are kept, for `segue dead-letters list`.)",
            grouped((letters.len() - SHOWN_LETTERS) as u64)
        ));
    }
    if !said.is_empty() {
        said.insert(0, format!("\n{}", headline(Stream::Err, "Dead-lettered")));
    }
    said
}

/// With a data folder dead letters have a command of their own.
pub(super) fn kept_letters(report: &SendReport) -> Option<String> {
    let kept_in = report.kept_in.as_ref()?;
    let count = report.figures().totals.dead_lettered;
    let command = command("dead-letters list", kept_in.folder.path());
    (count > 0).then(|| {
        format!(
            "\n{} given up; see them with: {command}",
            counted(count, "event was", "events were")
        )
    })
}

/// Events of other runs in the data folder.
pub(super) fn of_others(report: &SendReport) -> Vec<String> {
    let OtherEvents { delivered, pending } = report.others;
    let mut said = Vec::new();
    if delivered > 0 {
        said.push(format!(
            "\nIn addition, {} of other runs {} delivered.",
            counted(delivered, "event", "events"),
            if delivered == 1 { "was" } else { "were" },
        ));
    }
    if pending > 0 {
        said.push(format!(
            "\nIn addition, {} of other runs {} kept in the data folder.",
            counted(pending, "event", "events"),
            if pending == 1 { "is" } else { "are" },
        ));
    }
    said
}

fn one_letter(letter: &DeadLetter, report: &SendReport) -> String {
    let place = match letter.line.map(|line| report.totals.locate(line)) {
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
