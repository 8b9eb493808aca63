//! `docs/errors.md`: each answer of Meta, its meaning, and what segue does about it.

use facebook_conversions::error_table::{CODES, STATUSES};

use super::markdown::{Page, Table, code};

pub(super) fn render() -> String {
    let mut page = Page::new("What Meta answers, and what is done about it");
    page.paragraph(
        "An error that Meta calls transient is tried again. Any other goes by its code and subcode, then by the HTTP\n\
         status; what is in neither table is tried a few times. Events are always sent again with the same `event_id`.",
    );
    page.heading("By code and subcode");
    page.paragraph("A row with a subcode wins over one without, a single code over a range.");
    page.table(&codes());
    page.heading("By HTTP status");
    page.paragraph("For answers without a code that is known, such as the pages of proxies.");
    page.table(&statuses());
    page.into_text()
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
