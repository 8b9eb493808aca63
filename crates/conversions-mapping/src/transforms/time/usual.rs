//! Times in the form that nearly all messages have.

use super::calendar::{days_from_civil, days_in_month};

/// The form, with a zero for each digit.
const FORM: [u8; 24] = *b"0000-00-00T00:00:00.000Z";

/// Reads the form that Segment's libraries send, `2026-11-23T14:24:31.396Z`, several times faster than the lenient reader.
pub(super) fn read_usual(text: &[u8]) -> Option<i64> {
    let text: &[u8; 24] = text.try_into().ok()?;
    let [
        y0,
        y1,
        y2,
        y3,
        _,
        o0,
        o1,
        _,
        d0,
        d1,
        _,
        h0,
        h1,
        _,
        m0,
        m1,
        _,
        s0,
        s1,
        _,
        f0,
        f1,
        f2,
        _,
    ] = digits_of_usual(text)?;
    let number = |tens: u8, units: u8| i64::from(tens * 10 + units);
    let (year, month, day) = (
        number(y0, y1) * 100 + number(y2, y3),
        number(o0, o1),
        number(d0, d1),
    );
    let (hour, minute, second) = (number(h0, h1), number(m0, m1), number(s0, s1));
    let is_date = (1..=12).contains(&month) && day >= 1 && day <= days_in_month(year, month);
    // 24:00:00 and leap seconds are left to the lenient reader.
    if !is_date || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let milliseconds = number(f0, f1) * 10 + i64::from(f2);
    let of_day = ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds;
    Some(days_from_civil(year, month, day) * 86_400_000 + of_day)
}

/// The values of the digits of a time in the usual form, each in its place; `None` for a text of another form. Eight
/// bytes are checked at a time.
fn digits_of_usual(text: &[u8; 24]) -> Option<[u8; 24]> {
    /// Added to what differs from the form, these reach the highest bit for more than 9 in the place of a digit, and for
    /// any difference elsewhere.
    const TO_HIGHEST_BIT: [u8; 24] = {
        let mut limits = [0x7f; 24];
        let mut place = 0;
        while place < FORM.len() {
            if FORM[place] == b'0' {
                limits[place] = 0x7f - 9;
            }
            place += 1;
        }
        limits
    };
    const HIGHEST_BITS: u64 = u64::from_ne_bytes([0x80; 8]);
    let mut digits = [0; 24];
    let mut misfits = 0;
    let words = text.as_chunks::<8>().0.iter().zip(FORM.as_chunks::<8>().0);
    let words = words.zip(TO_HIGHEST_BIT.as_chunks::<8>().0);
    for (place, ((word, form), limits)) in digits.as_chunks_mut::<8>().0.iter_mut().zip(words) {
        let difference = u64::from_ne_bytes(*word) ^ u64::from_ne_bytes(*form);
        misfits |= difference | difference.wrapping_add(u64::from_ne_bytes(*limits));
        *place = difference.to_ne_bytes();
    }
    (misfits & HIGHEST_BITS == 0).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::{FORM, digits_of_usual};

    #[test]
    fn a_byte_fits_if_it_is_a_digit_where_digits_are_or_as_in_the_form() {
        for (place, form) in FORM.into_iter().enumerate() {
            for byte in u8::MIN..=u8::MAX {
                let mut text = *b"2026-11-23T14:24:31.396Z";
                text[place] = byte;
                let fits = byte == form || (form == b'0' && byte.is_ascii_digit());
                let digits = digits_of_usual(&text);
                assert_eq!(digits.is_some(), fits, "{byte} at {place}");
                let value = digits.map(|digits| digits[place]);
                assert_eq!(
                    value,
                    fits.then_some(byte - form.min(byte)),
                    "{byte} at {place}"
                );
            }
        }
    }
}
