//! `partner_agent`: the name of the software that sends.

use std::fmt;
use std::str::FromStr;

/// `partner_agent`: names the software that sends, beside `data`. Fewer than 23 characters, at least two letters.
///
/// ```
/// use conversions_transport::PartnerAgent;
///
/// let agent: PartnerAgent = "acme-shop-1.2".parse()?;
/// assert_eq!(agent.as_str(), "acme-shop-1.2");
/// # Ok::<(), conversions_transport::PartnerAgentError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartnerAgent(Box<str>);

/// Why a text is not a partner agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a partner agent has fewer than 23 characters, all of them printable ASCII, and at least two letters"
)]
pub struct PartnerAgentError;

impl PartnerAgent {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `segue-` and the version of this crate.
impl Default for PartnerAgent {
    fn default() -> Self {
        Self(concat!("segue-", env!("CARGO_PKG_VERSION")).into())
    }
}

impl FromStr for PartnerAgent {
    type Err = PartnerAgentError;

    fn from_str(text: &str) -> Result<Self, PartnerAgentError> {
        let printable = text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() || byte == b' ');
        let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
        if printable && text.len() < 23 && letters >= 2 {
            Ok(Self(text.into()))
        } else {
            Err(PartnerAgentError)
        }
    }
}

impl fmt::Display for PartnerAgent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::PartnerAgent;

    #[test]
    fn the_default_is_a_valid_partner_agent() {
        let default = PartnerAgent::default();
        assert_eq!(default.as_str().parse(), Ok(default.clone()));
    }

    #[test]
    fn a_partner_agent_has_2_letters_and_up_to_22_printable_characters() {
        for text in ["", "a1", "123", "a\nb", "äö", "aaaaaaaaaaaaaaaaaaaaaaa"] {
            assert!(text.parse::<PartnerAgent>().is_err(), "{text:?}");
        }
        for text in ["ab", "aaaaaaaaaaaaaaaaaaaaaa", "plugin 2.0"] {
            assert!(text.parse::<PartnerAgent>().is_ok(), "{text:?}");
        }
    }
}
