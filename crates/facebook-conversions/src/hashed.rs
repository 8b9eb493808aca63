//! Customer information as Meta takes it: the SHA-256 of a normalized value, never the value itself.
//!
//! [`HashedValue`] is the only thing that fits into a hashed field, and there are two ways to one: hashing a
//! normalized value ([`HashedValue::hash`], or [`HashedKey::hash`](crate::normalize::HashedKey::hash), which
//! normalizes first), and recognising a value that arrived hashed ([`HashedValue::recognise`]). A plain
//! string does not convert, so plain customer information in a hashed field does not compile:
//!
//! ```compile_fail
//! # use facebook_conversions::hashed::HashedValue;
//! let em: HashedValue = "john_smith@gmail.com".into();
//! ```
//!
//! ```compile_fail
//! # use facebook_conversions::hashed::HashedValue;
//! let em: HashedValue = String::from("john_smith@gmail.com").try_into().unwrap();
//! ```
//!
//! ```compile_fail
//! # use facebook_conversions::hashed::HashedValue;
//! let em: HashedValue = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f".parse().unwrap();
//! ```
//!
//! ```compile_fail
//! # use facebook_conversions::hashed::HashedValue;
//! let em = HashedValue { text: "john_smith@gmail.com".into() };
//! ```

mod recognise;

use std::fmt;
use std::hash::{Hash, Hasher};

use arrayvec::ArrayString;
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256, block_api::compress256};

pub(crate) use self::recognise::{Recognised, recognise};

/// 64 hex digits, a dot and a suffix of eight characters.
const CAPACITY: usize = 64 + 1 + 8;

/// The hash of the empty string, which identifies no person.
const SHA_256_OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const MD5_OF_NOTHING: &str = "d41d8cd98f00b204e9800998ecf8427e";

/// A value of a hashed field, in one of the forms that Meta accepts:
///
/// - 64 lower-case hex digits, a SHA-256: all that this crate computes;
/// - 64 hex digits, `.` and a suffix, byte for byte as Meta's parameter builder made it;
/// - 32 lower-case hex digits, an MD5 that arrived as one.
///
/// Never the hash of the empty string. The text is stored inline: no heap, and cloning is copying.
///
/// ```
/// use facebook_conversions::hashed::HashedValue;
///
/// let em = HashedValue::hash("john_smith@gmail.com").unwrap();
/// assert_eq!(em.as_str(), "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f");
/// assert_eq!(format!("{em:?}"), "62a14e44…");
/// assert_eq!(HashedValue::hash(""), None);
/// ```
///
/// <https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters>
#[derive(Clone)]
pub struct HashedValue {
    text: ArrayString<CAPACITY>,
}

impl HashedValue {
    /// The SHA-256 of the UTF-8 bytes of a value that is already normalized, in lower-case hex.
    ///
    /// `None` for the empty string: its hash identifies no person, and is the same for every advertiser.
    #[inline]
    #[must_use]
    pub fn hash(normalized: &str) -> Option<Self> {
        if normalized.is_empty() {
            return None;
        }
        Some(Self::of_digest(&sha_256(normalized.as_bytes())))
    }

    /// Takes over a SHA-256 that was computed before: one that a value of this type had told.
    ///
    /// `None` for the hash of the empty string.
    ///
    /// ```
    /// use facebook_conversions::hashed::HashedValue;
    ///
    /// let digest = [7; 32];
    /// assert_eq!(HashedValue::of_sha256(digest).unwrap().as_str(), "07".repeat(32));
    /// ```
    #[inline]
    #[must_use]
    pub fn of_sha256(digest: [u8; 32]) -> Option<Self> {
        // The first four bytes of the hash of nothing: most digests are told apart by these.
        if digest.starts_with(&[0xe3, 0xb0, 0xc4, 0x42])
            && hex_digits(&digest) == *SHA_256_OF_NOTHING.as_bytes()
        {
            return None;
        }
        Some(Self::of_digest(&digest))
    }

    #[inline]
    fn of_digest(digest: &[u8; 32]) -> Self {
        let digits = hex_digits(digest);
        let mut value = Self {
            text: ArrayString::new(),
        };
        // Neither can fail: hex digits are UTF-8, and they fit.
        let digits = std::str::from_utf8(&digits).unwrap_or_default();
        let _: Result<_, _> = value.text.try_push_str(digits);
        value
    }

