//! `docs/segment-page.md`: what Segment's documentation of its classic destination says, section by section, what segue does
//! about it, and the case or test that shows it. The sentences are those of the statements; none is copied from the page.

mod sections;

use std::collections::{BTreeMap, BTreeSet};

use e2e::case;
use e2e::statements::{self, Statement};

use crate::markdown::{Page, Table, code};
use sections::{Row, SECTIONS};

/// Cases that a row names; the folder has the others.
const MOST_CASES: usize = 2;

pub(crate) fn render() -> String {
    let mut page = Page::new("Segment's page, row by row");
    page.paragraph(
        "Segment documents its classic destination on one page, [Facebook Conversions API destination][page]. This table goes\n\
         through it, section by section: what segue does, and the case or the test that shows it. A case is a folder of\n\
         `tests/cases/` with a message, settings, and the outcome as a snapshot; `cargo xtask test` runs all of them.",
    );
    page.paragraph(
        "[page]: https://segment.com/docs/connections/destinations/catalog/facebook-conversions-api/",
    );
    let cases = cases();
    let mut told = BTreeSet::new();
    for section in SECTIONS {
        page.heading(section.heading);
        let mut table = Table::new(["what segue does", "shown by"]);
        for row in section.rows {
            table.row(match row {
                Row::Says(id) => {
                    told.insert(*id);
                    cells(statement(id), &cases)
                }
                Row::Note(says, link) => [(*says).to_owned(), (*link).to_owned()],
            });
        }
        page.table(&table);
    }
    page.heading("What the page does not say");
    page.paragraph("segue promises and shows this too.");
    let mut table = Table::new(["what segue does", "shown by"]);
    for statement in statements::all().filter(|statement| !told.contains(statement.id)) {
        table.row(cells(statement, &cases));
    }
    page.table(&table);
    page.into_text()
}

/// The names of the cases by the statements that they cover. Broken cases are none: their own test reports them.
fn cases() -> BTreeMap<String, Vec<String>> {
    let mut by_statement: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for case in case::all().unwrap_or_default() {
        for id in case.about.covers {
            by_statement.entry(id).or_default().push(case.name.clone());
        }
    }
    by_statement
}

fn cells(statement: &Statement, cases: &BTreeMap<String, Vec<String>>) -> [String; 2] {
    let cases = cases
        .get(statement.id)
        .map_or(&[] as &[String], Vec::as_slice);
    let mut proofs: Vec<String> = cases
        .iter()
        .take(MOST_CASES)
        .map(|name| format!("[{name}](../tests/cases/{name}/outcome.snap)"))
        .collect();
    if cases.len() > MOST_CASES {
        proofs.push(format!("and {} more", cases.len() - MOST_CASES));
    }
    if let Some(test) = statement.elsewhere {
        proofs.push(format!("[{}](../{})", code(test.function), test.file));
    }
    [capitalized(statement.says), proofs.join(", ")]
}

/// The statement of this id. The test below finds ids that are none.
fn statement(id: &str) -> &'static Statement {
    const UNKNOWN: Statement = Statement {
        id: "",
        says: "",
        elsewhere: None,
    };
    let found = statements::all().find(|statement| statement.id == id);
    found.unwrap_or(&UNKNOWN)
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        format!("{}{}", first.to_uppercase(), letters.as_str())
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Row, SECTIONS, cases, statement};
    use e2e::statements;

    #[test]
    fn every_row_names_a_statement_or_a_file_that_is_there() {
        for row in SECTIONS.iter().flat_map(|section| section.rows) {
            match row {
                Row::Says(id) => assert_eq!(statement(id).id, *id),
                Row::Note(_, link) => {
                    let target = link
                        .split_once("](")
                        .and_then(|(_, rest)| rest.split_once([')', '#']));
                    let (path, _) = target.unwrap_or_else(|| panic!("{link} is no link"));
                    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
                    assert!(docs.join(path).exists(), "{path} is not there");
                }
            }
        }
    }

    #[test]
    fn every_statement_is_shown_by_something() {
        let cases = cases();
        for statement in statements::all() {
            let is_shown = cases.contains_key(statement.id) || statement.elsewhere.is_some();
            assert!(is_shown, "{}", statement.id);
        }
    }
}
