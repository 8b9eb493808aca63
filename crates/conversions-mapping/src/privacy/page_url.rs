//! Removes e-mail addresses from the addresses of pages. The rest is sent byte for byte.

use std::borrow::Cow;

use segment_spec::has_any;

use crate::privacy::email::contains_email;

/// Removes e-mail addresses from an http(s) address. Pairs of query and fragment go with their key and separator, user
/// information goes with its `@`, and a segment of the path becomes `-`. Borrowed if there was none.
pub(crate) fn without_emails(url: &str) -> Cow<'_, str> {
    // Without an `@`, written or encoded, there is no e-mail address.
    if !has_any(url.as_bytes(), [b'@', b'%']) || !(url.contains('@') || url.contains("%40")) {
        return Cow::Borrowed(url);
    }
    let (rest, fragment) = split(url, '#');
    let (rest, query) = split(rest, '?');
    let authority_at = rest.find("://").map_or(0, |at| at + 3);
    let (scheme, rest) = rest.split_at(authority_at);
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));

    let mut clean = String::with_capacity(url.len());
    clean.push_str(scheme);
    clean.push_str(match authority.rsplit_once('@') {
        Some((user, host)) if is_personal(user) => host,
        _ => authority,
    });
    push_path(path, &mut clean);
    if let Some(query) = query {
        push_pairs('?', query, &mut clean);
    }
    if let Some(fragment) = fragment {
        if fragment.contains(['=', '&']) {
            push_pairs('#', fragment, &mut clean);
        } else {
            clean.push('#');
            push_path(fragment, &mut clean);
        }
    }
    if clean == url {
        Cow::Borrowed(url)
    } else {
        Cow::Owned(clean)
    }
}

/// Whether a text contains an e-mail address, in clear or encoded as in an address of a page.
pub(crate) fn has_email(text: &str) -> bool {
    contains_email(text) || matches!(without_emails(text), Cow::Owned(_))
}

/// The first value of a key in a query, as it is written.
pub(crate) fn query_value<'a>(query: &'a str, key: &str) -> Option<&'a str> {
    let mut rest = query;
    loop {
        let end = memchr::memchr(b'&', rest.as_bytes());
        let value = rest
            .strip_prefix(key)
            .and_then(|behind| behind.strip_prefix('='));
        if let Some(value) = value {
            return value.get(..end.map_or(value.len(), |end| end - key.len() - 1));
        }
        rest = rest.get(end? + 1..)?;
    }
}

/// The query of an address, without its `?`.
pub(crate) fn query_of(url: &str) -> Option<&str> {
    // Most addresses have none.
    if !has_any(url.as_bytes(), [b'?']) {
        return None;
    }
    split(split(url, '#').0, '?').1
}

fn split(text: &str, separator: char) -> (&str, Option<&str>) {
    text.split_once(separator)
        .map_or((text, None), |(before, after)| (before, Some(after)))
}

fn push_path(path: &str, clean: &mut String) {
    for (index, segment) in path.split('/').enumerate() {
        if index > 0 {
            clean.push('/');
        }
        clean.push_str(if is_personal(segment) { "-" } else { segment });
    }
}

fn push_pairs(mark: char, pairs: &str, clean: &mut String) {
    let (mut separator, mut removed) = (mark, false);
    for pair in pairs.split('&') {
        // Both sides of the pair, and the pair as a whole for what stands without a `=`.
        let personal = match pair.split_once('=') {
            Some((key, value)) => is_personal(key) || is_personal(value),
            None => is_personal(pair),
        };
        if personal {
            removed = true;
            continue;
        }
        clean.push(separator);
        clean.push_str(pair);
        separator = '&';
    }
    // An empty query stays, for the sake of byte-for-byte.
    if separator == mark && !removed {
        clean.push(mark);
    }
}

fn is_personal(piece: &str) -> bool {
    if piece.contains('%') {
        contains_email(&decode(piece))
    } else {
        contains_email(piece)
    }
}

/// Decodes `%xx` once; `+` stays, it is a character of e-mail addresses. What is not UTF-8 is replaced.
fn decode(piece: &str) -> String {
    let bytes = piece.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = |offset: usize| {
            bytes
                .get(at + offset)
                .and_then(|digit| char::from(*digit).to_digit(16))
        };
        if let (b'%', Some(high), Some(low)) = (byte, hex(1), hex(2)) {
            decoded.push(u8::try_from(high * 16 + low).unwrap_or_default());
            at += 3;
        } else {
            decoded.push(byte);
            at += 1;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{query_of, query_value, without_emails};

    #[test]
    fn e_mail_addresses_go_and_everything_else_stays() {
        for (url, clean) in [
            (
                "https://shop.example/?utm=a&email=jane%40example.com&b=%20x",
                "https://shop.example/?utm=a&b=%20x",
            ),
            (
                "https://shop.example/?email=jane@example.com",
                "https://shop.example/",
            ),
            (
                "https://shop.example/?jane@example.com",
                "https://shop.example/",
            ),
            (
                "https://shop.example/?jane@example.com=1&a=2#top",
                "https://shop.example/?a=2#top",
            ),
            (
                "https://shop.example/u/jane%40example.com/orders",
                "https://shop.example/u/-/orders",
            ),
            (
                "https://jane%40example.com:pw@shop.example/a",
                "https://shop.example/a",
            ),
            (
                "https://shop.example/#email=jane@example.com&tab=2",
                "https://shop.example/#tab=2",
            ),
            (
                "https://shop.example/#/u/jane@example.com",
                "https://shop.example/#/u/-",
            ),
            (
                "https://shop.example/#email=jane@example.com",
                "https://shop.example/",
            ),
            (
                "https://shop.example/?a=1&mail=to%3Ajane%40example.com&b",
                "https://shop.example/?a=1&b",
            ),
            (
                "https://shop.example/?e=jos%E9%40example.com",
                "https://shop.example/",
            ),
            (
                "https://shop.example?mail=jane@example.com",
                "https://shop.example",
            ),
        ] {
            assert_eq!(without_emails(url), clean);
        }
    }

    #[test]
    fn addresses_without_email_stay_byte_for_byte() {
        for url in [
            "https://shop.example/@jane/a?b=@c&&d=#",
            "https://user@shop.example/?",
            "https://shop.example/a%2Fb?x=%zz%4",
            "https://shop.example/by%20@john.smith?by=by%20@john.smith",
            "HTTPS://shop.example/?q=5%4040",
        ] {
            assert_eq!(without_emails(url), url);
        }
    }

    #[test]
    fn parts_are_found() {
        assert_eq!(
            query_of("https://a.example/?x=1&fbclid=AbC_-d#y?z"),
            Some("x=1&fbclid=AbC_-d")
        );
        assert_eq!(query_value("x=1&fbclid=AbC_-d", "fbclid"), Some("AbC_-d"));
    }

    proptest! {
        #[test]
        fn query_value_returns_the_first_pair_with_the_key(query in "(k=|kk=|k|a=b|[&=k]){0,6}") {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let expected = pairs.filter(|(key, _)| *key == "k").map(|(_, value)| value).next();
            prop_assert_eq!(query_value(&query, "k"), expected, "{}", query);
        }

        #[test]
        fn a_cleaned_address_contains_no_email(url in "https://[a-z@.:]{0,12}/[a-z@./%40]{0,20}(\\?[a-z@.=&%40]{0,30})?(#[a-z@./=&%40]{0,30})?") {
            let clean = without_emails(&url);
            prop_assert_eq!(without_emails(&clean), clean.as_ref());
        }
    }
}
