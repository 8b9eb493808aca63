//! Text on standard output.

use std::io::Write;

use crate::failure::Failure;
use crate::render::terminal::{Stream, visible_styled};

/// Writes to standard output, without colours where they are not wanted. Characters that would control the terminal are escaped.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    print_plain(&visible_styled(text))
}

/// Writes text that is safe for a terminal to standard output.
pub(crate) fn print_plain(text: &str) -> Result<(), Failure> {
    let written = anstream::stdout().lock().write_all(text.as_bytes());
    written.map_err(|error| Failure::output(&error))
}

/// A paragraph, wrapped to the width of the terminal and indented by this many spaces.
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

/// Makes a sentence: with a capital letter and a full stop.
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
    fn paragraphs_are_wrapped_to_the_terminal() {
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
