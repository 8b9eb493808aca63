//! Values without structure, and the blanks between values.

/// The length of the number, `true`, `false` or `null` at the beginning of a text.
#[inline]
pub(crate) fn word(text: &[u8]) -> Option<usize> {
    match text {
        [b't', b'r', b'u', b'e', ..] | [b'n', b'u', b'l', b'l', ..] => Some(4),
        [b'f', b'a', b'l', b's', b'e', ..] => Some(5),
        _ => number(text),
    }
}

#[inline]
fn number(text: &[u8]) -> Option<usize> {
    let mut at = usize::from(text.first() == Some(&b'-'));
    let whole = digits(text, at);
    if whole == 0 || (whole > 1 && text.get(at) == Some(&b'0')) {
        return None;
    }
    at += whole;
    if text.get(at) == Some(&b'.') {
        let decimals = digits(text, at + 1);
        if decimals == 0 {
            return None;
        }
        at += 1 + decimals;
    }
    if let Some(b'e' | b'E') = text.get(at) {
        at += 1;
        if let Some(b'+' | b'-') = text.get(at) {
            at += 1;
        }
        let exponent = digits(text, at);
        if exponent == 0 {
            return None;
        }
        at += exponent;
    }
    Some(at)
}

/// How many digits there are from a place on.
#[inline]
fn digits(text: &[u8], from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// The place of the first byte that is not blank, from a place on.
#[cold]
pub(crate) fn behind_blanks(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| is_blank(**byte)).count()
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn numbers_and_words_end_where_they_end() {
        for text in [
            "0", "-0", "10", "-1.50", "1e400", "0E+0", "1.5e-3", "true", "false", "null",
        ] {
            for behind in ["", ",", " ", "x"] {
                assert_eq!(
                    word(format!("{text}{behind}").as_bytes()),
                    Some(text.len()),
                    "{text}"
                );
            }
        }
        for text in [
            "", "-", "01", "-01", "1.", ".5", "+1", "1e", "1e+", "1.e1", "tru", "True", "nan",
        ] {
            assert_eq!(word(text.as_bytes()), None, "{text}");
        }
    }
}
