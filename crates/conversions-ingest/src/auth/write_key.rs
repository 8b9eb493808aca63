//! The write key in the `Authorization` header.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Old clients leave out the padding.
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Decodes base64 of either alphabet, with or without padding.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD
        .decode(text)
        .or_else(|_| URL_SAFE.decode(text))
        .ok()
}

/// The write key of `Authorization`: the user name of Basic, whose password is empty and whose colon may be missing, or
/// the token of Bearer.
pub(crate) fn write_key(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credentials) = value.trim().split_once(' ')?;
    let credentials = credentials.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(credentials.to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(decode_base64(credentials)?).ok()?;
    let key = text.split_once(':').map_or(text.as_str(), |(key, _)| key);
    Some(key.to_owned())
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::write_key;

    #[test]
    fn the_key_is_read_from_basic_and_bearer() {
        for (value, key) in [
            ("Basic V0tfVEVTVDo=", Some("WK_TEST")),
            ("basic  V0tfVEVTVDo", Some("WK_TEST")),
            ("Basic V0tfVEVTVA==", Some("WK_TEST")),
            ("Basic V0tfVEVTVDpwYXNz", Some("WK_TEST")),
            ("Basic Pz8_Og==", Some("???")),
            ("Bearer WK_TEST", Some("WK_TEST")),
            ("Basic !!!", None),
            ("Basic", None),
            ("Digest V0tfVEVTVDo=", None),
            ("Basic /////w==", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, HeaderValue::from_static(value));
            assert_eq!(write_key(&headers).as_deref(), key, "{value}");
        }
    }
}
