//! Looking up a plan, and telling numbers with a calling code from national ones.

use super::international::INTERNATIONAL;
use super::plan::Plan;
use super::plans::PLANS;
use crate::country_code::CountryCode;

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
