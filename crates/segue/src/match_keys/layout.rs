//! Shares, bars and lines of text.

use textwrap::{Options, WordSeparator, WordSplitter};

/// No line of a report is longer, in columns.
pub(crate) const WIDTH: usize = 80;

/// `part` of `total` in so many parts, rounded.
fn rounded(part: u64, total: u64, parts: u64) -> u64 {
    if total == 0 {
        return 0;
    }
    let (part, total, parts) = (u128::from(part), u128::from(total), u128::from(parts));
    u64::try_from((part * parts + total / 2) / total).unwrap_or(u64::MAX)
}

/// A share from 0 to 1, in millionths; 0 of nothing is 0.
pub(crate) fn share(part: u64, total: u64) -> f64 {
    const PARTS: u32 = 1_000_000;
    let parts = u32::try_from(rounded(part, total, PARTS.into())).unwrap_or(PARTS);
    f64::from(parts) / f64::from(PARTS)
}

/// A share as text, as in `12.5%`. Only all is 100 %, and only none is 0 %.
pub(crate) fn percent(part: u64, total: u64) -> String {
    match rounded(part, total, 1000) {
        0 if part > 0 => "<0.1%".to_owned(),
        1000 if part < total => ">99.9%".to_owned(),
        permille => format!("{}.{}%", permille / 10, permille % 10),
    }
}

/// A bar of at most so many columns, without the blanks behind it. Only all fills it, and only none is no bar.
pub(crate) fn bar(part: u64, total: u64, columns: u64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let all = columns * 8;
    let eighths = match rounded(part, total, all) {
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

/// A text broken into lines at its blanks, each with this indent, of at most [`WIDTH`] columns; words that are longer
/// stay whole.
pub(crate) fn wrapped(text: &str, indent: &str) -> String {
    let options = Options::new(WIDTH)
        .initial_indent(indent)
        .subsequent_indent(indent)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false);
    textwrap::fill(text, options)
}

/// At most so many characters, with a mark if there are more.
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
    fn only_all_is_everything_and_only_none_is_nothing() {
        for (part, total, text, drawn) in [
            (0, 0, "0.0%", ""),
            (0, 8, "0.0%", ""),
            (1, 8, "12.5%", "█"),
            (1, 1_000_000, "<0.1%", "▏"),
            (999_999, 1_000_000, ">99.9%", "███████▉"),
            (5, 16, "31.3%", "██▌"),
            (8, 8, "100.0%", "████████"),
        ] {
            assert_eq!(percent(part, total), text);
            assert_eq!(bar(part, total, 8), drawn);
        }
        assert_eq!(share(1, 3).to_string(), "0.333333");
        assert_eq!((share(0, 0), share(u64::MAX, u64::MAX)), (0.0, 1.0));
    }

    #[test]
    fn lines_are_broken_at_blanks() {
        let text = "word ".repeat(40);
        let lines = wrapped(text.trim_end(), "    ");
        assert!(lines.lines().all(|line| line.starts_with("    word")));
        assert!(lines.lines().all(|line| line.chars().count() <= WIDTH));
        assert_eq!(lines.split_whitespace().count(), 40);
        assert_eq!(shortened("Größe", 5), "Größe");
        assert_eq!(shortened("Größen", 5), "Größ…");
    }
}
