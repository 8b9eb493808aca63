//! Contact data: normalized, then hashed. No plain value leaves this file.

use std::borrow::Cow;

use facebook_conversions::normalize::{HashedKey, Normalized};
use facebook_conversions::validation::Warning;
use facebook_conversions::{HashedValue, OneOrMany};
use segment_spec::{Kind, Raw};

use crate::context::RuleContext;
use crate::note::{Effect, Note};
use crate::transforms::input::Input;
use crate::transforms::transformed::{Change, Transformed, Unusable};

/// The number of digits of a phone number, country code included: ITU-T E.164 allows 15, and no country has fewer than 7.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// Hashes one value.
pub(super) fn one(
    key: HashedKey,
    input: Input<'_, '_>,
    cx: &mut RuleContext<'_, '_>,
) -> Transformed<OneOrMany<HashedValue>> {
    let value = hash(key, input.raw, cx).ok_or(Unusable::Unreadable)?;
    Ok((OneOrMany::One(value), Change::Hashed))
}

/// Hashes one value or a list of values; unusable items of a list are left out.
pub(crate) fn list(
    key: HashedKey,
    input: Input<'_, '_>,
    cx: &mut RuleContext<'_, '_>,
) -> Transformed<OneOrMany<HashedValue>> {
    let Some(items) = input.raw.items() else {
        return one(key, input, cx);
    };
    let mut values = Vec::new();
    for (index, item) in items.enumerate() {
        match hash(key, item, cx) {
            Some(value) => values.push(value),
            None if item.is_blank() => {}
            None => cx.notes.add(|| Note {
                field: None,
                from: Some(input.from.item(index, "")),
                effect: Effect::LeftOut,
            }),
        }
    }
    if values.is_empty() {
        Err(Unusable::Unreadable)
    } else {
        Ok((values.into_iter().collect(), Change::Hashed))
    }
}

#[inline]
fn hash(key: HashedKey, raw: Raw<'_>, cx: &mut RuleContext<'_, '_>) -> Option<HashedValue> {
    let text = plain_text(key, raw)?;
    let normalized = key.normalize_with(&text, &cx.normalize_context, cx.scratch)?;
    let is_odd_number = match normalized {
        // A normalized phone number has only digits left.
        Normalized::Text(digits) => key == HashedKey::Ph && !PHONE_DIGITS.contains(&digits.len()),
        Normalized::Hash(_) => false,
    };
    let hash = normalized.hash();
    if is_odd_number {
        cx.warn(Warning::PhoneLength);
    }
    hash
}

/// The text of a value. JSON numbers are accepted for the keys whose values may be all digits.
fn plain_text(key: HashedKey, raw: Raw<'_>) -> Option<Cow<'_, str>> {
    match raw.kind() {
        Kind::String => raw.as_str(),
        Kind::Number => {
            let digits = raw.as_number()?;
            let of_digits = matches!(key, HashedKey::Ph | HashedKey::Zp | HashedKey::Db);
            let is_whole = digits.bytes().all(|byte| byte.is_ascii_digit());
            (of_digits && is_whole).then_some(Cow::Borrowed(digits))
        }
        _ => None,
    }
}
