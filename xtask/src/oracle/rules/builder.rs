//! The parameter builder's differences.

use facebook_conversions::normalize::HashedKey::{self, Country, Db, Em, ExternalId, St, Zp};
use facebook_conversions::normalize::{country, st, trim};

use super::text::{
    before_dash, has_blank, is_date, is_hash_of_nothing, is_hex, letters, numbers, suffixed,
};
use super::{Rule, rule};

const ANY: &[HashedKey] = &HashedKey::ALL;

/// Names of states that we know and the builder does not.
const OUR_STATES: [&str; 8] = [
    "districtofcolumbia",
    "washingtondc",
    "puertorico",
    "guam",
    "americansamoa",
    "usvirginislands",
    "virginislands",
    "northernmarianaislands",
];

/// Names of countries that we know and the builder does not: ISO 3166-1 short names and some common ones.
const OUR_COUNTRIES: [&str; 22] = [
    "bonairesinteustatiusandsaba",
    "britishvirginislands",
    "caboverde",
    "congodemocraticrepublicofthe",
    "ctedivoire",
    "curaao",
    "czechia",
    "falklandislands",
    "holysee",
    "landislands",
    "macau",
    "netherlandskingdomofthe",
    "northmacedonia",
    "runion",
    "saintbarthlemy",
    "sintmaartendutchpart",
    "thenetherlands",
    "trkiye",
    "turkiye",
    "unitedkingdomofgreatbritainandnorthernireland",
    "usvirginislands",
    "vaticancity",
];

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    rule(ANY, "hash of nothing", |case| is_hash_of_nothing(&case.raw),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "passes the hash of the empty string on; it identifies nobody, and we never send it"),
    rule(ANY, "MD5 with a suffix", |case| suffixed(&case.raw).is_some_and(|(digits, _)| is_hex(digits, 32)),
        "5d41402abc4b2a76b9719d911017c592.AQQCAQMC",
        "passes an MD5 on with a suffix too, which it appends itself; with a suffix we take a SHA-256 only, and normalize everything else"),
    rule(ANY, "suffix of other characters", |case| suffixed(&case.raw).is_some_and(|(digits, suffix)| {
            is_hex(digits, 64) && !suffix.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        }),
        "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f.AQQ CA+C",
        "takes any eight characters for its suffix; we take those that it can consist of"),
    rule(&[ExternalId], "32 hex digits as an id", |case| is_hex(trim(&case.raw), 32),
        "0b1f6e9c2f3d4a5b8c7d6e5f4a3b2c1d",
        "takes an id of 32 hex digits for an MD5 and sends it in clear; it is a UUID without dashes, and we hash it"),
    rule(&[Em], "colon before a dot", |case| case.raw.contains(":."),
        "a:.b@example.com",
        "has `(:?` for `(?:` in its pattern, which lets a colon precede a dot; no address has one"),
    rule(&[Db], "eight digits unchecked", |case| match numbers(&case.raw)[..] {
            [only] => only.len() == 8 && !is_date(only, case.year),
            _ => false,
        },
        "16021997",
        "passes any eight digits on; Meta's page wants a year, a month and a day within bounds"),
    rule(&[Db], "year out of bounds", |case| numbers(&case.raw).iter().take(3).any(|number| {
            number.parse::<i16>().is_ok_and(|year| (1800..1900).contains(&year) || year == case.year + 1)
        }) && numbers(&case.raw).len() >= 3,
        "12/31/1899",
        "takes years from 1800 to the next one; Meta's page says 1900 to the current one"),
    rule(&[St], "lower case first", |case| case.raw.contains(['İ', '\u{212A}']),
        "\u{212A}ansas",
        "puts letters beyond ASCII in lower case before it drops them, which leaves an ASCII letter of these two"),
    rule(&[St], "states by name", |case| OUR_STATES.contains(&&*letters(&case.raw)),
        "District of Columbia",
        "does not know these names and cuts them to two letters; they have codes of their own"),
    rule(&[St], "state inside, or cut to two letters", |case| {
            let letters = letters(&case.raw);
            letters.len() > 2 && st(&letters).is_some_and(|state| state == letters)
        },
        "New South Wales",
        "looks for a state's name inside the text, else keeps two letters, which are another state's; Meta's page asks for the name"),
    rule(&[St], "one letter beside digits", |case| letters(&case.raw).len() == 1 && case.raw.contains(|c: char| c.is_ascii_digit()),
        "B 12",
        "drops digits from a region; only where the letters are a code or a name do we"),
    rule(&[Zp], "blanks inside", |case| has_blank(before_dash(&case.raw)),
        "M1 1AE",
        "keeps blanks inside; Meta's page shows `m11ae`"),
    rule(&[Zp], "nine digits in the United States", |case| case.in_us && before_dash(&case.raw).len() == 9
            && before_dash(&case.raw).bytes().all(|b| b.is_ascii_digit()),
        "940351234",
        "keeps nine digits; Meta's page wants the first five in the United States"),
    rule(&[Zp], "one character of two units", |case| {
            let mut chars = before_dash(&case.raw).chars();
            chars.next().is_some_and(|c| c.len_utf16() == 2) && chars.next().is_none()
        },
        "😀",
        "counts UTF-16 units, by which one such character is two"),
    rule(&[Country], "UK", |case| letters(&case.raw) == "uk",
        "UK",
        "passes `uk` on; the code is `gb`"),
    rule(&[Country], "unassigned code", |case| matches!(letters(&case.raw).len(), 1 | 2) && country(&case.raw).is_none(),
        "zz",
        "passes any one or two letters on; Meta's page wants an ISO 3166-1 code"),
    rule(&[Country], "alpha-3 code", |case| letters(&case.raw).len() == 3 && country(&case.raw).is_some(),
        "AUT",
        "cuts alpha-3 codes to two letters, which are another country's"),
    rule(&[Country], "countries by name", |case| OUR_COUNTRIES.contains(&&*letters(&case.raw)),
        "Cabo Verde",
        "does not know these names, looks for others inside them, else keeps two letters"),
    rule(&[Country], "country inside, or cut to two letters", |case| letters(&case.raw).len() > 2 && country(&case.raw).is_none(),
        "Österreich",
        "looks for a country's name inside the text, else keeps two letters, which are another country's"),
];
