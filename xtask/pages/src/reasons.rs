//! `docs/reasons.md`: every reason, warning and error, and what to do about it.

use conversions_delivery::{DeadLetterReason, HoldCause};
use conversions_ingest::Refusal;
use conversions_mapping::{MessageFault, RejectReason, SkipReason};
use facebook_conversions::validation::{Violation, Warning};
use match_quality::advice;

use crate::markdown::{Page, Table, code};

pub(crate) fn render() -> String {
    let mut page = Page::new("Reasons, warnings and errors");
    page.paragraph(
        "Every name that a report, a metric, a log line or an answer can show, and what to do about it. What Meta answers is on\n\
         a page of its own: [errors](errors.md). Mistakes in settings come with their line and their remedy.",
    );
    messages(&mut page);
    warnings(&mut page);
    delivery(&mut page);
    answers(&mut page);
    page.into_text()
}

fn messages(page: &mut Page) {
    page.heading("Why a message is skipped");
    page.paragraph("Nothing is wrong with it; it is not for this destination.");
    let mut table = Table::new(["name", "meaning", "what to do if it should be sent"]);
    for reason in SkipReason::ALL {
        let cells = [reason.meaning(), advice::on_skip(*reason)].map(str::to_owned);
        let [meaning, action] = cells;
        table.row([code(reason.name()), meaning, action]);
    }
    page.table(&table);

    page.heading("Why a message is rejected");
    page.paragraph(
        "It should have been sent and cannot be. `segue send --rejects FILE` writes the number of each such line and the\n\
         reason. No event can be formed out of it:",
    );
    let mut table = Table::new(["name", "meaning", "what to do"]);
    for fault in MessageFault::ALL {
        table.row([
            code(fault.name()),
            fault.meaning().to_owned(),
            advice::on_reject(RejectReason::Message(*fault)).to_owned(),
        ]);
    }
    page.table(&table);
    page.paragraph(
        "Or Meta would refuse the event, and with it the whole request. A reason whose remedy is \"nothing\" cannot come from\n\
         the mapping, which leaves such a value out; it is for programs that build events themselves.",
    );
    page.table(&violations());
}

fn violations() -> Table {
    let mut table = Table::new(["name", "Meta's subcode", "meaning", "what to do"]);
    for violation in Violation::ALL {
        let subcode = violation.subcode();
        let subcode = subcode.map_or_else(|| "—".to_owned(), |subcode| subcode.to_string());
        let sentence = violation.sentence();
        let meaning = format!("{sentence} ([source]({}))", violation.link());
        let action = advice::on_reject(RejectReason::Event(*violation));
        let action = if action == sentence {
            "nothing"
        } else {
            action
        };
        table.row([code(violation.name()), subcode, meaning, action.to_owned()]);
    }
    table
}

fn warnings(page: &mut Page) {
    page.heading("Warnings");
    page.paragraph("The event is sent, and is worth less than it could be.");
    let mut table = Table::new(["name", "meaning", "what to do"]);
    for warning in Warning::ALL {
        table.row([
            code(warning.name()),
            warning.sentence().to_owned(),
            advice::on_warning(*warning).to_owned(),
        ]);
    }
    page.table(&table);
}

fn delivery(page: &mut Page) {
    page.heading("Why an event becomes a dead letter");
    page.paragraph(
        "It is kept in the data folder, with what Meta said. `segue dead-letters list --data-dir DIR` lists them, `show` shows\n\
         one, `replay` sends again, `export` writes them to a file, `purge` removes them.",
    );
    let mut table = Table::new(["name", "meaning", "what to do"]);
    for reason in DeadLetterReason::ALL {
        let (meaning, action) = dead_letter(reason);
        table.row([code(reason.name()), meaning.to_owned(), action.to_owned()]);
    }
    page.table(&table);

    page.heading("Why a destination is held");
    page.paragraph(
        "Its events wait on disk, senders are still answered with 200, and one request in a while probes whether the cause is\n\
         gone.",
    );
    let mut table = Table::new(["name", "meaning", "what to do"]);
    for cause in HoldCause::ALL {
        let (meaning, action) = hold(cause);
        table.row([code(cause.name()), meaning.to_owned(), action.to_owned()]);
    }
    page.table(&table);
}

fn dead_letter(reason: DeadLetterReason) -> (&'static str, &'static str) {
    match reason {
        DeadLetterReason::Refused => (
            "Meta refused it, alone in its request",
            "Look at Meta's words with `segue dead-letters show`, correct what is sent, and send the corrected event again.",
        ),
        DeadLetterReason::EventTimeTooOld => (
            "it grew older than Meta accepts before it could be delivered",
            "Nothing: Meta takes no event of that age. Watch `segue_oldest_event_age_seconds` so that it does not happen again.",
        ),
        DeadLetterReason::TooLarge => (
            "its request is larger than Meta takes, with no other event in it",
            "Send less in `properties`.",
        ),
        DeadLetterReason::RetriesExhausted => (
            "Meta kept answering with an error that may or may not pass",
            "Replay it with `segue dead-letters replay` when Meta works again.",
        ),
        DeadLetterReason::Damaged => (
            "its record in the log is damaged",
            "Check the disk. The event cannot be read any more; send it again from its source.",
        ),
        DeadLetterReason::PoisonFrame => (
            "on a cluster: it was given out five times, and never settled, as if each machine that had it had died",
            "Find out why machines died or lost their connection at that time. Replay it if the event was not the cause.",
        ),
        // The test below asks for an arm.
        _ => ("", ""),
    }
}

fn hold(cause: HoldCause) -> (&'static str, &'static str) {
    match cause {
        HoldCause::Authentication => (
            "Meta does not accept the access token or the app secret",
            "Create a new access token and put it where `access_token` says; it is read again by itself.",
        ),
        HoldCause::Permission => (
            "the access token lacks a permission",
            "Give the system user access to the pixel in Business Manager.",
        ),
        HoldCause::Configuration => (
            "pixel id, API version, base address or this machine are not set up right",
            "Correct `pixel_id`, `api_version` or `graph_url`; `segue check` helps.",
        ),
        HoldCause::DeadLettersFull => (
            "an event would become a dead letter, and there is no room for it",
            "Export and purge dead letters with `segue dead-letters`.",
        ),
        HoldCause::EverythingRefused => (
            "on a cluster: Meta has refused a hundred events in a row",
            "Give the access token access to the pixel, then replay the dead letters. It continues with the first event that Meta accepts.",
        ),
    }
}

fn answers(page: &mut Page) {
    page.heading("What the endpoint answers");
    page.paragraph(
        "A refused request has the code and the sentence in its body. Segment's libraries try again after 408, 429 and 503,\n\
         and after no other of these; `Retry-After` says when.",
    );
    let mut table = Table::new(["status", "code", "meaning"]);
    for refusal in Refusal::all() {
        table.row([
            refusal.status().as_u16().to_string(),
            code(refusal.code()),
            refusal.sentence().to_owned(),
        ]);
    }
    page.table(&table);
}

#[cfg(test)]
mod tests {
    use super::{DeadLetterReason, HoldCause, dead_letter, hold};

    #[test]
    fn every_reason_and_cause_has_a_meaning_and_a_remedy() {
        let rows = DeadLetterReason::ALL.map(dead_letter).into_iter();
        for (meaning, action) in rows.chain(HoldCause::ALL.map(hold)) {
            assert!(!meaning.is_empty() && action.ends_with('.'), "{meaning}");
        }
    }
}