    /// Takes over a value that is hashed already: a SHA-256 in hex of either case, or one with the parameter
    /// builder's suffix. Outer blanks do not matter.
    ///
    /// `None` for everything else and for the hash of the empty string. An MD5 is recognised only together with its
    /// key, by [`HashedKey::hash`](crate::normalize::HashedKey::hash).
    ///
    /// ```
    /// use facebook_conversions::hashed::HashedValue;
    ///
    /// let upper = "62A14E44F765419D10FEA99367361A727C12365E2520F32218D505ED9AA0F62F";
    /// assert_eq!(HashedValue::recognise(upper), HashedValue::hash("john_smith@gmail.com"));
    ///
    /// let suffixed = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f.AQQCAQMC";
    /// assert_eq!(HashedValue::recognise(suffixed).unwrap().as_str(), suffixed);
    ///
    /// assert_eq!(HashedValue::recognise("john_smith@gmail.com"), None);
    /// ```
    #[must_use]
    pub fn recognise(text: &str) -> Option<Self> {
        match recognise(crate::normalize::trim(text), false) {
            Recognised::Hash(value) => Some(value),
            Recognised::OfNothing | Recognised::No => None,
        }
    }

    /// The text that goes over the wire.
    #[inline]
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// A value that arrived in one of the forms that are not computed here; `text` has been checked to have it.
    fn arrived(text: &str) -> Option<Self> {
        let text = ArrayString::from(text).ok()?;
        Some(Self { text })
    }
}

impl PartialEq for HashedValue {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for HashedValue {}

impl Hash for HashedValue {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

/// A digest in lower-case hex. All digits are computed in the same way, which the compiler does for many at a time; the
/// crate `hex` looks up one after the other.
#[inline]
fn hex_digits(digest: &[u8; 32]) -> [u8; 64] {
    let digit = |value: u8| value + if value < 10 { b'0' } else { b'a' - 10 };
    let mut digits = [0; 64];
    for (pair, byte) in digits.as_chunks_mut().0.iter_mut().zip(digest) {
        *pair = [digit(byte >> 4), digit(byte & 15)];
    }
    digits
}

/// The digest. Most values fit into one block together with the end mark and their length, and need no buffering.
fn sha_256(text: &[u8]) -> [u8; 32] {
    const INITIAL: [u32; 8] = [
        0x6a09_e667,
        0xbb67_ae85,
        0x3c6e_f372,
        0xa54f_f53a,
        0x510e_527f,
        0x9b05_688c,
        0x1f83_d9ab,
        0x5be0_cd19,
    ];
    let mut block = [0; 64];
    let (room, length) = block.split_at_mut(56);
    let (Some((to, [end, ..])), Ok(bytes)) = (
        room.split_at_mut_checked(text.len()),
        u8::try_from(text.len()),
    ) else {
        return Sha256::digest(text).into();
    };
    to.copy_from_slice(text);
    *end = 0x80;
    length.copy_from_slice(&(u64::from(bytes) * 8).to_be_bytes());
    let mut state = INITIAL;
    compress256(&mut state, std::slice::from_ref(&block));
    let mut digest = [0; 32];
    for (to, word) in digest.as_chunks_mut().0.iter_mut().zip(state) {
        *to = word.to_be_bytes();
    }
    digest
}

/// The first eight characters: enough to compare by eye, too few to look up a person.
impl fmt::Debug for HashedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.8}…", self.as_str())
    }
}

impl Serialize for HashedValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::{HashedValue, hex_digits, sha_256};

    #[test]
    fn one_block_or_more_the_digest_is_the_same() {
        let text = [b'x'; 200];
        for length in 0..text.len() {
            let expected: [u8; 32] = Sha256::digest(&text[..length]).into();
            assert_eq!(sha_256(&text[..length]), expected, "{length}");
        }
    }

    #[test]
    fn digits_are_those_of_hex() {
        for byte in u8::MIN..=u8::MAX {
            let digest: [u8; 32] = std::array::from_fn(|at| byte.wrapping_add(at.to_le_bytes()[0]));
            let digits = hex_digits(&digest);
            assert_eq!(std::str::from_utf8(&digits), Ok(&*hex::encode(digest)));
        }
    }

    #[test]
    fn serializes_as_its_text() {
        let m = HashedValue::hash("m").unwrap();
        let json = serde_json::to_string(&[m]).unwrap();
        assert_eq!(
            json,
            r#"["62c66a7a5dd70c3146618063c344e531e6d4b59e379808443ce962b3abd63c5a"]"#
        );
    }

    #[test]
    fn debug_shows_eight_digits_inside_other_types_too() {
        let f = HashedValue::hash("f");
        assert_eq!(format!("{f:?}"), "Some(252f10c8…)");
    }
}
