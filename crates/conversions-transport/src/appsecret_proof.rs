//! `appsecret_proof`.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// `appsecret_proof`: HMAC-SHA256 of the access token, keyed with the app secret, as 64 lower-case hex digits.
///
/// Apps that [require the app secret](https://developers.facebook.com/docs/graph-api/guides/secure-requests) want it
/// with every call. Tokens made in Events Manager belong to an app of Meta's, which has no secret to give.
///
/// ```
/// use conversions_transport::appsecret_proof;
///
/// let proof = appsecret_proof("secret", "token");
/// assert_eq!(proof, "e941110e3d2bfe82621f0e3e1434730d7305d106c5f68c87165d0b27a4611a4a");
/// ```
#[must_use]
pub fn appsecret_proof(app_secret: &str, access_token: &str) -> String {
    // HMAC takes a key of any length: the error cannot occur, and an empty proof would be refused by Meta.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(app_secret.as_bytes()) else {
        return String::new();
    };
    mac.update(access_token.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::appsecret_proof;

    /// RFC 4231, test case 2, and a key longer than a block (test case 6 has bytes that are no text).
    #[test]
    fn known_answers() {
        assert_eq!(
            appsecret_proof("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            appsecret_proof("secret", "token"),
            "e941110e3d2bfe82621f0e3e1434730d7305d106c5f68c87165d0b27a4611a4a"
        );
        assert_eq!(appsecret_proof(&"k".repeat(200), "").len(), 64);
    }
}
