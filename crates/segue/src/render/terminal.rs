//! Tables and colours, as wide and as colourful as the output stream allows.

mod visible;

use std::io::{self, IsTerminal};

use anstream::{AutoStream, ColorChoice};
use comfy_table::{
    Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, LineStyle, Table,
    TableStyle,
};

pub(crate) use segue_app::{counted, grouped};
use visible::visible_lines;
pub(crate) use visible::{visible, visible_styled};

/// An output stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Out,
    Err,
}

/// Tables are at most this wide: in longer lines the eye loses the row.
const WIDEST: u16 = 120;

/// A line under the header, and spaces between the columns.
const PLAIN: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

impl Stream {
    /// Whether it is a terminal.
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

/// The style of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CellStyle {
    Plain,
    Strong,
    Faint,
    Good,
    Doubtful,
    Bad,
}

/// Builds a table.
pub(crate) struct TableBuilder {
    table: Table,
    colour: bool,
}

impl TableBuilder {
    pub(crate) fn new(stream: Stream, header: &[&str]) -> Self {
        let mut table = Table::new();
        table.load_style(PLAIN);
        if stream == Stream::Err {
            table.use_stderr();
        }
        // Without a terminal rows stay on one line, for tools that read lines.
        if let Some(width) = table.width() {
            table.set_width(width.min(WIDEST));
            table.set_content_arrangement(ContentArrangement::Dynamic);
        }
        let mut table = Self {
            table,
            colour: stream.has_colour(),
        };
        if table.colour {
            table.table.enforce_styling();
        }
        if !header.is_empty() {
            let header: Vec<_> = header
                .iter()
                .map(|name| table.cell(name, CellStyle::Strong))
                .collect();
            table.table.set_header(header);
        }
        table
    }

    pub(crate) fn row(&mut self, cells: &[(&str, CellStyle)]) {
        let cells: Vec<_> = cells
            .iter()
            .map(|(text, style)| self.cell(text, *style))
            .collect();
        self.table.add_row(cells);
    }

    /// The columns of the terminal, if it is one.
    pub(crate) fn width(&self) -> Option<u16> {
        self.table.width()
    }

    /// Makes this column as wide as its longest cell; other columns are wrapped.
    pub(crate) fn keep_whole(&mut self, column: usize) {
        if let Some(column) = self.table.column_mut(column) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }

    /// Aligns the numbers of this column.
    pub(crate) fn align_right(&mut self, column: usize) {
        if let Some(column) = self.table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }

    fn cell(&self, text: &str, style: CellStyle) -> Cell {
        let cell = Cell::new(visible_lines(text));
        if !self.colour {
            return cell;
        }
        match style {
            CellStyle::Plain => cell,
            CellStyle::Strong => cell.add_attribute(Attribute::Bold),
            CellStyle::Faint => cell.add_attribute(Attribute::Dim),
            CellStyle::Good => cell.fg(Color::Green),
            CellStyle::Doubtful => cell.fg(Color::Yellow),
            CellStyle::Bad => cell.fg(Color::Red),
        }
    }
}

impl std::fmt::Display for TableBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.table.trim_fmt())
    }
}

/// A headline.
pub(crate) fn headline(stream: Stream, text: &str) -> String {
    let text = visible(text);
    if stream.has_colour() {
        let strong = anstyle::Style::new().bold();
        format!("{strong}{text}{strong:#}")
    } else {
        text.into_owned()
    }
}
