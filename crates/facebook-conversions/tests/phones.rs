//! Telephone numbers of all countries, completed with their calling code.

use facebook_conversions::CountryCode;
use facebook_conversions::normalize::{HashedKey, NormalizeContext};
use proptest::prelude::*;
use proptest::sample::select;

/// Fixed-line and mobile numbers of every country that has a numbering plan.
const EXAMPLES: &str = include_str!("data/phone-numbers.txt");

fn complete(raw: &str, country: Option<&str>) -> Option<String> {
    let context = NormalizeContext::in_year(2026)
        .in_country(country.and_then(CountryCode::parse))
        .completing_phones(None);
    HashedKey::Ph.normalize(raw, &context)
}

struct Example {
    country: &'static str,
    at_home: &'static str,
    abroad: &'static str,
    digits: &'static str,
}

fn examples() -> impl Iterator<Item = Example> {
    let lines = EXAMPLES.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| {
        let mut fields = line.split('|');
        let mut field = || fields.next().unwrap_or_default();
        let (country, _kind) = (field(), field());
        let (at_home, abroad, digits) = (field(), field(), field());
        Example {
            country,
            at_home,
            abroad,
            digits,
        }
    })
}

#[test]
fn numbers_as_written_at_home_get_the_calling_code_of_their_country() {
    assert!(examples().count() > 400);
    for Example {
        country,
        at_home,
        digits,
        ..
    } in examples()
    {
        let completed = complete(at_home, Some(country));
        assert_eq!(completed.as_deref(), Some(digits), "{country} {at_home}");
    }
}

#[test]
fn numbers_with_a_calling_code_keep_it_in_their_country_and_in_others() {
    for Example {
        country,
        abroad,
        digits,
        ..
    } in examples()
    {
        let with_zeros = abroad.replace('+', "00");
        for (raw, country) in [
            (abroad, country),
            (abroad, "US"),
            (&with_zeros, country),
            (digits, country),
        ] {
            let completed = complete(raw, Some(country));
            assert_eq!(completed.as_deref(), Some(digits), "{country} {raw}");
        }
    }
}

#[rustfmt::skip]
const NUMBERS: &[(&str, Option<&str>, &str)] = &[
    // raw                    country      digits
    ("07912 345678",          Some("GB"),  "447912345678"),
    ("7912 345678",           Some("GB"),  "447912345678"),
    ("020 7946 0321",         Some("gb"),  "442079460321"),
    ("020 7946 0321",         None,        "2079460321"),
    ("(415) 555-0142",        Some("US"),  "14155550142"),
    ("1 (415) 555-0142",      Some("US"),  "14155550142"),
    ("1-415-555-0142",        Some("CA"),  "14155550142"),
    ("0341 1234567",          Some("DE"),  "493411234567"),
    ("341 1234567",           Some("DE"),  "493411234567"),
    ("02 1234 5678",          Some("IT"),  "390212345678"),
    ("391 234 5678",          Some("IT"),  "393912345678"),
    ("39 391 234 5678",       Some("IT"),  "393912345678"),
    ("612 34 56 78",          Some("ES"),  "34612345678"),
    ("06 12 34 56 78",        Some("FR"),  "33612345678"),
    ("98765 43210",           Some("IN"),  "919876543210"),
    ("91234 56789",           Some("IN"),  "919123456789"),
    ("91 98765 43210",        Some("IN"),  "919876543210"),
    ("(55) 99999-1234",       Some("BR"),  "5555999991234"),
    ("8 (912) 345-67-89",     Some("RU"),  "79123456789"),
    ("800 555 35 35",         Some("RU"),  "78005553535"),
    ("06 20 123 4567",        Some("HU"),  "36201234567"),
    ("8 029 491-19-11",       Some("BY"),  "375294911911"),
    ("011 15-2345-6789",      Some("AR"),  "5491123456789"),
    ("0221 15-512-3456",      Some("AR"),  "5492215123456"),
    ("02901 15-41-2345",      Some("AR"),  "5492901412345"),
    // A calling code is there.
    ("+44 (0)7912 345678",    None,        "447912345678"),
    ("+44 (0)20 7946 0958",   Some("DE"),  "442079460958"),
    ("+44 (020) 7946 0958",   None,        "442079460958"),
    ("0044 (0)20 7946 0958",  None,        "442079460958"),
    ("44 (0)20 7946 0958",    None,        "442079460958"),
    ("+39 (0)2 1234 5678",    None,        "390212345678"),
    ("+4402079460958",        Some("GB"),  "4402079460958"),
    ("447912345678",          Some("GB"),  "447912345678"),
    ("49251234567",           Some("DE"),  "49251234567"),
    ("\u{202A}+16505551212",  Some("GB"),  "16505551212"),
    ("tel:+16505551212",      Some("GB"),  "16505551212"),
    // No possible number of the country.
    ("12345",                 Some("US"),  "12345"),
    ("555-0142",              Some("US"),  "5550142"),
    ("0612345678",            Some("ES"),  "612345678"),
    ("020 7946 0958 ext 12",  Some("GB"),  "207946095812"),
    ("044 20 7946 0958",      Some("GB"),  "442079460958"),
    ("020 (0) 7946",          None,        "2007946"),
];

#[test]
fn numbers_are_completed_where_the_country_tells_how() {
    for (raw, country, digits) in NUMBERS {
        let completed = complete(raw, *country);
        assert_eq!(completed.as_deref(), Some(*digits), "{raw} {country:?}");
    }
}

#[test]
fn the_country_of_the_person_comes_before_the_default_one() {
    let context = |country: Option<CountryCode>| {
        NormalizeContext::in_year(2026)
            .in_country(country)
            .completing_phones(CountryCode::parse("DE"))
    };
    let number = |context| HashedKey::Ph.normalize("020 7946 0321", &context);
    assert_eq!(
        number(context(CountryCode::parse("GB"))).as_deref(),
        Some("442079460321")
    );
    assert_eq!(number(context(None)).as_deref(), Some("492079460321"));
}

#[test]
fn numbers_without_digits_and_hashes_are_left_alone() {
    assert_eq!(complete("call me", Some("GB")), None);
    assert_eq!(complete("0000", Some("IT")), None);
    let hash = "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176";
    assert_eq!(complete(hash, Some("GB")).as_deref(), Some(hash));
}

proptest! {
    #[test]
    fn any_text_gives_digits_without_leading_zeros(
        raw in "\\PC*|[+]?[0-9 ().-]{0,20}",
        country in select(&["US", "GB", "DE", "IT", "AR", "BY", "ID"]),
    ) {
        let Some(number) = complete(&raw, Some(country)) else { return Ok(()) };
        prop_assert!(number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0'));
    }
}
