//! Colour on a terminal, and only there.

use std::fmt::{self, Display};
use std::io::IsTerminal;
use std::sync::LazyLock;

use anstyle::{AnsiColor, Style};

/// Colour is for terminals, and `NO_COLOR` switches it off (<https://no-color.org>).
static COLOUR: LazyLock<bool> = LazyLock::new(|| {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::io::stdout().is_terminal()
});

/// Text with a style that disappears where colour is not wanted.
pub(crate) struct Painted<T> {
    text: T,
    style: Style,
}

impl<T: Display> Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *COLOUR {
            write!(
                f,
                "{}{}{}",
                self.style.render(),
                self.text,
                self.style.render_reset()
            )
        } else {
            self.text.fmt(f)
        }
    }
}

/// For success, and for added lines.
pub(crate) fn good<T: Display>(text: T) -> Painted<T> {
    Painted {
        text,
        style: AnsiColor::Green.on_default(),
    }
}

/// For failure, and for removed lines.
pub(crate) fn bad<T: Display>(text: T) -> Painted<T> {
    Painted {
        text,
        style: AnsiColor::Red.on_default().bold(),
    }
}

/// For headings.
pub(crate) fn strong<T: Display>(text: T) -> Painted<T> {
    Painted {
        text,
        style: Style::new().bold(),
    }
}

/// For details.
pub(crate) fn faint<T: Display>(text: T) -> Painted<T> {
    Painted {
        text,
        style: Style::new().dimmed(),
    }
}

/// The difference of two texts, line by line, with `context` unchanged lines around each change.
pub(crate) fn difference(old: &str, new: &str, context: usize) -> String {
    use std::fmt::Write;

    let diff = similar::TextDiff::from_lines(old, new);
    let mut shown = String::new();
    for (position, group) in diff.grouped_ops(context).iter().enumerate() {
        if position > 0 {
            let _ = writeln!(shown, "{}", faint("     ⋮"));
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let line = change.value().trim_end_matches('\n');
            let number = change
                .new_index()
                .or(change.old_index())
                .map_or(0, |index| index + 1);
            let _ = match change.tag() {
                similar::ChangeTag::Delete => {
                    writeln!(shown, "{number:>5} {}", bad(format_args!("- {line}")))
                }
                similar::ChangeTag::Insert => {
                    writeln!(shown, "{number:>5} {}", good(format_args!("+ {line}")))
                }
                similar::ChangeTag::Equal => writeln!(shown, "{number:>5}   {line}"),
            };
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn a_difference_shows_what_changed_and_a_little_around_it() {
        let shown = difference("a\nb\nc\nd\n", "a\nb\nC\nd\n", 1);
        assert_eq!(shown, "    2   b\n    3 - c\n    3 + C\n    4   d\n");
    }

    #[test]
    fn equal_texts_have_no_difference() {
        assert_eq!(difference("a\n", "a\n", 3), "");
    }
}
