//! Which columns a list of dead letters has: as many as the terminal has room for. `show` has what is left out.

use crate::terminal::Look;

/// A column of the list.
#[derive(Clone, Copy)]
pub(super) struct Column {
    pub(super) title: &'static str,
    pub(super) look: Look,
    pub(super) is_number: bool,
    /// Never broken into lines.
    pub(super) is_whole: bool,
    /// Which text of a row.
    at: usize,
    /// How wide the terminal is at least.
    from: u16,
}

impl Column {
    pub(super) fn of<'r>(&self, row: &'r [String; 7]) -> &'r str {
        row.get(self.at).map_or("", String::as_str)
    }
}

/// The columns for a terminal of this width, or for none; whether the rows are of several destinations.
pub(super) fn columns(width: Option<u16>, several: bool) -> Vec<Column> {
    // One destination needs no column before codes have one.
    let (destination, code) = if several { (60, 100) } else { (100, 60) };
    #[rustfmt::skip]
    let all = [
        ("ID",          Look::Strong, true,  true,  0),
        ("Given up",    Look::Plain,  false, true,  60),
        ("Destination", Look::Plain,  false, false, destination),
        ("Event",       Look::Plain,  false, false, 0),
        ("Reason",      Look::Bad,    false, true,  0),
        ("Code",        Look::Plain,  false, true,  code),
        ("Attempts",    Look::Plain,  true,  false, 100),
    ];
    all.into_iter()
        .enumerate()
        .map(|(at, (title, look, is_number, is_whole, from))| Column {
            title,
            look,
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
