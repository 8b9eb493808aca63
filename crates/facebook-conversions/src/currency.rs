//! Currencies by ISO 4217.

mod codes;

use std::fmt;

use self::codes::CODES;
use crate::json::WriteJson;

/// An [ISO 4217](https://www.iso.org/iso-4217-currency-codes.html) code, three upper-case letters.
///
/// ```
/// use facebook_conversions::Currency;
/// assert_eq!(Currency::parse(" eur ").map(|currency| currency.to_string()).as_deref(), Some("EUR"));
/// assert_eq!(Currency::parse("euro"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// US dollar.
    pub const USD: Self = Self(*b"USD");

    /// Reads a code of any case, with or without blanks around it; `None` for one that is not assigned.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let code: [u8; 3] = text.trim().as_bytes().try_into().ok()?;
        let code = code.map(|byte| byte.to_ascii_uppercase());
        let is_assigned = matches!(&code, b"USD" | b"EUR") || CODES.binary_search(&code).is_ok();
        is_assigned.then_some(Self(code))
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl WriteJson for Currency {
    fn write_json(&self, out: &mut String) {
        out.push('"');
        out.push_str(self.as_str());
        out.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::CODES;

    #[test]
    fn codes_are_those_of_iso_4217_in_order() {
        assert!(CODES.is_sorted());
        for code in CODES {
            let code = std::str::from_utf8(&code).unwrap();
            assert!(iso_currency::Currency::from_code(code).is_some(), "{code}");
        }
    }
}
