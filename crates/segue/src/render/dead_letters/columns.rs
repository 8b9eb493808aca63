//! The columns of a list of dead letters: as many as the terminal has room for. `show` has the others.

use crate::render::terminal::CellStyle;

/// A column of the list.
#[derive(Clone, Copy)]
pub(super) struct Column {
    pub(super) title: &'static str,
    pub(super) style: CellStyle,
    pub(super) is_number: bool,
    /// Never wrapped.
    pub(super) is_whole: bool,
    /// Index of its text in a row.
    at: usize,
    /// The narrowest terminal that shows it.
    from: u16,
}

impl Column {
    pub(super) fn of<'r>(&self, row: &'r [String; 7]) -> &'r str {
        row.get(self.at).map_or("", String::as_str)
    }
}

/// The columns for a terminal of this width, or for none; whether the rows are of several destinations.
pub(super) fn columns(width: Option<u16>, several: bool) -> Vec<Column> {
    // With one destination its column is the least useful.
    let (destination, code) = if several { (60, 100) } else { (100, 60) };
    #[rustfmt::skip]
    let all = [
        ("ID",          CellStyle::Strong, true,  true,  0),
        ("Given up",    CellStyle::Plain,  false, true,  60),
        ("Destination", CellStyle::Plain,  false, false, destination),
        ("Event",       CellStyle::Plain,  false, false, 0),
        ("Reason",      CellStyle::Bad,    false, true,  0),
        ("Code",        CellStyle::Plain,  false, true,  code),
        ("Attempts",    CellStyle::Plain,  true,  false, 100),
    ];
    all.into_iter()
        .enumerate()
        .map(|(at, (title, style, is_number, is_whole, from))| Column {
            title,
            style,
            is_number,
            is_whole,
            at,
            from,
        })
        .filter(|column| width.is_none_or(|width| width >= column.from))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(width: Option<u16>, several: bool) -> String {
        let titles: Vec<_> = columns(width, several)
            .iter()
            .map(|column| column.title)
            .collect();
        titles.join(" | ")
    }

    #[test]
    fn narrow_terminals_have_fewer_columns() {
        let all = "ID | Given up | Destination | Event | Reason | Code | Attempts";
        assert_eq!(titles(None, false), all);
        assert_eq!(titles(Some(120), true), all);
        assert_eq!(
            titles(Some(80), false),
            "ID | Given up | Event | Reason | Code"
        );
        assert_eq!(
            titles(Some(80), true),
            "ID | Given up | Destination | Event | Reason"
        );
        assert_eq!(titles(Some(40), true), "ID | Event | Reason");
    }
}
