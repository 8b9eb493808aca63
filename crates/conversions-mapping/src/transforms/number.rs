//! Whole numbers.

use segment_spec::Raw;

use crate::context::RuleContext;
use crate::transforms::input::Input;
use crate::transforms::transformed::{Change, Transformed, Unusable};

/// 2^53. Above it doubles skip whole numbers, so a larger value may not be the number that was meant.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Reads a whole number, not negative: `2`, `2.0`, `2e0`, or as text its digits with or without a sign.
pub(crate) fn read_integer(raw: Raw<'_>) -> Transformed<u64> {
    if let Some(digits) = raw.as_number() {
        if let Ok(integer) = digits.parse() {
            return Ok((integer, Change::Same));
        }
        let number: f64 = digits.parse().map_err(|_| Unusable::Unreadable)?;
        let is_whole = number.fract() == 0.0 && (0.0..=EXACT).contains(&number);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the range is checked"
        )]
        return if is_whole {
            Ok((number as u64, Change::Normalized))
        } else {
            Err(Unusable::Unreadable)
        };
    }
    let text = raw.as_str().ok_or(Unusable::Unreadable)?;
    let text = text.trim();
    // `-0` is zero; any other number with a minus is negative.
    let digits = text.strip_prefix('+').or_else(|| {
        text.strip_prefix('-')
            .filter(|rest| rest.bytes().all(|b| b == b'0'))
    });
    let digits = digits.unwrap_or(text);
    let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    match digits.parse() {
        Ok(integer) if all_digits => Ok((integer, Change::Normalized)),
        _ => Err(Unusable::Unreadable),
    }
}

pub(super) fn integer(input: Input<'_, '_>, _: &mut RuleContext<'_, '_>) -> Transformed<u64> {
    read_integer(input.raw)
}

/// The id of a lead of a lead ad. Meta refuses events with any other number of digits.
pub(super) fn lead_id(input: Input<'_, '_>, _: &mut RuleContext<'_, '_>) -> Transformed<u64> {
    const SMALLEST: u64 = 100_000_000_000_000;
    const LARGEST: u64 = 9_999_999_999_999_999;
    let (id, change) = read_integer(input.raw)?;
    if (SMALLEST..=LARGEST).contains(&id) {
        Ok((id, change))
    } else {
        Err(Unusable::Unreadable)
    }
}

pub(super) fn signed(input: Input<'_, '_>, _: &mut RuleContext<'_, '_>) -> Transformed<i64> {
    let (integer, change) = read_integer(input.raw)?;
    let integer = i64::try_from(integer).map_err(|_| Unusable::Unreadable)?;
    Ok((integer, change))
}
