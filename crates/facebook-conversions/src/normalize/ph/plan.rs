//! How the telephone numbers of a country are built, and where to look that up.

use super::international::INTERNATIONAL;
use super::plans::PLANS;
use crate::country_code::CountryCode;

/// The numbering plan of a country.
pub(super) struct Plan {
    /// ISO 3166 alpha-2, and `XK` for Kosovo.
    pub(super) country: [u8; 2],
    /// The calling code, which international numbers begin with.
    pub(super) calling_code: &'static str,
    /// What stands before national numbers and is left out behind the calling code, longest first. None in countries,
    /// such as Italy and Spain, whose national numbers follow the calling code as they are.
    pub(super) trunk_prefixes: &'static [&'static str],
    /// How many digits national numbers have, without trunk prefix.
    pub(super) lengths: Lengths,
    /// Whether national numbers may begin with a zero that is no trunk prefix and stays behind the calling code.
    pub(super) keeps_zero: bool,
}

/// A set of numbers of digits: bit *n* stands for *n* digits.
#[derive(Clone, Copy)]
pub(super) struct Lengths(u32);

/// Numbers of some lengths whose first digits lie between two texts of the same length, both included. They begin with
/// the calling code of their country, and could be national by their length.
pub(super) struct Span {
    first: &'static str,
    last: &'static str,
    lengths: Lengths,
}

impl Plan {
    /// The plan of a country.
    pub(super) fn of_country(country: CountryCode) -> Option<&'static Self> {
        let at = PLANS
            .binary_search_by(|plan| plan.country.as_slice().cmp(country.as_str().as_bytes()))
            .ok()?;
        PLANS.get(at)
    }

    /// The plan of a country with this calling code. Those that share a calling code share their trunk prefix.
    pub(super) fn of_calling_code(code: &str) -> Option<&'static Self> {
        PLANS.iter().find(|plan| plan.calling_code == code)
    }

    /// Whether the digits are a number with the calling code in front, although their length is that of a national
    /// number.
    pub(super) fn is_international(&self, digits: &str) -> bool {
        if !digits.starts_with(self.calling_code) {
            return false;
        }
        let at = INTERNATIONAL.partition_point(|span| span.is_before(digits));
        INTERNATIONAL
            .get(at)
            .is_some_and(|span| span.contains(digits))
    }
}

impl Lengths {
    pub(super) const fn contains(self, digits: usize) -> bool {
        digits < u32::BITS as usize && self.0 >> digits & 1 == 1
    }
}

impl Span {
    fn is_before(&self, digits: &str) -> bool {
        self.last < digits.get(..self.last.len()).unwrap_or(digits)
    }

    fn contains(&self, digits: &str) -> bool {
        self.lengths.contains(digits.len())
            && digits
                .get(..self.first.len())
                .is_some_and(|start| (self.first..=self.last).contains(&start))
    }
}

/// A row of the generated table of plans.
pub(super) const fn plan(
    country: [u8; 2],
    calling_code: &'static str,
    trunk_prefixes: &'static [&'static str],
    lengths: &[u8],
    keeps_zero: bool,
) -> Plan {
    Plan {
        country,
        calling_code,
        trunk_prefixes,
        lengths: lengths_of(lengths),
        keeps_zero,
    }
}

/// An entry of the generated table of spans.
pub(super) const fn span(first: &'static str, last: &'static str, lengths: &[u8]) -> Span {
    Span {
        first,
        last,
        lengths: lengths_of(lengths),
    }
}

const fn lengths_of(digits: &[u8]) -> Lengths {
    let mut bits = 0;
    let mut rest = digits;
    while let [first, others @ ..] = rest {
        bits |= 1 << *first;
        rest = others;
    }
    Lengths(bits)
}

#[cfg(test)]
mod tests {
    use super::{INTERNATIONAL, PLANS};

    #[test]
    fn plans_are_sorted_by_country() {
        assert!(PLANS.is_sorted_by(|first, second| first.country < second.country));
    }

    #[test]
    fn plans_with_one_calling_code_agree_about_the_trunk_zero() {
        let has_zero = |code: &str, expected: bool| {
            let mut plans = PLANS.iter().filter(|plan| plan.calling_code == code);
            plans.all(|plan| plan.trunk_prefixes.contains(&"0") == expected)
        };
        for plan in &PLANS {
            assert!(
                has_zero(plan.calling_code, plan.trunk_prefixes.contains(&"0")),
                "{}",
                plan.calling_code
            );
        }
    }

    #[test]
    fn spans_are_sorted_and_none_begins_with_another() {
        for span in &INTERNATIONAL {
            assert!(span.first.len() == span.last.len() && span.first <= span.last);
        }
        for pair in INTERNATIONAL.windows(2) {
            assert!(pair[0].is_before(pair[1].first), "{}", pair[1].first);
        }
    }
}
