//! `segue dead-letters list`.

mod columns;

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;

use conversions_delivery::{DeadLetter, DeadLetterReason, DeadLetterStore};
use conversions_mapping::is_printable;
use serde::Serialize;

use crate::cli::Format;
use crate::data_folder::DataFolder;
use crate::dead_letters::args::ListArgs;
use crate::dead_letters::list::columns::columns;
use crate::dead_letters::open;
use crate::dead_letters::reasons::{Counts, advice, meaning};
use crate::dead_letters::selection::Selection;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::prose::{paragraph, print};
use crate::terminal::{Grid, Look, Stream, counted, grouped, headline, visible};
use crate::when::{date_and_time, rfc3339};

/// Characters of a name that are shown.
const NAME: usize = 40;
/// Columns beside a command that its explanation takes at least.
const EXPLAINED_IN: usize = 30;

/// Runs the command.
pub(crate) fn run(args: &ListArgs) -> Result<Exit, Failure> {
    let selection = Selection::of(&args.selection)?;
    let letters = open(&args.folder)?;
    match args.format {
        Format::Json => {
            write_json(&letters, &selection)?;
        }
        Format::Table => {
            let most = usize::try_from(args.rows).unwrap_or(usize::MAX);
            let listed = Listed::of(&letters, &selection, most)?;
            let awaiting = letters.awaiting_replay();
            print(&listed.for_people(
                &args.folder,
                selection.is_restricted,
                awaiting.map_err(|error| Failure::of(&error))?,
            ))?;
        }
    }
    Ok(Exit::Done)
}

/// A dead letter in a line.
#[derive(Serialize)]
struct Line<'a> {
    id: u64,
    event_id: Option<&'a str>,
    event_name: Option<&'a str>,
    destination: &'a str,
    reason: &'static str,
    code: Option<i64>,
    subcode: Option<i64>,
    attempts: u32,
    first_at: Option<String>,
    last_at: Option<String>,
}

