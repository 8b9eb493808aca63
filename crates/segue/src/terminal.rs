//! What people see: tables and colours, as wide and as colourful as the stream allows.

mod visible;

use std::io::{self, IsTerminal};

use anstream::{AutoStream, ColorChoice};
use comfy_table::{
    Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, LineStyle, Table,
    TableStyle,
};

use visible::visible_lines;
pub(crate) use visible::{visible, visible_styled};

/// A place to print to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Out,
    Err,
}

/// Tables get no wider than this, however wide the terminal: eyes lose the line.
const WIDEST: u16 = 120;

/// A line under the header, and blanks between the columns.
const PLAIN: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

impl Stream {
    /// Whether somebody is looking.
    pub(crate) fn is_terminal(self) -> bool {
        match self {
            Self::Out => io::stdout().is_terminal(),
            Self::Err => io::stderr().is_terminal(),
        }
    }

    /// Whether colours are wanted: on a terminal, unless `NO_COLOR` or `TERM=dumb` say no.
    pub(crate) fn has_colour(self) -> bool {
        let choice = match self {
            Self::Out => AutoStream::choice(&io::stdout()),
            Self::Err => AutoStream::choice(&io::stderr()),
        };
        choice != ColorChoice::Never
    }

    /// The columns of the terminal, if it is one.
    pub(crate) fn width(self) -> Option<u16> {
        let mut table = Table::new();
        if self == Self::Err {
            table.use_stderr();
        }
        table.width()
    }
}

/// How a cell is to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    Plain,
    Strong,
    Faint,
    Good,
    Doubtful,
    Bad,
}

/// A table in the making.
pub(crate) struct Grid {
    table: Table,
    colour: bool,
}

impl Grid {
    pub(crate) fn new(stream: Stream, header: &[&str]) -> Self {
        let mut table = Table::new();
        table.load_style(PLAIN);
        if stream == Stream::Err {
            table.use_stderr();
        }
        // Where nobody looks, lines stay whole, for tools that read lines.
        if let Some(width) = table.width() {
            table.set_width(width.min(WIDEST));
            table.set_content_arrangement(ContentArrangement::Dynamic);
        }
        let mut grid = Self {
            table,
            colour: stream.has_colour(),
        };
        if grid.colour {
            grid.table.enforce_styling();
        }
        if !header.is_empty() {
            let header: Vec<_> = header
                .iter()
                .map(|name| grid.cell(name, Look::Strong))
                .collect();
            grid.table.set_header(header);
        }
        grid
    }

    pub(crate) fn row(&mut self, cells: &[(&str, Look)]) {
        let cells: Vec<_> = cells
            .iter()
            .map(|(text, look)| self.cell(text, *look))
            .collect();
        self.table.add_row(cells);
    }

    /// The columns there are, if somebody is looking.
    pub(crate) fn width(&self) -> Option<u16> {
        self.table.width()
    }

    /// This column is as wide as its longest cell; others are wrapped.
    pub(crate) fn keep_whole(&mut self, column: usize) {
        if let Some(column) = self.table.column_mut(column) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }

    /// Numbers stand flush right.
    pub(crate) fn align_right(&mut self, column: usize) {
        if let Some(column) = self.table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }

    fn cell(&self, text: &str, look: Look) -> Cell {
        let cell = Cell::new(visible_lines(text));
        if !self.colour {
            return cell;
        }
        match look {
            Look::Plain => cell,
            Look::Strong => cell.add_attribute(Attribute::Bold),
            Look::Faint => cell.add_attribute(Attribute::Dim),
            Look::Good => cell.fg(Color::Green),
            Look::Doubtful => cell.fg(Color::Yellow),
            Look::Bad => cell.fg(Color::Red),
        }
    }
}

impl std::fmt::Display for Grid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.table.trim_fmt())
    }
}

/// A line above a list.
pub(crate) fn headline(stream: Stream, text: &str) -> String {
    let text = visible(text);
    if stream.has_colour() {
        let strong = anstyle::Style::new().bold();
        format!("{strong}{text}{strong:#}")
    } else {
        text.into_owned()
    }
}

/// A number with a mark between groups of three, as in `1,234,567`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 event`, `2 events`.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        grouped(number),
        if number == 1 { one } else { many }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
