//! The business SDK's differences. It is the older of the two libraries; its next major version asks the parameter
//! builder instead.

use facebook_conversions::normalize::HashedKey::{
    self, Country, Ct, Db, Em, ExternalId, Fn, Ge, Ln, Ph, St, Zp,
};
use facebook_conversions::normalize::{country, ge, is_email, st, trim};

use super::text::{before_dash, is_blank, is_date, is_hash_of_nothing, is_hex, letters, suffixed};
use super::{Rule, rule};

/// Every key but `external_id`, which the SDK does not hash at all.
const HASHED: &[HashedKey] = &[Em, Ph, Fn, Ln, Db, Ge, Ct, St, Zp, Country];

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    rule(&[ExternalId], "ids in clear", |case| !is_hex(&case.raw, 64) || case.raw.bytes().any(|b| b.is_ascii_uppercase()),
        "User-42",
        "sends ids as they are; Meta's page recommends the hash"),
    rule(&[ExternalId], "hash of nothing", |case| is_hash_of_nothing(&case.raw),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "passes the hash of the empty string on; it identifies nobody, and we never send it"),
    rule(HASHED, "hash of nothing, taken", |case| is_hash_of_nothing(&case.raw),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "passes the hash of the empty string on; it identifies nobody, and we never send it"),
    rule(HASHED, "hash with a suffix", |case| suffixed(&case.raw).is_some_and(|(digits, _)| is_hex(digits, 64)),
        "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f.AQQCAQMC",
        "does not know the parameter builder's output and hashes it again, or refuses it"),
    rule(&[Em], "hyphen at the end of a label", |case| case.raw.contains("-."),
        "user@example-.com",
        "lets a label end in a hyphen; no domain's does"),
    rule(&[Em], "top label", |case| is_email(&case.raw) && !has_plain_top_label(&case.raw),
        "user@example.c",
        "wants a top label that begins with a letter, has another character and no two hyphens in a row"),
    rule(&[Em], "backtick in front", |case| is_email(&case.raw) && trim(&case.raw).starts_with('`'),
        "`a@example.com",
        "refuses a backtick as the first character, though not later"),
    rule(&[Em], "too long", |case| is_email(&case.raw) && is_long_address(&case.raw),
        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz@example.com",
        "refuses more than 254 characters, or 64 before the `@`, or 63 in a label; the builder does not"),
    rule(&[Ph], "characters that stay", |case| trim(&case.raw).to_lowercase().chars().any(|c| !is_dropped_from_phones(c) && !c.is_ascii_digit()),
        "650.555.1212",
        "takes out a list of characters, not all that are no digits; Meta's page says symbols and letters"),
    rule(&[Ph], "leading zeros", |case| digits(&case.raw).starts_with('0'),
        "00016505551212",
        "takes out no more than two zeros, and only where the rest looks international; Meta's page says any"),
    rule(&[Ph], "length", |case| !(7..=16).contains(&digits(&case.raw).len()),
        "12",
        "refuses fewer than 7 and more than 16 digits; we send the number and warn"),
    rule(&[Fn, Ln], "punctuation and blanks inside", |case| trim(&case.raw).chars().any(|c| c.is_ascii_punctuation() || is_blank(c)),
        "Mary-Jane",
        "keeps punctuation and blanks; Meta's page wants no punctuation, and the builder drops both"),
    rule(&[Db], "text verbatim", |case| !is_date(trim(&case.raw), case.year),
        "2/16/1997",
        "hashes any text as it is; Meta's page wants YYYYMMDD"),
    rule(&[Ge], "words", |case| ge(&case.raw).is_some() && !["f", "female", "m", "male"].contains(&&*letters(&case.raw)),
        "Woman",
        "knows four words; the builder knows 75"),
    rule(&[Ge], "letters beside other characters", |case| ge(&case.raw).is_none() && ["f", "female", "m", "male"].contains(&&*letters(&case.raw)),
        "m.",
        "takes out everything but letters before it looks; the builder wants the whole word"),
    rule(&[Ct, St], "nothing left", |case| !trim(&case.raw).is_empty() && trim(&case.raw).chars().all(is_dropped_from_places),
        "(12)",
        "hashes the empty string when nothing is left; we never do"),
    rule(&[Ct, St], "digits", |case| case.raw.contains(|c: char| c.is_ascii_digit()),
        "Paris 75",
        "takes digits out; the builder keeps them in cities, and so do we in both"),
    rule(&[Ct, St], "other characters", |case| trim(&case.raw).chars().any(|c| !c.is_ascii_alphanumeric() && !is_dropped_from_places(c)),
        "L'Aquila",
        "keeps apostrophes, accents and other scripts; Meta's page wants no special characters, and the builder drops them"),
    rule(&[St], "states by name", |case| letters(&case.raw).len() > 2 && st(&letters(&case.raw)).is_some_and(|code| code.len() == 2),
        "California",
        "hashes the name of a state; Meta's page wants its code"),
    rule(&[Zp], "nine digits in the United States", |case| case.in_us && {
            let code: String = before_dash(&case.raw).chars().filter(|c| !is_blank(*c)).collect();
            code.len() == 9 && code.bytes().all(|b| b.is_ascii_digit())
        },
        "94035 1234",
        "keeps nine digits; Meta's page wants the first five in the United States"),
    rule(&[Zp], "one character of two units", |case| {
            let mut chars = before_dash(&case.raw).chars();
            chars.next().is_some_and(|c| c.len_utf16() == 2) && chars.next().is_none()
        },
        "😀",
        "counts UTF-16 units, by which one such character is two"),
    rule(&[Country], "UK", |case| letters(&case.raw) == "uk",
        "UK",
        "refuses `uk`; the code is `gb`"),
    rule(&[Country], "names and alpha-3 codes", |case| country(&case.raw).is_some() && !is_two_letters(trim(&case.raw)),
        "United States",
        "refuses everything but two letters; the builder takes names, and we alpha-3 codes too"),
    rule(&[Country], "letters with ASCII capitals", |case| {
            let capitals = trim(&case.raw).to_uppercase();
            !case.raw.is_ascii() && is_two_letters(&capitals) && country(&capitals).is_some()
        },
        "ß",
        "compares in capitals, in which `ß` is South Sudan, and hashes what it was given"),
];

fn digits(raw: &str) -> String {
    raw.chars().filter(char::is_ascii_digit).collect()
}

fn is_two_letters(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic())
}

/// What the SDK takes out of telephone numbers, once they are in lower case.
fn is_dropped_from_phones(c: char) -> bool {
    c.is_ascii_lowercase() || "-@#<>'\",; ()+".contains(c)
}

/// What the SDK takes out of cities and states.
fn is_dropped_from_places(c: char) -> bool {
    c.is_ascii_digit() || is_blank(c) || ".-()".contains(c)
}

fn has_plain_top_label(raw: &str) -> bool {
    let label = trim(raw).rsplit('.').next().unwrap_or_default();
    label.len() > 1 && label.starts_with(|c: char| c.is_ascii_alphabetic()) && !label.contains("--")
}

fn is_long_address(raw: &str) -> bool {
    let address = trim(raw);
    let (local, domain) = address.split_once('@').unwrap_or((address, ""));
    address.len() > 254 || local.len() > 64 || domain.split('.').any(|label| label.len() > 63)
}
