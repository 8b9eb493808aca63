//! Countries by ISO 3166-1.

mod codes;
mod names;

use std::fmt;

use arrayvec::ArrayString;

use self::codes::CODES;
use self::names::NAMES;

/// An [ISO 3166-1](https://www.iso.org/iso-3166-country-codes.html) alpha-2 code, two upper-case letters.
///
/// ```
/// use facebook_conversions::CountryCode;
/// assert_eq!(CountryCode::parse("United Kingdom"), CountryCode::parse("gb"));
/// assert_eq!(CountryCode::parse("usa"), Some(CountryCode::US));
/// assert_eq!(CountryCode::parse("zz"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CountryCode([u8; 2]);

/// At least the number of letters of the longest name.
const LONGEST_NAME: usize = 48;

/// Which alpha-2 codes are assigned: one bit for the second letter, in the word of the first.
const ASSIGNED: [u32; 26] = {
    let mut assigned = [0; 26];
    let mut rest = CODES.as_slice();
    while let [(_, [first, second]), others @ ..] = rest {
        assigned[(*first - b'A') as usize] |= 1 << (*second - b'A');
        rest = others;
    }
    assigned
};

impl CountryCode {
    /// The United States.
    pub const US: Self = Self(*b"US");

    /// Reads an alpha-2 code, an alpha-3 code or an English name, as
    /// [`normalize::country`](crate::normalize::country) does. Nothing is allocated.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // Most countries are written as two letters.
        if let [first, second] = text.as_bytes()
            && first.is_ascii_alphabetic()
            && second.is_ascii_alphabetic()
        {
            return Self::from_alpha_2([*first, *second]);
        }
        let letters = letters(text)?;
        match *letters.as_bytes() {
            [first, second] => Self::from_alpha_2([first, second]),
            [first, second, third] => Self::from_alpha_3([first, second, third]),
            _ => Self::from_name(&letters),
        }
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    fn from_alpha_2(letters: [u8; 2]) -> Option<Self> {
        let code = letters.map(|letter| letter.to_ascii_uppercase());
        // Not assigned, and the usual name for the country all the same.
        if code == *b"UK" {
            return Some(Self(*b"GB"));
        }
        let [first, second] = code.map(|letter| letter.wrapping_sub(b'A'));
        let seconds = ASSIGNED.get(usize::from(first))?;
        (seconds >> second & 1 == 1).then_some(Self(code))
    }

    fn from_alpha_3(letters: [u8; 3]) -> Option<Self> {
        let code = letters.map(|letter| letter.to_ascii_uppercase());
        let at = CODES
            .binary_search_by_key(&code, |(alpha_3, _)| *alpha_3)
            .ok()?;
        CODES.get(at).map(|(_, alpha_2)| Self(*alpha_2))
    }

    fn from_name(letters: &str) -> Option<Self> {
        let at = NAMES
            .binary_search_by_key(&letters, |(name, _)| name)
            .ok()?;
        NAMES.get(at).map(|(_, code)| Self(**code))
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The letters `a` to `z` of a text in lower case; `None` if they are too many for a country.
///
/// The text is brought to lower case first, so that `İ` leaves an `i`.
fn letters(text: &str) -> Option<ArrayString<LONGEST_NAME>> {
    let mut letters = ArrayString::new();
    let lower = text.chars().flat_map(char::to_lowercase);
    for letter in lower.filter(char::is_ascii_lowercase) {
        letters.try_push(letter).ok()?;
    }
    Some(letters)
}

#[cfg(test)]
mod tests {
    use super::{CODES, CountryCode, LONGEST_NAME, NAMES};

    #[test]
    fn codes_are_those_of_iso_3166_in_order() {
        assert!(CODES.is_sorted());
        assert_eq!(CODES.len(), rust_iso3166::ALL.len());
        for country in rust_iso3166::ALL {
            for text in [country.alpha2, country.alpha3] {
                let code = CountryCode::parse(text);
                assert_eq!(code.unwrap().as_str(), country.alpha2, "{text}");
            }
        }
    }

    #[test]
    fn every_name_fits_and_its_code_is_assigned() {
        for (name, code) in NAMES {
            assert!(name.len() <= LONGEST_NAME, "{name}");
            assert_eq!(CountryCode::parse(name), CountryCode::from_alpha_2(**code));
        }
    }

    #[test]
    fn letters_that_are_no_country_are_none() {
        for text in [
            "",
            "a",
            "zz",
            "a1",
            "[[",
            "zzz",
            &"a".repeat(LONGEST_NAME + 1),
        ] {
            assert_eq!(CountryCode::parse(text), None, "{text}");
        }
    }
}