fn write_json(letters: &dyn DeadLetterStore, selection: &Selection) -> Result<(), Failure> {
    let mut output = BufWriter::new(io::stdout().lock());
    let mut written = Ok(());
    selection.visit(letters, |letter| {
        written = write_line(&mut output, &letter);
        if written.is_ok() {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })?;
    written
        .and_then(|()| output.flush())
        .map_err(|error| Failure::output(&error))
}

fn write_line(output: &mut impl Write, letter: &DeadLetter) -> io::Result<()> {
    let labels = letter.labels();
    let verdict = letter.verdict.as_ref();
    let line = Line {
        id: letter.id.0,
        event_id: labels.event_id.as_deref(),
        event_name: labels.event_name.as_deref(),
        destination: &letter.destination,
        reason: letter.reason.name(),
        code: verdict.and_then(|verdict| verdict.code),
        subcode: verdict.and_then(|verdict| verdict.subcode),
        attempts: letter.attempts,
        first_at: rfc3339(letter.first_at),
        last_at: rfc3339(letter.last_at),
    };
    serde_json::to_writer(&mut *output, &line)?;
    output.write_all(b"\n")
}

/// The latest of those that are meant, and how many there are in all.
#[derive(Default)]
pub(super) struct Listed {
    rows: VecDeque<[String; 7]>,
    counts: Counts,
}

impl Listed {
    pub(super) fn of(
        letters: &dyn DeadLetterStore,
        selection: &Selection,
        most: usize,
    ) -> Result<Self, Failure> {
        let mut listed = Self::default();
        selection.visit(letters, |letter| {
            listed.counts.count(letter.reason);
            if listed.rows.len() >= most {
                listed.rows.pop_front();
            }
            listed.rows.push_back(row(&letter));
            ControlFlow::Continue(())
        })?;
        Ok(listed)
    }

    pub(super) fn for_people(
        &self,
        folder: &DataFolder,
        is_restricted: bool,
        awaiting: u64,
    ) -> String {
        let total = self.counts.total();
        if total == 0 {
            return if is_restricted {
                "No dead letter is like that. `segue dead-letters list` with nothing but the folder lists all.\n".to_owned()
            } else {
                "There are no dead letters: no event had to be given up.\n".to_owned()
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
        let _ = write!(text, "\n{}\n\n{}\n", self.reasons(), next_steps(folder));
        text
    }

    fn table(&self) -> Grid {
        let several = self
            .rows
            .iter()
            .zip(self.rows.iter().skip(1))
            .any(|([_, _, one, ..], [_, _, next, ..])| one != next);
        let columns = columns(Stream::Out.width(), several);
        let header: Vec<_> = columns.iter().map(|column| column.title).collect();
        let mut grid = Grid::new(Stream::Out, &header);
        for row in &self.rows {
            let cells = columns.iter().map(|column| (column.of(row), column.look));
            grid.row(&cells.collect::<Vec<_>>());
        }
        for (place, column) in columns.iter().enumerate() {
            if column.is_number {
                grid.align_right(place);
            }
            if column.is_whole {
                grid.keep_whole(place);
            }
        }
        grid
    }

    /// What the reasons mean.
    fn reasons(&self) -> Grid {
        let mut grid = Grid::new(Stream::Out, &[]);
        for (reason, count) in &self.counts.0 {
            grid.row(&[
                (reason.name(), Look::Bad),
                (&grouped(*count), Look::Strong),
                (&explanation(*reason), Look::Plain),
            ]);
        }
        grid.align_right(1);
        grid.keep_whole(0);
        grid.keep_whole(1);
        grid
    }
}

fn explanation(reason: DeadLetterReason) -> String {
    let words = if reason == DeadLetterReason::Refused {
        "`show` has Meta's words. "
    } else {
        ""
    };
    format!("{} {words}{}", meaning(reason), advice(reason))
}

fn row(letter: &DeadLetter) -> [String; 7] {
    let verdict = letter.verdict.as_ref();
    let code = verdict.and_then(|verdict| {
        let code = verdict.code?;
        Some(match verdict.subcode {
            Some(subcode) => format!("{code}/{subcode}"),
            None => code.to_string(),
        })
    });
    [
        letter.id.0.to_string(),
        date_and_time(letter.last_at),
        name(&letter.destination),
        name(&letter.labels().event_name.unwrap_or_else(|| "-".to_owned())),
        letter.reason.name().to_owned(),
        code.unwrap_or_else(|| "-".to_owned()),
        letter.attempts.to_string(),
    ]
}

/// A name that may be shown, not too long.
pub(crate) fn name(name: &str) -> String {
    if !is_printable(name) || visible(name) != name {
        return "(not shown)".to_owned();
    }
    if name.chars().count() <= NAME {
        return name.to_owned();
    }
    let mut short: String = name.chars().take(NAME - 1).collect();
    short.push('…');
    short
}

pub(crate) fn awaiting_sentence(awaiting: u64) -> String {
    format!(
        "{} put back, to be taken up by the next `segue send` or `segue serve` with this data folder.",
        match awaiting {
            1 => "1 dead letter is".to_owned(),
            _ => format!("{} dead letters are", grouped(awaiting)),
        }
    )
}

fn next_steps(folder: &DataFolder) -> String {
    let steps = [
        (
            "dead-letters show ID",
            "Meta's words about one of them, and the event",
        ),
        (
            "dead-letters replay",
            "put them back to be sent again; --dry-run only says which",
        ),
        ("dead-letters export", "write the events as JSON lines"),
        ("dead-letters purge", "remove them for good"),
    ]
    .map(|(command, what)| (folder.command(command), what));
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
    let beside = longest.max().unwrap_or_default() + EXPLAINED_IN;
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
    let mut grid = Grid::new(Stream::Out, &[]);
    for (command, what) in steps {
        grid.row(&[(command, Look::Strong), (what, Look::Plain)]);
    }
    grid.keep_whole(0);
    grid.to_string()
}
