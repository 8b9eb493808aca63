//! Access token and app secret: types that cannot be printed.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// The access token of a system user, sent in the `Authorization` header.
///
/// It has no `Display`, its `Debug` does not show it, and its memory is wiped when it is dropped.
///
/// ```
/// use conversions_transport::AccessToken;
///
/// let token = AccessToken::parse("EAABsbCS1iHgBO\n")?;
/// assert_eq!(format!("{token:?}"), "AccessToken([redacted])");
/// assert_eq!(token.expose_secret(), "EAABsbCS1iHgBO");
/// # Ok::<(), conversions_transport::CredentialError>(())
/// ```
///
/// ```compile_fail,E0277
/// use conversions_transport::AccessToken;
///
/// fn print(token: &AccessToken) {
///     println!("{token}");
/// }
/// ```
#[derive(Clone)]
pub struct AccessToken(SecretString);

/// The secret of the app that made the access token; with it every request carries an `appsecret_proof`.
///
/// Only for apps that require it. The secret itself is never sent. It is protected like an [`AccessToken`].
#[derive(Clone)]
pub struct AppSecret(SecretString);

/// Why a text is not an access token or app secret. The error does not show the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// Empty, or nothing but blanks.
    #[error("it is empty")]
    Empty,
    /// A character that tokens and secrets never have.
    #[error("its character {position} is a blank, a control character or not ASCII: copy it again")]
    Character {
        /// Where it stands, counted from 1, after blanks at the start.
        position: usize,
    },
}

impl AccessToken {
    /// Reads a token. Blanks around it, such as the line end of a file, are dropped.
    ///
    /// # Errors
    ///
    /// When the text is empty or has a character that a header cannot have.
    pub fn parse(text: &str) -> Result<Self, CredentialError> {
        visible_ascii(text).map(Self)
    }

    /// The token itself. The caller must not let it be printed or logged.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }
}

impl AppSecret {
    /// Reads a secret. Blanks around it, such as the line end of a file, are dropped.
    ///
    /// # Errors
    ///
    /// When the text is empty or has a character that an app secret never has.
    pub fn parse(text: &str) -> Result<Self, CredentialError> {
        visible_ascii(text).map(Self)
    }

    /// The secret itself. The caller must not let it be printed or logged.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken([redacted])")
    }
}

impl fmt::Debug for AppSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppSecret([redacted])")
    }
}

fn visible_ascii(text: &str) -> Result<SecretString, CredentialError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(CredentialError::Empty);
    }
    match text.chars().position(|c| !c.is_ascii_graphic()) {
        Some(index) => Err(CredentialError::Character {
            position: index + 1,
        }),
        None => Ok(SecretString::from(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::{AccessToken, AppSecret, CredentialError};

    #[test]
    fn a_token_has_only_characters_that_a_header_can_have() {
        assert_eq!(
            AccessToken::parse(" \n").err(),
            Some(CredentialError::Empty)
        );
        for (text, position) in [
            ("EA AB", 3),
            ("EAAB\r\nx: y", 5),
            ("EAÄB", 3),
            ("\u{feff}EAAB", 1),
            ("E\u{0}", 2),
        ] {
            assert_eq!(
                AccessToken::parse(text).err(),
                Some(CredentialError::Character { position }),
                "{text:?}"
            );
        }
        assert_eq!(
            AccessToken::parse("\t123|a-B_c=\r\n")
                .unwrap()
                .expose_secret(),
            "123|a-B_c="
        );
    }

    #[test]
    fn errors_do_not_show_the_text() {
        let error = AccessToken::parse("secret token").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("secret"));
    }

    #[test]
    fn debug_shows_nothing() {
        let secret = AppSecret::parse("0123abcd").unwrap();
        assert!(!format!("{secret:?} {secret:#?}").contains("0123"));
    }
}
