//! Lower case into a buffer.
//!
//! The mapping is Unicode's full default one, which JavaScript's `toLowerCase` and [`str::to_lowercase`] share: `İ`
//! becomes two characters, `ß` stays, a capital sigma at the end of a word becomes `ς`.

use super::class::{Classes, class};

/// The one letter whose lower case depends on its neighbours.
const SIGMA: char = 'Σ';

/// `text` without the characters of `dropped` and without those beyond ASCII that `keep` refuses, in lower case.
/// Borrowed from `text` where nothing changes.
pub(super) fn kept_and_lower<'a>(
    text: &'a str,
    dropped: Classes,
    keep: impl Fn(char) -> bool,
    scratch: &'a mut String,
) -> &'a str {
    let classes = Classes::of(text);
    if classes.are_none_of(dropped | Classes::UPPER | Classes::NOT_ASCII) {
        text
    } else {
        keep_and_lower(text, classes, dropped, keep, scratch);
        scratch
    }
}

/// [`kept_and_lower`] that always writes to the buffer; `classes` are those of the text.
pub(super) fn keep_and_lower(
    text: &str,
    classes: Classes,
    dropped: Classes,
    keep: impl Fn(char) -> bool,
    scratch: &mut String,
) {
    scratch.clear();
    if classes.are_none_of(Classes::NOT_ASCII) {
        if classes.are_none_of(dropped) {
            scratch.push_str(text);
            scratch.make_ascii_lowercase();
        } else {
            let kept = text
                .bytes()
                .filter(|byte| class(*byte).are_none_of(dropped));
            kept.for_each(|byte| scratch.push(char::from(byte.to_ascii_lowercase())));
        }
        return;
    }
    let is_kept = |c: &char| match u8::try_from(*c) {
        Ok(byte) if byte.is_ascii() => class(byte).are_none_of(dropped),
        _ => keep(*c),
    };
    let kept = text.chars().filter(is_kept);
    if text.contains(SIGMA) {
        scratch.push_str(&kept.collect::<String>().to_lowercase());
    } else {
        scratch.extend(kept.flat_map(char::to_lowercase));
    }
}

/// `text` in lower case. Borrowed from `text` if it is ASCII without capitals.
pub(super) fn lower<'a>(text: &'a str, scratch: &'a mut String) -> &'a str {
    kept_and_lower(text, Classes::NONE, |_| true, scratch)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::class::Classes;
    use super::super::trim::is_space;
    use super::{kept_and_lower, lower};

    proptest! {
        #[test]
        fn agrees_with_the_standard_library(text in "\\PC*|[ΑΣας \u{AD}.a-cA-CİẞßK]*") {
            let mut scratch = String::from("left over");
            prop_assert_eq!(lower(&text, &mut scratch), text.to_lowercase());
            let kept: String = text.chars().filter(|c| !is_space(*c)).collect();
            let without_spaces = kept_and_lower(&text, Classes::SPACE, |c| !is_space(c), &mut scratch);
            prop_assert_eq!(without_spaces, kept.to_lowercase());
        }
    }

    #[test]
    fn lower_case_text_is_not_copied() {
        let text = "john_smith@gmail.com";
        assert!(std::ptr::eq(lower(text, &mut String::new()), text));
    }
}
