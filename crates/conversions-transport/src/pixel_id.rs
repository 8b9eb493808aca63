//! The id of a pixel.

use std::fmt;
use std::str::FromStr;

/// The id of a pixel, or data set: digits.
///
/// ```
/// use conversions_transport::PixelId;
///
/// let pixel_id: PixelId = "1234567890123456".parse()?;
/// assert_eq!(pixel_id.to_string(), "1234567890123456");
/// # Ok::<(), conversions_transport::PixelIdError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PixelId(Box<str>);

/// Why a text is not a pixel id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a pixel id consists of digits, up to 32")]
pub struct PixelIdError;

impl PixelId {
    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PixelId {
    type Err = PixelIdError;

    fn from_str(text: &str) -> Result<Self, PixelIdError> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        if digits && (1..=32).contains(&text.len()) {
            Ok(Self(text.into()))
        } else {
            Err(PixelIdError)
        }
    }
}

impl fmt::Display for PixelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::PixelId;

    #[test]
    fn a_pixel_id_has_1_to_32_digits() {
        for text in ["", " 1", "12a", "1/../2", "１２", "-1", &"1".repeat(33)] {
            assert!(text.parse::<PixelId>().is_err(), "{text:?}");
        }
        assert!("0".parse::<PixelId>().is_ok());
    }
}
