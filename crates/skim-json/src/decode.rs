//! Text out of strings that have escapes.

/// The text of a JSON string with its quotes; `None` if it holds half of a surrogate pair.
pub(crate) fn decode(json: &str) -> Option<String> {
    let mut rest = json.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::with_capacity(rest.len());
    while let Some(start) = rest.bytes().position(|byte| byte == b'\\') {
        let (plain, escape) = rest.split_at_checked(start)?;
        text.push_str(plain);
        let (character, length) = escaped(escape.as_bytes())?;
        text.push(character);
        rest = escape.get(length..)?;
    }
    text.push_str(rest);
    Some(text)
}

/// The character that the escape at the beginning stands for, and the length of the escape.
fn escaped(escape: &[u8]) -> Option<(char, usize)> {
    let character = match escape.get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return escaped_by_number(escape),
        _ => return None,
    };
    Some((character, 2))
}

fn escaped_by_number(escape: &[u8]) -> Option<(char, usize)> {
    let first = unicode_escape(escape)?;
    if let Some(character) = char::from_u32(first) {
        return Some((character, ESCAPE));
    }
    let second = unicode_escape(escape.get(ESCAPE..)?)?;
    let units = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
    let character = char::decode_utf16(units).next()?.ok()?;
    Some((character, 2 * ESCAPE))
}

/// The length of an escape by number: `\u00e9`.
const ESCAPE: usize = 6;

/// The number of the escape at the beginning.
pub(crate) fn unicode_escape(text: &[u8]) -> Option<u32> {
    let [b'\\', b'u', hex @ ..] = text.first_chunk::<ESCAPE>()? else {
        return None;
    };
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    hex.iter()
        .try_fold(0, |sum, byte| Some(sum << 4 | digit(byte)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::decode;

    proptest! {
        #[test]
        fn string_is_decoded_as_serde_json_decodes_it(
            pieces in proptest::collection::vec(
                "[ -!#-\\[\\]-~é😀]{0,6}|\\\\[\"\\\\/bfnrt]|\\\\u[0-9a-fA-F]{4}|\\\\ud83d\\\\ude0[0-9]", 0..8,
            ),
        ) {
            let json = format!("\"{}\"", pieces.concat());
            prop_assert_eq!(decode(&json), serde_json::from_str::<String>(&json).ok(), "{}", json);
        }
    }

    #[test]
    fn unknown_escapes_and_lone_surrogates_are_none() {
        for json in [
            r#""\""#,
            r#""\x""#,
            r#""\u12""#,
            r#""\ud83d""#,
            r#""\ude00""#,
            r#""\ud83d\u0041""#,
        ] {
            assert_eq!(decode(json), None, "{json}");
        }
    }
}
