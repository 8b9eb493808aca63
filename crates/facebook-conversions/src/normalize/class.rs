//! Kinds of characters of ASCII, by table: rules ask for several of each byte.

use std::ops::BitOr;

/// A set of kinds of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Classes(u8);

impl Classes {
    pub(super) const NONE: Self = Self(0);
    pub(super) const LOWER: Self = Self(1);
    pub(super) const UPPER: Self = Self(1 << 1);
    pub(super) const DIGIT: Self = Self(1 << 2);
    /// White space, as ECMAScript understands it.
    pub(super) const SPACE: Self = Self(1 << 3);
    pub(super) const PUNCTUATION: Self = Self(1 << 4);
    pub(super) const CONTROL: Self = Self(1 << 5);
    /// Any byte of a character beyond ASCII.
    pub(super) const NOT_ASCII: Self = Self(1 << 6);

    /// All of ASCII but letters and digits.
    pub(super) const NOT_ALPHANUMERIC: Self =
        Self(Self::SPACE.0 | Self::PUNCTUATION.0 | Self::CONTROL.0);

    /// Those that a text has characters of.
    #[inline]
    pub(super) fn of(text: &str) -> Self {
        text.bytes().fold(Self::NONE, |all, byte| all | class(byte))
    }

    #[inline]
    pub(super) const fn are_none_of(self, others: Self) -> bool {
        self.0 & others.0 == 0
    }
}

impl BitOr for Classes {
    type Output = Self;

    #[inline]
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The class of a byte: that of its ASCII character, or [`Classes::NOT_ASCII`].
#[inline]
pub(super) fn class(byte: u8) -> Classes {
    CLASSES
        .get(usize::from(byte))
        .copied()
        .unwrap_or(Classes::NOT_ASCII)
}

const CLASSES: [Classes; 256] = {
    let mut classes = [Classes::NOT_ASCII; 256];
    let mut byte = 0u8;
    while byte.is_ascii() {
        classes[byte as usize] = match byte {
            b'\t'..=b'\r' | b' ' => Classes::SPACE,
            b'a'..=b'z' => Classes::LOWER,
            b'A'..=b'Z' => Classes::UPPER,
            b'0'..=b'9' => Classes::DIGIT,
            _ if byte.is_ascii_punctuation() => Classes::PUNCTUATION,
            _ => Classes::CONTROL,
        };
        byte += 1;
    }
    classes
};

#[cfg(test)]
mod tests {
    use super::super::trim::is_space;
    use super::{Classes, class};

    #[test]
    fn every_byte_is_of_its_class() {
        for byte in u8::MIN..=u8::MAX {
            let is = |classes: Classes| !class(byte).are_none_of(classes);
            assert_eq!(is(Classes::NOT_ASCII), !byte.is_ascii(), "{byte}");
            if byte.is_ascii() {
                assert_eq!(is(Classes::SPACE), is_space(char::from(byte)), "{byte}");
                assert_eq!(is(Classes::LOWER), byte.is_ascii_lowercase(), "{byte}");
                assert_eq!(is(Classes::UPPER), byte.is_ascii_uppercase(), "{byte}");
                assert_eq!(
                    is(Classes::PUNCTUATION),
                    byte.is_ascii_punctuation(),
                    "{byte}"
                );
                assert_eq!(
                    is(Classes::NOT_ALPHANUMERIC),
                    !byte.is_ascii_alphanumeric(),
                    "{byte}"
                );
            }
        }
    }
}
