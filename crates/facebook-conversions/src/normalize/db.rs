//! `db`: dates of birth.

use std::ops::RangeInclusive;

use super::trim::trim;

/// The first year that Meta's page allows.
const FIRST_YEAR: u32 = 1900;
const MONTHS: RangeInclusive<u32> = 1..=12;
/// The days of any month: Meta's code does not check how many the given month has.
const DAYS: RangeInclusive<u32> = 1..=31;

/// A date of birth: `YYYYMMDD`. `this_year` is the last year that counts.
///
/// Eight digits are taken for that form. Otherwise the first three numbers in the text are a year (the one above 31;
/// the last, if none of the first two is), a month and a day, the month first where both would do. Years of two digits
/// and names of months cannot be used. Meta's page is stricter than its code about the bounds: 1900 to the current
/// year, months 1 to 12, days 1 to 31, for eight digits as well.
///
/// ```
/// use facebook_conversions::normalize::db;
///
/// assert_eq!(db("2/16/1997", 2026).unwrap(), "19970216");
/// assert_eq!(db("16.02.1997", 2026).unwrap(), "19970216");
/// assert_eq!(db("1997-02-16T00:00:00.000Z", 2026).unwrap(), "19970216");
/// for unusable in ["2/16/97", "Feb 16, 1997", "16021997", "1990", "12/31/1899", "1/1/2027"] {
///     assert_eq!(db(unusable, 2026), None);
/// }
/// ```
///
/// <https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters#dob>
#[must_use]
pub fn db(raw: &str, this_year: i16) -> Option<String> {
    apply(trim(raw), this_year, &mut String::new()).map(str::to_owned)
}

pub(super) fn apply<'a>(trimmed: &str, this_year: i16, scratch: &'a mut String) -> Option<&'a str> {
    let mut groups = trimmed
        .split(|c: char| !c.is_ascii_digit())
        .filter(|group| !group.is_empty());
    let (year, month, day) = match (groups.next(), groups.next(), groups.next()) {
        (Some(only), None, None) => year_month_day(only)?,
        (Some(a), Some(b), Some(c)) => ordered(number(a), number(b), number(c)),
        _ => return None,
    };
    let this_year = u32::try_from(this_year).ok()?;
    if !(FIRST_YEAR..=this_year).contains(&year) || !MONTHS.contains(&month) || !DAYS.contains(&day)
    {
        return None;
    }
    scratch.clear();
    let digit = |number: u32| char::from_digit(number % 10, 10).unwrap_or('0');
    scratch.extend([year / 1000, year / 100, year / 10, year].map(digit));
    scratch.extend([month / 10, month, day / 10, day].map(digit));
    Some(scratch)
}

/// Eight digits, as they are sent.
fn year_month_day(digits: &str) -> Option<(u32, u32, u32)> {
    if digits.len() != 8 {
        return None;
    }
    let digits = number(digits);
    Some((digits / 10_000, digits / 100 % 100, digits % 100))
}

/// Which of three numbers is the year, which the month, which the day.
fn ordered(a: u32, b: u32, c: u32) -> (u32, u32, u32) {
    let (year, month, day) = if a > 31 {
        (a, b, c)
    } else if b > 31 {
        (b, c, a)
    } else {
        (c, a, b)
    };
    if month > 12 {
        (year, day, month)
    } else {
        (year, month, day)
    }
}

/// A number too long to be part of a date is as good as the largest there is.
fn number(digits: &str) -> u32 {
    digits.parse().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::db;

    #[test]
    fn any_order_that_can_be_told() {
        for text in [
            "1997-02-16",
            "1997/16/02",
            "16 1997 2",
            "2-1997-16",
            "2/16/1997",
            "16/2/1997",
        ] {
            assert_eq!(db(text, 2026).as_deref(), Some("19970216"), "{text}");
        }
        assert_eq!(db("03/02/1997", 2026).as_deref(), Some("19970302"));
        assert_eq!(db("05/1997/03", 2026).as_deref(), Some("19970305"));
    }

    #[test]
    fn the_bounds_hold_for_both_forms() {
        for (text, ok) in [
            ("19000101", true),
            ("1900-1-1", true),
            ("18991231", false),
            ("1899-12-31", false),
            ("20261231", true),
            ("2026-12-31", true),
            ("20270101", false),
            ("2027-1-1", false),
            ("19971302", false),
            ("19970032", false),
            ("19970131", true),
            ("19970132", false),
            ("1997-01-32", false),
            ("1997-00-01", false),
            ("1997-01-00", false),
            ("13/13/1997", false),
            ("1997-02-31", true),
        ] {
            assert_eq!(db(text, 2026).is_some(), ok, "{text}");
        }
    }

    #[test]
    fn numbers_beyond_any_date_are_none() {
        assert_eq!(db("99999999999999999999", 2026), None);
        assert_eq!(db("1 1 99999999999999999999", 2026), None);
        assert_eq!(db("4294967295", 2026), None);
        assert_eq!(db("019970216", 2026), None);
    }
}
