//! Figures on a terminal.

use std::fmt::Write;

use super::figure::{Section, Unit};
use super::saved;
use crate::terminal;

/// Sections as text; with what was `before`, how much each ratio has changed, or the value where there is no ratio.
pub(super) fn of(section: &Section, before: Option<&[Section]>) -> String {
    let mut text = format!("{}\n", terminal::strong(&section.title));
    let wide = |width: fn(&super::figure::Figure) -> usize| {
        section.figures.iter().map(width).max().unwrap_or_default()
    };
    let name_width = wide(|figure| figure.name.chars().count());
    let value_width = wide(|figure| figure.shown().chars().count());
    for figure in &section.figures {
        let (value, related) = (figure.shown(), figure.related());
        let _ = write!(
            text,
            "   {:<name_width$}  {value:>value_width$}   {related}",
            figure.name
        );
        let before = before.and_then(|before| saved::counterpart(before, section, figure));
        if let Some(before) = before {
            let change = (figure.compared() / before.compared() - 1.0) * 100.0;
            let change = format!("   {change:+.0} %");
            let more_is_better =
                matches!(figure.unit, Unit::EventsPerSecond | Unit::RequestsPerSecond);
            let is_worse = if more_is_better {
                change.contains('-')
            } else {
                change.contains('+')
            };
            let _ = if is_worse {
                write!(text, "{}", terminal::bad(change))
            } else {
                write!(text, "{}", terminal::good(change))
            };
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}
