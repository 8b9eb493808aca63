//! Markdown that reads well as text too: headings, paragraphs, tables with aligned columns.

use std::fmt::Write as _;

/// A cell that is wider than this does not widen its column.
const WIDEST: usize = 60;

/// A document, written from top to bottom.
pub(crate) struct Page {
    text: String,
}

impl Page {
    /// A page with its title, and a remark that it is generated.
    pub(crate) fn new(title: &str) -> Self {
        Self {
            text: format!(
                "<!-- Written by `cargo xtask gen` from the tables of the code: change those. -->\n\n# {title}\n"
            ),
        }
    }

    pub(crate) fn heading(&mut self, text: &str) {
        let _ = write!(self.text, "\n## {text}\n");
    }

    /// A paragraph; line ends in it stay.
    pub(crate) fn paragraph(&mut self, text: &str) {
        let _ = write!(self.text, "\n{text}\n");
    }

    pub(crate) fn table(&mut self, table: &Table) {
        self.text.push('\n');
        self.text.push_str(&table.render());
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

/// A table.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new<const COLUMNS: usize>(head: [&str; COLUMNS]) -> Self {
        Self {
            rows: vec![head.map(str::to_owned).to_vec()],
        }
    }

    pub(crate) fn row<const COLUMNS: usize>(&mut self, cells: [String; COLUMNS]) {
        // A line end ends the row, a bar ends the cell, and outside of code an angle bracket would begin HTML.
        let escaped = cells.map(|cell| {
            let cell = cell.replace('|', "\\|").replace('\n', " ");
            if cell.starts_with('`') {
                cell
            } else {
                cell.replace('<', "\\<")
            }
        });
        self.rows.push(escaped.to_vec());
    }

    fn render(&self) -> String {
        let columns = self.rows.first().map_or(0, Vec::len);
        let width = |column: usize| {
            self.rows
                .iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .filter(|width| *width <= WIDEST)
                .max()
        };
        let mut text = String::new();
        for (index, row) in self.rows.iter().enumerate() {
            for (column, cell) in row.iter().enumerate() {
                // The last column is prose of any length: padding it would only make long lines longer.
                let width = if column + 1 == columns {
                    0
                } else {
                    width(column).unwrap_or(0)
                };
                let _ = write!(text, "| {cell:width$} ");
            }
            text.push_str("|\n");
            if index == 0 {
                for column in 0..columns {
                    let width = if column + 1 == columns {
                        3
                    } else {
                        width(column).unwrap_or(3)
                    };
                    let _ = write!(text, "|{}", "-".repeat(width + 2));
                }
                text.push_str("|\n");
            }
        }
        text
    }
}

/// Text as code.
pub(crate) fn code(text: impl AsRef<str>) -> String {
    format!("`{}`", text.as_ref())
}

/// Texts as code, with commas between.
pub(crate) fn codes<T: AsRef<str>>(texts: &[T]) -> String {
    texts.iter().map(code).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn columns_are_aligned_and_bars_are_escaped() {
        let mut table = Table::new(["name", "meaning"]);
        table.row(["a".to_owned(), "this | that".to_owned()]);
        table.row(["longer".to_owned(), "é".to_owned()]);
        assert_eq!(
            table.render(),
            "| name   | meaning |\n|--------|-----|\n| a      | this \\| that |\n| longer | é |\n",
        );
    }
}
