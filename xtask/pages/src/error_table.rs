//! `docs/errors.md`: each answer of Meta, its meaning, and what segue does about it.

use facebook_conversions::error_table::{CODES, Disposition, HoldReason, STATUSES};

use crate::markdown::{Page, Table, code};

pub(crate) fn render() -> String {
    let mut page = Page::new("What Meta answers, and what is done about it");
    page.paragraph(
        "An error that Meta calls transient is tried again. Any other goes by its code and subcode, then by the HTTP\n\
         status; what is in neither table is tried a few times. Events are always sent again with the same `event_id`.",
    );
    page.heading("What is done");
    page.paragraph(
        "While a destination is held, nothing is lost: its events wait on disk, and it goes on by itself within minutes\n\
         of the cause being gone. `segue status` and the metric `segue_destination_held` say that it is held.",
    );
    page.table(&dispositions());
    page.heading("By code and subcode");
    page.paragraph("A row with a subcode wins over one without, a single code over a range.");
    page.table(&codes());
    page.heading("By HTTP status");
    page.paragraph("For answers without a code that is known, such as the pages of proxies.");
    page.table(&statuses());
    page.into_text()
}

fn dispositions() -> Table {
    let mut table = Table::new(["name", "what segue does", "what you do"]);
    for disposition in Disposition::ALL {
        let (segue, you) = actions(disposition);
        table.row([code(disposition.name()), segue.to_owned(), you.to_owned()]);
    }
    table
}

/// What segue does about an answer, and what is left to a person.
fn actions(disposition: Disposition) -> (&'static str, &'static str) {
    match disposition {
        Disposition::Retry => (
            "sends again with growing pauses, until the events are too old",
            "nothing",
        ),
        Disposition::RetryFew => (
            "sends again about five times, then dead-letters the events",
            "replay the dead letters when Meta works again",
        ),
        Disposition::RetrySlow => (
            "sends again after a quarter of an hour",
            "read the account's notices at Meta",
        ),
        Disposition::Throttled => (
            "slows down for as long as Meta asks",
            "nothing; if it lasts, lower `concurrency`",
        ),
        Disposition::Hold(HoldReason::Authentication) => (
            "holds the destination and probes it",
            "create a new access token; segue reads it by itself",
        ),
        Disposition::Hold(HoldReason::Permission) => (
            "holds the destination and probes it",
            "give the system user access to the pixel",
        ),
        Disposition::Hold(HoldReason::Configuration) => (
            "holds the destination and probes it",
            "correct `pixel_id`, `api_version` or `graph_url`",
        ),
        Disposition::Expired => (
            "dead-letters what is too old, sends the others again",
            "nothing: Meta takes no event of that age",
        ),
        Disposition::Split => (
            "halves the batch until the refused event is alone, dead-letters it, delivers the others",
            "`segue dead-letters show`, correct what is sent",
        ),
        Disposition::SplitOnce => (
            "halves the batch once, dead-letters a half that is refused again",
            "`segue dead-letters list`, then replay",
        ),
        Disposition::TooLarge => (
            "halves the batch until it fits",
            "nothing, unless one event alone is too large",
        ),
    }
}

fn codes() -> Table {
    let mut table = Table::new(["code", "subcode", "what is done", "what it means"]);
    for row in CODES {
        let subcode = row
            .subcode
            .map_or_else(|| "any".to_owned(), |subcode| subcode.to_string());
        table.row([
            range(&row.first, &row.last),
            subcode,
            code(row.disposition.name()),
            row.sentence.to_owned(),
        ]);
    }
    table
}

fn statuses() -> Table {
    let mut table = Table::new(["status", "what is done", "what it means"]);
    for row in STATUSES {
        table.row([
            range(&row.first, &row.last),
            code(row.disposition.name()),
            row.sentence.to_owned(),
        ]);
    }
    table
}

fn range<N: PartialEq + ToString>(first: &N, last: &N) -> String {
    if first == last {
        first.to_string()
    } else {
        format!("{}–{}", first.to_string(), last.to_string())
    }
}
