//! Amounts of money.

use std::borrow::Cow;

use facebook_conversions::Number;
use segment_spec::Raw;

use crate::context::RuleContext;
use crate::transforms::input::Input;
use crate::transforms::transformed::{Change, Transformed, Unusable};

/// Reads a JSON number or an amount in text. The digits are kept as written, so `19.90` does not become `19.9`.
pub(crate) fn read_money(raw: Raw<'_>) -> Transformed<Number<'_>> {
    if let Some(digits) = raw.as_number() {
        return Number::parse(digits)
            .map(|number| (number, Change::Same))
            .ok_or(Unusable::Unreadable);
    }
    let text = raw.as_str().ok_or(Unusable::Unreadable)?;
    let digits = parse_text(&text).ok_or(Unusable::Unreadable)?;
    Number::parse(Cow::Owned(digits))
        .map(|number| (number, Change::Normalized))
        .ok_or(Unusable::Unreadable)
}

pub(super) fn money<'v>(
    input: Input<'v, '_>,
    _: &mut RuleContext<'_, '_>,
) -> Transformed<Number<'v>> {
    read_money(input.raw)
}

/// Reads an amount in text: optional sign, one currency symbol or code before or behind the number, digits or groups of
/// three, decimals. Examples: `-$1,299.00`, `12 EUR`, `1.299,00 €`.
fn parse_text(text: &str) -> Option<String> {
    let text = text.trim();
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let without_prefix = strip_unit(text, Side::Before);
    let number = match without_prefix {
        Some(rest) => rest,
        None => strip_unit(text, Side::Behind).unwrap_or(text),
    };
    let (whole, decimals) = split_decimals(number)?;
    let mut digits = format!("{sign}{whole}");
    if let Some(decimals) = decimals {
        digits.push('.');
        digits.push_str(decimals);
    }
    Some(digits)
}

/// Splits a number into its whole part, without separators of groups, and its decimals.
///
/// A comma before one or two digits can only be a decimal comma: groups have three. `1,299` is a group and `1.299` has a
/// decimal point, as in JSON.
fn split_decimals(number: &str) -> Option<(String, Option<&str>)> {
    if let Some((whole, decimals)) = number.rsplit_once(',')
        && matches!(decimals.len(), 1 | 2)
        && is_digits(decimals)
    {
        return Some((parse_whole(whole, '.')?, Some(decimals)));
    }
    match number.split_once('.') {
        None => Some((parse_whole(number, ',')?, None)),
        Some((whole, decimals)) => {
            let well_formed = !decimals.is_empty() && is_digits(decimals);
            well_formed.then_some((parse_whole(whole, ',')?, Some(decimals)))
        }
    }
}

#[derive(Clone, Copy)]
enum Side {
    Before,
    Behind,
}

/// What may be between a number and its currency: a blank, or one that keeps the two on one line.
const BLANKS: [char; 3] = [' ', '\u{a0}', '\u{202f}'];

/// Strips a currency symbol or three-letter code from one side, with at most one blank between it and the number.
fn strip_unit(text: &str, side: Side) -> Option<&str> {
    let is_code =
        |unit: &str| unit.len() == 3 && unit.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_symbol = |unit: &str| matches!(unit, "$" | "€" | "£" | "¥" | "₹");
    let ends_unit = |c: char| c.is_ascii_digit() || BLANKS.contains(&c);
    let (unit, rest) = match side {
        Side::Before => text.split_at(text.find(|c: char| ends_unit(c) || c == '.')?),
        Side::Behind => {
            let (at, last) = text.char_indices().rfind(|(_, c)| ends_unit(*c))?;
            let (rest, unit) = text.split_at(at + last.len_utf8());
            (unit, rest)
        }
    };
    (is_code(unit) || is_symbol(unit)).then_some(())?;
    let bare = match side {
        Side::Before => rest.strip_prefix(BLANKS),
        Side::Behind => rest.strip_suffix(BLANKS),
    };
    Some(bare.unwrap_or(rest))
}

/// Reads the whole part: digits, or one to three digits followed by groups of three. Drops leading zeros.
fn parse_whole(text: &str, separator: char) -> Option<String> {
    let digits = match text.split_once(separator) {
        None => text.to_owned(),
        Some((first, groups)) => {
            let well_formed = (1..=3).contains(&first.len())
                && groups.split(separator).all(|group| group.len() == 3);
            well_formed.then(|| text.replace(separator, ""))?
        }
    };
    if digits.is_empty() || !is_digits(&digits) {
        return None;
    }
    let bare = digits.trim_start_matches('0');
    Some(if bare.is_empty() {
        "0".to_owned()
    } else {
        bare.to_owned()
    })
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::parse_text;

    #[test]
    fn the_grammar() {
        for (text, digits) in [
            ("19.90", "19.90"),
            (" 19.90\t", "19.90"),
            ("$1,299.00", "1299.00"),
            ("-$5", "-5"),
            ("+ 5", ""),
            ("€ 12", "12"),
            ("12€", "12"),
            ("12 EUR", "12"),
            ("usd12.5", "12.5"),
            ("USD 1,000,000", "1000000"),
            ("007", "7"),
            ("0.50", "0.50"),
            ("000", "0"),
            ("₹100", "100"),
            ("19,90", "19.90"),
            ("19,9", "19.9"),
            ("19,90 €", "19.90"),
            ("19,90\u{a0}€", "19.90"),
            ("EUR\u{202f}19,90", "19.90"),
            ("-1.299,5", "-1299.5"),
            ("1.234.567,89", "1234567.89"),
            ("007,50", "7.50"),
            ("1,299", "1299"),
            ("1.299", "1.299"),
            ("12.34,50", ""),
            ("1.299.000", ""),
            ("1,299,00", ""),
            ("1.29,00", ""),
            (",50", ""),
            ("19,", ""),
            ("19,900,0", ""),
            ("1.299,00", "1299.00"),
            ("1e3", ""),
            ("(5)", ""),
            ("NaN", ""),
            ("", ""),
            (".5", ""),
            ("5.", ""),
            ("$", ""),
            ("$ ", ""),
            ("$5$", ""),
            ("$5 USD", ""),
            ("$  5", ""),
            ("$-5", ""),
            ("- 5", ""),
            ("1,29", "1.29"),
            ("1234,567", ""),
            (",123", ""),
            ("1,,234", ""),
            ("12 US", ""),
            ("12 EURO", ""),
            ("٣", ""),
            ("1 000", ""),
            ("5.5.5", ""),
            ("--5", ""),
        ] {
            assert_eq!(parse_text(text).unwrap_or_default(), digits, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn every_amount_that_is_read_is_a_json_number(text in "[-+$€ ,.0-9A-Za-z]{0,12}") {
            if let Some(digits) = parse_text(&text) {
                prop_assert!(facebook_conversions::Number::parse(digits).is_some());
            }
        }

        #[test]
        fn grouping_does_not_change_the_number(units in 0u64..u64::MAX, cents in 0u8..100) {
            let plain = format!("{units}.{cents:02}");
            let digits = units.to_string();
            let grouped: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
            prop_assert_eq!(parse_text(&format!("${}.{cents:02}", grouped.join(","))), Some(plain));
        }
    }
}
