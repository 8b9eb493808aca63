//! Bars and wrapped lines.

use match_quality::rounded_parts;
use textwrap::{Options, WordSeparator, WordSplitter};

/// Columns of the longest line of a report.
pub(crate) const WIDTH: usize = 80;

/// A bar of at most this many columns. Only everything fills it, and only nothing is empty.
pub(crate) fn bar(part: u64, total: u64, columns: u64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let all = columns * 8;
    let eighths = match rounded_parts(part, total, all) {
        0 if part > 0 => 1,
        full if full == all && part < total => all - 1,
        some => some,
    };
    let whole = usize::try_from(eighths / 8).unwrap_or(0);
    let rest = usize::try_from(eighths % 8).unwrap_or(0);
    format!(
        "{}{}",
        "█".repeat(whole),
        EIGHTHS.get(rest).copied().unwrap_or_default()
    )
}

/// A text wrapped at spaces into lines of at most [`WIDTH`] columns, each with this indent. Longer words stay whole.
pub(crate) fn wrapped(text: &str, indent: &str) -> String {
    let options = Options::new(WIDTH)
        .initial_indent(indent)
        .subsequent_indent(indent)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false);
    textwrap::fill(text, options)
}

/// At most `most` characters; if there are more, the last one is `…`.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most.saturating_sub(1)).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_everything_fills_a_bar_and_only_nothing_is_none() {
        for (part, total, drawn) in [
            (0, 0, ""),
            (0, 8, ""),
            (1, 8, "█"),
            (1, 1_000_000, "▏"),
            (999_999, 1_000_000, "███████▉"),
            (5, 16, "██▌"),
            (8, 8, "████████"),
        ] {
            assert_eq!(bar(part, total, 8), drawn);
        }
    }

    #[test]
    fn lines_are_wrapped_at_spaces() {
        let text = "word ".repeat(40);
        let lines = wrapped(text.trim_end(), "    ");
        assert!(lines.lines().all(|line| line.starts_with("    word")));
        assert!(lines.lines().all(|line| line.chars().count() <= WIDTH));
        assert_eq!(lines.split_whitespace().count(), 40);
        assert_eq!(shortened("Größe", 5), "Größe");
        assert_eq!(shortened("Größen", 5), "Größ…");
    }
}
