//! Sentences on standard output: finished, and broken into lines where somebody reads them.

use std::io::Write;

use crate::failure::Failure;
use crate::terminal::{Stream, visible_styled};

/// Writes to standard output; colours are taken out where they are not wanted.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let text = visible_styled(text);
    let written = anstream::stdout().lock().write_all(text.as_bytes());
    written.map_err(|error| Failure::output(&error))
}

/// A paragraph with this many blanks before its lines, which are as long as the terminal is wide.
pub(crate) fn paragraph(text: &str, indent: usize) -> String {
    paragraph_in(text, indent, Stream::Out.width())
}

fn paragraph_in(text: &str, indent: usize, width: Option<u16>) -> String {
    let margin = " ".repeat(indent);
    let Some(width) = width else {
        return format!("{margin}{text}");
    };
    let options = textwrap::Options::new(usize::from(width))
        .initial_indent(&margin)
        .subsequent_indent(&margin)
        .break_words(false);
    textwrap::fill(text, options)
}

/// With a capital letter and a full stop.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.trim_end_matches('.').chars();
    letters.next().map_or_else(String::new, |first| {
        format!("{}{}.", first.to_uppercase(), letters.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_as_wide_as_the_terminal() {
        let text = "Nothing is lost meanwhile.";
        assert_eq!(
            paragraph_in(text, 1, Some(14)),
            " Nothing is\n lost\n meanwhile."
        );
        assert_eq!(paragraph_in(text, 2, None), "  Nothing is lost meanwhile.");
    }

    #[test]
    fn sentences_begin_and_end_as_sentences_do() {
        assert_eq!(sentence("no space left"), "No space left.");
        assert_eq!(sentence("It is."), "It is.");
        assert_eq!(sentence(""), "");
    }
}
