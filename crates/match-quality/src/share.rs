//! Shares of a total, rounded.

/// `part` of `total` in units of `1/parts`, rounded; 0 of nothing is 0.
#[must_use]
pub fn rounded_parts(part: u64, total: u64, parts: u64) -> u64 {
    if total == 0 {
        return 0;
    }
    let (part, total, parts) = (u128::from(part), u128::from(total), u128::from(parts));
    u64::try_from((part * parts + total / 2) / total).unwrap_or(u64::MAX)
}

/// A share as text, as in `12.5%`. Only everything is 100.0%, and only nothing is 0.0%.
#[must_use]
pub fn percent(part: u64, total: u64) -> String {
    match rounded_parts(part, total, 1000) {
        0 if part > 0 => "<0.1%".to_owned(),
        1000 if part < total => ">99.9%".to_owned(),
        permille => format!("{}.{}%", permille / 10, permille % 10),
    }
}

/// A share from 0 to 1, rounded to millionths; 0 of nothing is 0.
#[must_use]
pub fn share(part: u64, total: u64) -> f64 {
    const PARTS: u32 = 1_000_000;
    let parts = u32::try_from(rounded_parts(part, total, PARTS.into())).unwrap_or(PARTS);
    f64::from(parts) / f64::from(PARTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_everything_is_100_percent_and_only_nothing_is_0() {
        for (part, total, text) in [
            (0, 0, "0.0%"),
            (0, 8, "0.0%"),
            (1, 8, "12.5%"),
            (1, 1_000_000, "<0.1%"),
            (999_999, 1_000_000, ">99.9%"),
            (5, 16, "31.3%"),
            (8, 8, "100.0%"),
        ] {
            assert_eq!(percent(part, total), text);
        }
    }

    #[test]
    fn shares_go_from_0_to_1() {
        assert_eq!(share(1, 3).to_string(), "0.333333");
        assert_eq!((share(0, 0), share(u64::MAX, u64::MAX)), (0.0, 1.0));
    }
}
