//! The password, in HTTP Basic.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The password as a digest: comparing digests takes as long whatever is presented.
pub(super) struct Password {
    digest: [u8; 32],
}

impl Password {
    pub(super) fn new(password: &SecretString) -> Self {
        Self {
            digest: digest(password.expose_secret().as_bytes()),
        }
    }

    /// Whether the request has the password; `None` if it has none at all.
    pub(super) fn check(&self, headers: &HeaderMap) -> Option<bool> {
        let presented = presented(headers)?;
        Some(self.digest.ct_eq(&digest(&presented)).into())
    }
}

/// The password of `Authorization`. What is no Basic authentication counts as an empty password.
fn presented(headers: &HeaderMap) -> Option<Vec<u8>> {
    let value = headers.get(header::AUTHORIZATION)?;
    let credentials = value.to_str().ok().and_then(|value| {
        let (scheme, credentials) = value.trim().split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("basic")
            .then(|| STANDARD.decode(credentials.trim()).ok())?
    });
    let credentials = credentials.unwrap_or_default();
    let colon = credentials.iter().position(|byte| *byte == b':');
    Some(colon.map_or_else(Vec::new, |colon| {
        credentials.get(colon + 1..).unwrap_or_default().to_vec()
    }))
}

fn digest(text: &[u8]) -> [u8; 32] {
    Sha256::digest(text).into()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_password_counts_and_the_user_name_does_not() {
        let password = Password::new(&"käse:und brot".into());
        let with = |credentials: &[u8]| format!("Basic {}", STANDARD.encode(credentials));
        for (value, expected) in [
            (with("anyone:käse:und brot".as_bytes()), Some(true)),
            (with(":käse:und brot".as_bytes()), Some(true)),
            (with("käse:und brot".as_bytes()), Some(false)),
            (with(b"anyone:"), Some(false)),
            (with(b""), Some(false)),
            (with(b"\xff\xfe:\xff"), Some(false)),
            ("Basic !!!".to_owned(), Some(false)),
            ("Bearer x".to_owned(), Some(false)),
            ("Basic".to_owned(), Some(false)),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(
                header::AUTHORIZATION,
                HeaderValue::from_str(&value).unwrap(),
            );
            assert_eq!(password.check(&headers), expected, "{value}");
        }
        assert_eq!(password.check(&HeaderMap::new()), None);
    }
}
