//! Is this text a hash already?
//!
//! The whole text must be the hash: 63 or 65 digits are not one, nor is a hash inside a sentence.

use super::{HashedValue, MD5_OF_NOTHING, SHA_256_OF_NOTHING};
use crate::suffix::is_suffix;

/// What a text turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Recognised {
    /// No hash: normalize it.
    No,
    /// The hash of the empty string: it cannot be used, and must not be hashed again.
    OfNothing,
    /// A hash: not to be hashed again.
    Hash(HashedValue),
}

/// Tells a hash from a plain value. `trimmed` has no outer blanks; `md5` says whether 32 hex digits count.
#[inline]
pub(crate) fn recognise(trimmed: &str, md5: bool) -> Recognised {
    match trimmed.len() {
        32 if md5 => self::md5(trimmed),
        64 => sha_256(trimmed),
        67 | 73 => suffixed(trimmed),
        _ => Recognised::No,
    }
}

#[cold]
fn md5(text: &str) -> Recognised {
    if !is_hex(text) {
        return Recognised::No;
    }
    let digits = text.to_ascii_lowercase();
    if digits == MD5_OF_NOTHING {
        return Recognised::OfNothing;
    }
    HashedValue::arrived(&digits).map_or(Recognised::No, Recognised::Hash)
}

#[cold]
fn sha_256(text: &str) -> Recognised {
    let mut digest = [0; 32];
    if hex::decode_to_slice(text, &mut digest).is_err() {
        return Recognised::No;
    }
    let value = HashedValue::of_digest(&digest);
    if value.as_str() == SHA_256_OF_NOTHING {
        Recognised::OfNothing
    } else {
        Recognised::Hash(value)
    }
}

/// The parameter builder's own output. Its suffix is case-sensitive, so nothing of it is changed.
#[cold]
fn suffixed(text: &str) -> Recognised {
    match text.split_once('.') {
        Some((digits, suffix)) if digits.len() == 64 && is_hex(digits) && is_suffix(suffix) => {
            if digits.eq_ignore_ascii_case(SHA_256_OF_NOTHING) {
                return Recognised::OfNothing;
            }
            HashedValue::arrived(text).map_or(Recognised::No, Recognised::Hash)
        }
        _ => Recognised::No,
    }
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::{Recognised, recognise};

    const JOHN: &str = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f";

    fn text(of: &str, md5: bool) -> Option<String> {
        match recognise(of, md5) {
            Recognised::Hash(value) => Some(value.as_str().to_owned()),
            Recognised::No | Recognised::OfNothing => None,
        }
    }

    #[test]
    fn sha_256_in_either_case_becomes_lower_case() {
        assert_eq!(text(JOHN, false).as_deref(), Some(JOHN));
        assert_eq!(text(&JOHN.to_uppercase(), false).as_deref(), Some(JOHN));
    }

    #[test]
    fn text_with_63_or_65_digits_is_not_a_hash() {
        assert_eq!(recognise(&JOHN[1..], true), Recognised::No);
        assert_eq!(recognise(&format!("{JOHN}0"), true), Recognised::No);
        assert_eq!(recognise(&JOHN.replace('6', "g"), true), Recognised::No);
    }

    #[test]
    fn a_suffix_keeps_every_byte() {
        for suffix in ["AQ", "Ag", "Aw", "BA", "BQ", "Bg", "AQQCAQMC", "aB-_0129"] {
            let suffixed = format!("{JOHN}.{suffix}");
            assert_eq!(text(&suffixed, false), Some(suffixed));
            let upper = format!("{}.{suffix}", JOHN.to_uppercase());
            assert_eq!(text(&upper, false), Some(upper));
        }
    }

    #[test]
    fn other_suffixes_are_none() {
        for suffix in [
            "aq",
            "ZZ",
            "",
            "AQQCAQM",
            "AQQCAQMCA",
            "AQQC.QMC",
            "AQQCAQM+",
            "AQQCAQMé",
        ] {
            assert_eq!(
                recognise(&format!("{JOHN}.{suffix}"), true),
                Recognised::No,
                "{suffix}"
            );
        }
        assert_eq!(recognise(&format!("{JOHN}-AQQCAQMC"), true), Recognised::No);
        assert_eq!(
            recognise(&format!("{}.AQQCAQMC", &JOHN[..32]), true),
            Recognised::No
        );
    }

    #[test]
    fn md5_counts_where_the_caller_says_so() {
        let md5 = "5D41402ABC4B2A76B9719D911017C592";
        assert_eq!(
            text(md5, true).as_deref(),
            Some("5d41402abc4b2a76b9719d911017c592")
        );
        assert_eq!(recognise(md5, false), Recognised::No);
    }

    #[test]
    fn hash_of_the_empty_string_is_recognised_and_dropped() {
        let nothing = "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855";
        assert_eq!(recognise(nothing, true), Recognised::OfNothing);
        assert_eq!(
            recognise(&format!("{nothing}.AQQCAQMC"), true),
            Recognised::OfNothing
        );
        assert_eq!(
            recognise("d41d8cd98f00b204e9800998ecf8427e", true),
            Recognised::OfNothing
        );
    }
}
