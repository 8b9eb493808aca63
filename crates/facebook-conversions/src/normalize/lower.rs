//! Lower case into a buffer.
//!
//! The mapping is Unicode's full default one, which JavaScript's `toLowerCase` and [`str::to_lowercase`] share: `İ`
//! becomes two characters, `ß` stays, a capital sigma at the end of a word becomes `ς`.

/// The one letter whose lower case depends on its neighbours.
const SIGMA: char = 'Σ';

/// `text` without the characters that `keep` refuses, then in lower case.
pub(super) fn kept_and_lower<'a>(
    text: &str,
    keep: impl Fn(char) -> bool,
    scratch: &'a mut String,
) -> &'a str {
    scratch.clear();
    if text.is_ascii() {
        if text.bytes().all(|byte| keep(char::from(byte))) {
            scratch.push_str(text);
            scratch.make_ascii_lowercase();
        } else {
            let kept = text.bytes().map(char::from).filter(|c| keep(*c));
            kept.for_each(|c| scratch.push(c.to_ascii_lowercase()));
        }
        return scratch;
    }
    let kept = text.chars().filter(|c| keep(*c));
    if text.contains(SIGMA) {
        scratch.push_str(&kept.collect::<String>().to_lowercase());
    } else {
        scratch.extend(kept.flat_map(char::to_lowercase));
    }
    scratch
}

/// `text` in lower case: itself when it has no ASCII capital and nothing beyond ASCII.
pub(super) fn lower<'a>(text: &'a str, scratch: &'a mut String) -> &'a str {
    if text
        .bytes()
        .all(|b| b.is_ascii() && !b.is_ascii_uppercase())
    {
        text
    } else {
        kept_and_lower(text, |_| true, scratch)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{kept_and_lower, lower};

    proptest! {
        #[test]
        fn agrees_with_the_standard_library(text in "\\PC*|[ΑΣας \u{AD}.a-cA-CİẞßK]*") {
            let mut scratch = String::from("left over");
            prop_assert_eq!(lower(&text, &mut scratch), text.to_lowercase());
            let kept: String = text.chars().filter(|c| *c != ' ').collect();
            prop_assert_eq!(kept_and_lower(&text, |c| c != ' ', &mut scratch), kept.to_lowercase());
        }
    }

    #[test]
    fn what_is_lower_case_is_not_copied() {
        let text = "john_smith@gmail.com";
        assert!(std::ptr::eq(lower(text, &mut String::new()), text));
    }
}
