//! A list of dead letters as a table, with the meaning of the reasons and the next commands.

use std::collections::VecDeque;
use std::fmt::Write;
use std::ops::ControlFlow;

use conversions_delivery::{DeadLetterReason, DeadLetterStore};
use segue_insight::dead_letters::{
    DeadLetterRow, DeadLettersError, ReasonCounts, Selection, advice, meaning,
};

use super::columns::columns;
use super::{awaiting_sentence, name};
use crate::cli::data_folder::Log;
use crate::render::prose::paragraph;
use crate::render::terminal::{CellStyle, Stream, TableBuilder, counted, grouped, headline};
use crate::render::time::date_and_time;

/// Columns that the explanation beside a command needs; with fewer it goes below the command.
const EXPLANATION_WIDTH: usize = 30;

/// The latest selected dead letters, and how many there are in all.
#[derive(Default)]
pub(crate) struct List {
    rows: VecDeque<DeadLetterRow>,
    counts: ReasonCounts,
}

impl List {
    /// Reads all that are selected, and keeps the last `most`.
    pub(crate) fn read(
        letters: &dyn DeadLetterStore,
        selection: &Selection,
        most: usize,
    ) -> Result<Self, DeadLettersError> {
        let mut list = Self::default();
        selection.visit(letters, |letter| {
            list.counts.count(letter.reason);
            if list.rows.len() >= most {
                list.rows.pop_front();
            }
            list.rows.push_back(DeadLetterRow::of(&letter));
            ControlFlow::Continue(())
        })?;
        Ok(list)
    }

    /// The table and what can be done; `awaiting` dead letters were put back and wait to be requeued.
    pub(crate) fn render(&self, log: &Log, is_restricted: bool, awaiting: u64) -> String {
        let total = self.counts.total();
        if total == 0 {
            return if is_restricted {
                "No dead letters match. Run `segue dead-letters list` without options to list all.\n"
                    .to_owned()
            } else {
                "There are no dead letters: no event was given up.\n".to_owned()
            };
        }
        let mut text = format!("{}\n\n", self.table());
        let shown = self.rows.len() as u64;
        // Writing to a String cannot fail.
        let _ = if shown < total {
            writeln!(
                text,
                "These are the latest {} of {}; --rows N shows more, --format json all.",
                grouped(shown),
                counted(total, "dead letter", "dead letters")
            )
        } else {
            writeln!(text, "{}.", counted(total, "dead letter", "dead letters"))
        };
        if awaiting > 0 {
            let _ = writeln!(text, "{}", paragraph(&awaiting_sentence(awaiting), 0));
        }
        let _ = write!(text, "\n{}\n\n{}\n", self.reasons(), next_steps(log));
        text
    }

    fn table(&self) -> TableBuilder {
        let mut destinations = self.rows.iter().map(|row| &row.destination);
        let first = destinations.next();
        let several = destinations.any(|one| Some(one) != first);
        let columns = columns(Stream::Out.width(), several);
        let header: Vec<_> = columns.iter().map(|column| column.title).collect();
        let mut table = TableBuilder::new(Stream::Out, &header);
        for row in &self.rows {
            let texts = cells(row);
            let cells = columns
                .iter()
                .map(|column| (column.of(&texts), column.style));
            table.row(&cells.collect::<Vec<_>>());
        }
        for (place, column) in columns.iter().enumerate() {
            if column.is_number {
                table.align_right(place);
            }
            if column.is_whole {
                table.keep_whole(place);
            }
        }
        table
    }

    /// What the reasons mean.
    fn reasons(&self) -> TableBuilder {
        let mut table = TableBuilder::new(Stream::Out, &[]);
        for (reason, count) in &self.counts.0 {
            table.row(&[
                (reason.name(), CellStyle::Bad),
                (&grouped(*count), CellStyle::Strong),
                (&explanation(*reason), CellStyle::Plain),
            ]);
        }
        table.align_right(1);
        table.keep_whole(0);
        table.keep_whole(1);
        table
    }
}

fn explanation(reason: DeadLetterReason) -> String {
    let words = if reason == DeadLetterReason::Refused {
        "`show` has Meta's answer. "
    } else {
        ""
    };
    format!("{} {words}{}", meaning(reason), advice(reason))
}

/// The texts of a row, in the order of the columns.
fn cells(row: &DeadLetterRow) -> [String; 7] {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    [
        row.id.to_string(),
        date_and_time(row.last_at),
        name(&row.destination),
        name(row.event_name.as_deref().unwrap_or("-")),
        row.reason.to_owned(),
        or_dash(row.code_text()),
        row.attempts.to_string(),
    ]
}

fn next_steps(log: &Log) -> String {
    let steps = [
        (
            "dead-letters show ID",
            "Meta's answer to one of them, and the event",
        ),
        (
            "dead-letters replay",
            "send them again; --dry-run only says which",
        ),
        ("dead-letters export", "write the events as JSON lines"),
        ("dead-letters purge", "remove them for good"),
    ]
    .map(|(command, what)| (log.command(command), what));
    format!(
        "{}\n{}\n\n{}",
        headline(Stream::Out, "What can be done"),
        commands(&steps, Stream::Out.width()),
        paragraph(
            "The last three take all dead letters, or those that --id, --reason, --since, --until and --destination choose.",
            0
        )
    )
}

/// What commands do: beside each, or below it where lines are short.
fn commands(steps: &[(String, &str)], width: Option<u16>) -> String {
    let longest = steps.iter().map(|(command, _)| command.chars().count());
    let beside = longest.max().unwrap_or_default() + EXPLANATION_WIDTH;
    if width.is_some_and(|width| usize::from(width) < beside) {
        let below = |(command, what): &(String, &str)| {
            format!(
                " {}\n{}",
                headline(Stream::Out, command),
                paragraph(what, 3)
            )
        };
        return steps.iter().map(below).collect::<Vec<_>>().join("\n");
    }
    let mut table = TableBuilder::new(Stream::Out, &[]);
    for (command, what) in steps {
        table.row(&[(command, CellStyle::Strong), (what, CellStyle::Plain)]);
    }
    table.keep_whole(0);
    table.to_string()
}
