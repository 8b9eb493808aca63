//! An explanation as tables.

use std::fmt::Write;

use segue_insight::explain::{ExplainedField, Explanation};

use crate::render::prose::paragraph;
use crate::render::terminal::{CellStyle, Stream, TableBuilder, headline, visible};

/// The summary, the fields, the warnings, and what was not used.
pub(crate) fn render(explanation: &Explanation) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{}", paragraph(&summary(explanation), 0));
    if !explanation.fields.is_empty() {
        let _ = write!(text, "\n{}\n", fields(&explanation.fields));
    }
    if !explanation.warnings.is_empty() {
        let _ = write!(text, "\n{}\n", headline(Stream::Out, "Warnings"));
        let mut table = TableBuilder::new(Stream::Out, &[]);
        for line in &explanation.warnings {
            table.row(&[
                (line.warning, CellStyle::Doubtful),
                (line.sentence, CellStyle::Plain),
            ]);
        }
        let _ = writeln!(text, "{table}");
    }
    if !explanation.not_used.is_empty() {
        let _ = write!(text, "\n{}\n", headline(Stream::Out, "Not used"));
        let mut table = TableBuilder::new(Stream::Out, &[]);
        for line in &explanation.not_used {
            let from = visible(line.from.as_deref().unwrap_or("-"));
            let from = if table.width().is_some() {
                shortened(&from)
            } else {
                from.into_owned()
            };
            table.row(&[
                (&from, CellStyle::Plain),
                (line.effect, CellStyle::Doubtful),
                (line.meaning, CellStyle::Faint),
            ]);
        }
        let _ = writeln!(text, "{table}");
    }
    text
}

fn summary(explanation: &Explanation) -> String {
    let Explanation { line, outcome, .. } = explanation;
    let mut text = format!("Line {line} is {outcome}");
    if let Some(reason) = explanation.reason {
        let _ = write!(text, " ({reason})");
    }
    match (&explanation.detail, &explanation.event_name) {
        (Some(detail), _) => {
            let _ = write!(text, ": {}.", visible(detail));
        }
        (None, Some(name)) => {
            let _ = write!(text, ": it is sent as {}", visible(name));
            match &explanation.test_event_code {
                Some(code) => {
                    let _ = write!(text, ", a test event of code {}.", visible(code));
                }
                None => text.push('.'),
            }
        }
        (None, None) => text.push('.'),
    }
    text
}

/// The fields by section. The name of a section is shown once.
fn fields(lines: &[ExplainedField]) -> TableBuilder {
    let mut table = TableBuilder::new(Stream::Out, &["Field", "Value", "From", "Effect"]);
    let narrow = table.width().is_some_and(|width| width < 100);
    let mut section = "";
    for line in lines {
        let (parent, name) = split(&line.field);
        if parent != section {
            section = parent;
            table.row(&[(section, CellStyle::Strong)]);
        }
        let name = visible(name);
        let indented = if parent.is_empty() {
            name.into_owned()
        } else {
            format!("  {name}")
        };
        let style = match line.effect {
            "hashed" => CellStyle::Good,
            "dropped_personal" => CellStyle::Doubtful,
            _ => CellStyle::Plain,
        };
        let from = visible(line.from.as_deref().unwrap_or("-"));
        let (field, from) = match table.width() {
            Some(_) if narrow => (broken(&indented), broken(&from)),
            Some(_) => (shortened(&indented), shortened(&from)),
            None => (indented, from.into_owned()),
        };
        table.row(&[
            (&field, CellStyle::Plain),
            (&visible(&line.value), CellStyle::Plain),
            (&from, CellStyle::Faint),
            (line.effect, style),
        ]);
    }
    for column in [0, 2, 3] {
        table.keep_whole(column);
    }
    table
}

/// A long path, broken at a dot rather than wherever the column ends.
fn broken(path: &str) -> String {
    const ROOM: usize = 24;
    if path.len() <= ROOM {
        return path.to_owned();
    }
    let indent = path.len() - path.trim_start().len();
    let before: Vec<_> = path.match_indices('.').map(|(at, _)| at + 1).collect();
    match before.into_iter().rev().find(|end| *end <= ROOM) {
        Some(end) => {
            let (first, rest) = path.split_at(end);
            let rest = beginning(rest, ROOM);
            format!("{first}\n{:indent$}{rest}", "")
        }
        None => beginning(path, ROOM),
    }
}

/// Shortens a path so that the other columns of a wide terminal have room.
fn shortened(path: &str) -> String {
    beginning(path, 44)
}

/// At most `most` characters; if there are more, the last one is `…`.
fn beginning(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some(_) => text.chars().take(most - 1).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

fn split(field: &str) -> (&str, &str) {
    match field.split_once('.') {
        Some((parent @ ("user_data" | "custom_data" | "app_data"), name)) => (parent, name),
        _ => ("", field),
    }
}

#[cfg(test)]
mod tests {
    use super::{beginning, broken};

    #[test]
    fn long_keys_are_cut() {
        assert_eq!(beginning("äöü", 3), "äöü");
        assert_eq!(beginning("äöüß", 3), "äö…");
    }

    #[test]
    fn long_paths_are_broken_at_dots() {
        assert_eq!(broken("context.traits.email"), "context.traits.email");
        assert_eq!(
            broken("context.traits.address.postalCode"),
            "context.traits.address.\npostalCode"
        );
        assert_eq!(
            broken("  contents[0].delivery_category"),
            "  contents[0].\n  delivery_category"
        );
    }
}
