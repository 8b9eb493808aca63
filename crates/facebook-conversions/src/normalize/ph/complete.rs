//! Telephone numbers completed with the calling code of their country.
//!
//! The rules are those of libphonenumber, on whose data the tables rest, without its regular expressions: a number is
//! national if its length is that of a national number, and it is international if it begins with the calling code and
//! what follows is a number that the country has assigned.

use super::super::non_empty;
use super::plan::Plan;
use crate::country_code::CountryCode;

/// The calling code of Argentina, whose mobile numbers are written differently at home and abroad.
const ARGENTINA: &str = "54";

/// What a text says before its country is considered.
struct Written {
    /// A plus sign or two zeros are in front: the calling code is there.
    is_international: bool,
    /// How many digits stand before the first zero that follows an opening bracket.
    before_zero_in_bracket: Option<usize>,
}

/// The digits of a number with its calling code in front, if that can be told; otherwise its digits without leading
/// zeros.
pub(super) fn apply<'a>(
    trimmed: &str,
    country: Option<CountryCode>,
    scratch: &'a mut String,
) -> Option<&'a str> {
    let written = copy_digits(trimmed, scratch);
    let has_calling_code = remove_trunk_zero(&written, scratch) || written.is_international;
    if !has_calling_code && let Some(plan) = country.and_then(Plan::of_country) {
        complete(plan, scratch);
    }
    non_empty(scratch.trim_start_matches('0'))
}

/// Copies the digits, leading zeros included.
fn copy_digits(trimmed: &str, scratch: &mut String) -> Written {
    scratch.clear();
    let mut has_plus = false;
    let mut before_zero_in_bracket = None;
    let mut previous = b' ';
    for byte in trimmed.bytes() {
        if byte.is_ascii_digit() {
            if byte == b'0' && previous == b'(' && before_zero_in_bracket.is_none() {
                before_zero_in_bracket = Some(scratch.len());
            }
            scratch.push(char::from(byte));
        } else if byte == b'+' {
            has_plus |= scratch.is_empty();
        }
        previous = byte;
    }
    Written {
        is_international: has_plus || scratch.starts_with("00"),
        before_zero_in_bracket,
    }
}

/// Removes the zero of `+44 (0)20 …`: a trunk prefix in brackets behind a calling code. Says whether there was one.
///
/// Italy's zero stays, as in `+39 (0)6 …`: it is part of the number.
fn remove_trunk_zero(written: &Written, scratch: &mut String) -> bool {
    let Some(at) = written.before_zero_in_bracket else {
        return false;
    };
    let before = scratch.get(..at).unwrap_or_default();
    // `020 (0…` is a national number that happens to hold Egypt's calling code.
    if before.starts_with('0') && !written.is_international {
        return false;
    }
    let is_trunk_zero = Plan::of_calling_code(before.trim_start_matches('0'))
        .is_some_and(|plan| plan.trunk_prefixes.contains(&"0"));
    if is_trunk_zero {
        scratch.remove(at);
    }
    is_trunk_zero
}

/// Puts the calling code in front of a national number. Anything that is no possible one is left alone.
fn complete(plan: &Plan, scratch: &mut String) {
    if plan.is_international(scratch) {
        return;
    }
    if plan.calling_code == ARGENTINA && complete_argentine_mobile(scratch) {
        return;
    }
    let is_possible = |digits: &str| plan.lengths.contains(digits.len());
    let without_trunk =
        |prefix: &&&'static str| scratch.strip_prefix(**prefix).is_some_and(&is_possible);
    let trunk_prefix = plan.trunk_prefixes.iter().find(without_trunk);
    if let Some(prefix) = trunk_prefix {
        scratch.replace_range(..prefix.len(), plan.calling_code);
    } else if is_possible(scratch) && (plan.keeps_zero || !scratch.starts_with('0')) {
        scratch.insert_str(0, plan.calling_code);
    }
}

/// Argentina's mobile numbers have a 15 behind the area code at home, and a 9 before it abroad:
/// `011 15-2345-6789` is `+54 9 11 2345-6789`. Area codes have two to four digits; the one of two is 11.
fn complete_argentine_mobile(scratch: &mut String) -> bool {
    let national = scratch.strip_prefix('0').unwrap_or(scratch);
    let trunk = scratch.len() - national.len();
    let area_codes = if national.starts_with("11") {
        2..=2
    } else {
        3..=4
    };
    let mut area_code = area_codes.filter(|digits| {
        national
            .get(*digits..)
            .is_some_and(|rest| rest.starts_with("15"))
    });
    let Some(digits) = area_code.next().filter(|_| national.len() == 12) else {
        return false;
    };
    let mobile_prefix = trunk + digits;
    scratch.replace_range(mobile_prefix..mobile_prefix + 2, "");
    scratch.replace_range(..trunk, "549");
    true
}
