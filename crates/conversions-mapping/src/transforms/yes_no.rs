//! Yes or no.

use facebook_conversions::Flag;

use crate::context::RuleContext;
use crate::transforms::input::Input;
use crate::transforms::transformed::{Change, Transformed, Unusable};

/// Reads `true` and `false`, and the forms in which they come out of forms and databases: 1, 0 and text of each.
pub(super) fn yes_no(input: Input<'_, '_>, _: &mut RuleContext<'_, '_>) -> Transformed<bool> {
    if let Some(yes) = input.raw.as_bool() {
        return Ok((yes, Change::Same));
    }
    let text = input.raw.as_str();
    let word = match &text {
        Some(text) => text.trim(),
        None => input.raw.text(),
    };
    let is_word = |words: [&str; 2]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
    if is_word(["true", "1"]) {
        Ok((true, Change::Normalized))
    } else if is_word(["false", "0"]) {
        Ok((false, Change::Normalized))
    } else {
        Err(Unusable::Unreadable)
    }
}

pub(super) fn flag(input: Input<'_, '_>, cx: &mut RuleContext<'_, '_>) -> Transformed<Flag> {
    let (yes, _) = yes_no(input, cx)?;
    Ok((Flag(yes), Change::Normalized))
}
