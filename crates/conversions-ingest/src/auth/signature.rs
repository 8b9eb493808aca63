//! How Segment's webhook proves its identity: a signature, and a secret in a header.

use axum::http::HeaderMap;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::ExposeSecret;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use crate::source::{SharedSecret, Webhook};

const X_SIGNATURE: &str = "x-signature";

/// Whether a request has a signature at all.
pub(crate) fn is_present(headers: &HeaderMap) -> bool {
    headers.contains_key(X_SIGNATURE)
}

/// Whether a request is signed with the secret and has the shared one. `signed` is what Segment signs: the body, or of
/// a list its first message. Takes the same time whether both, one or none is right.
pub(crate) fn is_authentic(webhook: &Webhook, headers: &HeaderMap, signed: &[u8]) -> bool {
    let signature = headers
        .get(X_SIGNATURE)
        .and_then(|value| hex::decode(value.as_bytes().trim_ascii()).ok())
        .unwrap_or_default();
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(webhook.secret.expose_secret().as_bytes())
    else {
        return false;
    };
    mac.update(signed);
    let is_signed = Choice::from(u8::from(mac.verify_slice(&signature).is_ok()));
    let has_secret = webhook
        .shared_secret
        .as_ref()
        .map_or(Choice::from(1), |shared| {
            matches_shared_secret(shared, headers)
        });
    (is_signed & has_secret).into()
}

fn matches_shared_secret(shared: &SharedSecret, headers: &HeaderMap) -> Choice {
    let presented = headers
        .get(&shared.header)
        .map_or(&b""[..], |value| value.as_bytes());
    // Comparing digests does not reveal the length of the secret.
    let presented = Sha256::digest(presented);
    let expected = Sha256::digest(shared.value.expose_secret().as_bytes());
    presented.as_slice().ct_eq(expected.as_slice())
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    use super::is_authentic;
    use crate::source::Webhook;

    /// HMAC-SHA1 of `{"type":"track"}` with the key `s3cret`, made with `openssl dgst -sha1 -hmac`.
    const SIGNATURE: &str = "dcd564fde939d5ea54546f251e3465142f6433dc";

    fn is_accepted(webhook: &Webhook, list: &[(&'static str, &str)], signed: &str) -> bool {
        let headers: HeaderMap = list
            .iter()
            .map(|(name, value)| {
                let value = HeaderValue::from_str(value).expect("a value");
                (HeaderName::from_static(name), value)
            })
            .collect();
        is_authentic(webhook, &headers, signed.as_bytes())
    }

    #[test]
    fn only_the_right_signature_over_the_right_bytes_is_accepted() {
        let webhook = Webhook::new("s3cret");
        let body = r#"{"type":"track"}"#;
        assert!(is_accepted(&webhook, &[("x-signature", SIGNATURE)], body));
        assert!(is_accepted(
            &webhook,
            &[("x-signature", &SIGNATURE.to_uppercase())],
            body
        ));
        assert!(!is_accepted(
            &webhook,
            &[("x-signature", SIGNATURE)],
            r#"{"type": "track"}"#
        ));
        assert!(!is_accepted(
            &Webhook::new("other"),
            &[("x-signature", SIGNATURE)],
            body
        ));
        for wrong in ["", "zz", &SIGNATURE[..38], &SIGNATURE.replace('a', "b")] {
            assert!(
                !is_accepted(&webhook, &[("x-signature", wrong)], body),
                "{wrong}"
            );
        }
        assert!(!is_accepted(&webhook, &[], body));
    }

    #[test]
    fn a_shared_secret_is_needed_besides_the_signature() {
        let webhook = Webhook::new("s3cret").with_shared_secret("X-Segue-Secret", "hush");
        let body = r#"{"type":"track"}"#;
        let signed = ("x-signature", SIGNATURE);
        assert!(is_accepted(
            &webhook,
            &[signed, ("x-segue-secret", "hush")],
            body
        ));
        assert!(!is_accepted(
            &webhook,
            &[signed, ("x-segue-secret", "hus")],
            body
        ));
        assert!(!is_accepted(&webhook, &[signed], body));
        assert!(!is_accepted(&webhook, &[("x-segue-secret", "hush")], body));
    }
}
