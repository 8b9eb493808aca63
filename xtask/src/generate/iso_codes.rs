//! The tables of countries and currencies of `facebook-conversions`: what the crate would otherwise need two crates
//! with macros of their own for.

use super::rust_source::{Source, byte_string};

/// `country_code/codes.rs`.
pub(super) fn countries() -> String {
    let mut codes: Vec<(&str, &str)> = rust_iso3166::ALL
        .iter()
        .map(|country| (country.alpha3, country.alpha2))
        .collect();
    codes.sort_unstable();
    let mut source = Source::new("Countries of ISO 3166-1.", "the crate `rust_iso3166`");
    let rows: Vec<String> = codes
        .iter()
        .map(|(alpha_3, alpha_2)| format!("({}, {})", byte_string(alpha_3), byte_string(alpha_2)))
        .collect();
    source.list(
        "Alpha-3 and alpha-2 code, sorted.",
        "const CODES",
        "([u8; 3], [u8; 2])",
        &rows,
    );
    source.into_text()
}

/// `currency/codes.rs`.
pub(super) fn currencies() -> String {
    let letters = || 'A'..='Z';
    let all = letters().flat_map(|first| {
        letters().flat_map(move |second| {
            letters().map(move |third| String::from_iter([first, second, third]))
        })
    });
    let assigned: Vec<String> = all
        .filter(|code| iso_currency::Currency::from_code(code).is_some())
        .map(|code| byte_string(&code))
        .collect();
    let mut source = Source::new("Currencies of ISO 4217.", "the crate `iso_currency`");
    source.list("Codes, sorted.", "const CODES", "[u8; 3]", &assigned);
    source.into_text()
}
