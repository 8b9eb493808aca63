//! The values on which Meta's own libraries disagree, and what this one does with each: each key at its edges.
//!
//! The event is one of 2026, from the United States.

use facebook_conversions::CountryCode;
use facebook_conversions::hashed::HashedValue;
use facebook_conversions::normalize::HashedKey::{
    self, Country, Ct, Db, Em, ExternalId, Fn, Ge, Ln, Ph, St, Zp,
};
use facebook_conversions::normalize::NormalizeContext;

const CONTEXT: NormalizeContext = NormalizeContext::in_year(2026).in_country(Some(CountryCode::US));

#[rustfmt::skip]
const VALUES: &[(HashedKey, &str, Option<&str>)] = &[
    // key       raw                                  normalized
    (Em,         "\u{FEFF}john_smith@gmail.com",      Some("john_smith@gmail.com")),
    (Em,         "\u{200B}john_smith@gmail.com",      None),
    (Em,         "john_smith@gmail.com\u{85}",        None),
    (Em,         "john smith@gmail.com",              None),
    (Em,         "user@localhost",                    None),
    (Em,         "not-an-email",                      None),
    (Em,         "a..b@example.com",                  None),
    (Em,         ".a@example.com",                    None),
    (Em,         "a:.b@example.com",                  None),
    (Em,         "user@-example.com",                 None),
    (Em,         "josé@example.com",                  None),
    (Em,         "user@bücher.example",               None),
    (Em,         "İSTANBUL@EXAMPLE.COM",              None),
    (Em,         "mailto:john_smith@gmail.com",       None),
    (Em,         "john_smith@gmail.com, x@y.com",     None),
    (Em,         "5d41402abc4b2a76b9719d911017c592",  Some("5d41402abc4b2a76b9719d911017c592")),
    (Ph,         "001 650.555.1212",                  Some("16505551212")),
    (Ph,         "0001 650 555 1212",                 Some("16505551212")),
    (Ph,         "0044 20 7946 0958",                 Some("442079460958")),
    (Ph,         "020 7946 0958",                     Some("2079460958")),
    (Ph,         "+1-650-555-1212 x123",              Some("16505551212123")),
    (Ph,         "tel:+16505551212",                  Some("16505551212")),
    (Ph,         "1\u{A0}650‑555‑1212",               Some("16505551212")),
    (Ph,         "١٦٥٠٥٥٥١٢١٢",                       None),
    (Ph,         "\u{202A}+16505551212\u{202C}",      Some("16505551212")),
    (Ph,         "16505551212",                       Some("16505551212")),
    (Ph,         "0000",                              None),
    (Ph,         "12",                                Some("12")),
    (Fn,         "  Mary-Jane  ",                     Some("maryjane")),
    (Fn,         "Mary Jane",                         Some("maryjane")),
    (Fn,         "Dr. Mary J.",                       Some("drmaryj")),
    (Fn,         "Mary 😀",                            Some("mary😀")),
    (Fn,         "!!!",                               None),
    (Fn,         "   ",                               None),
    (Ln,         "O'Brien",                           Some("obrien")),
    (Ln,         "van der Berg",                      Some("vanderberg")),
    (Ln,         "MÜLLER-LÜDENSCHEIDT",               Some("müllerlüdenscheidt")),
    (Ln,         "Smith, Jr.",                        Some("smithjr")),
    (Ln,         "jean\u{3000}luc",                   Some("jeanluc")),
    (Ln,         "5D41402ABC4B2A76B9719D911017C592",  Some("5d41402abc4b2a76b9719d911017c592")),
    (Db,         "2/16/1997",                         Some("19970216")),
    (Db,         "1997-02-16",                        Some("19970216")),
    (Db,         "1997-02-16T00:00:00.000Z",          Some("19970216")),
    (Db,         "16.02.1997",                        Some("19970216")),
    (Db,         "02-16-1997",                        Some("19970216")),
    (Db,         "03/02/1997",                        Some("19970302")),
    (Db,         "1997/16/02",                        Some("19970216")),
    (Db,         "2/16/97",                           None),
    (Db,         "Feb 16, 1997",                      None),
    (Db,         "16021997",                          None),
    (Db,         "19971302",                          None),
    (Db,         "18991231",                          None),
    (Db,         "12/31/1899",                        None),
    (Db,         "1997-02-31",                        Some("19970231")),
    (Db,         "19970216",                          Some("19970216")),
    (Db,         "1990",                              None),
    (Db,         "  ",                                None),
    (Ge,         "Female",                            Some("f")),
    (Ge,         "MALE",                              Some("m")),
    (Ge,         "Woman",                             Some("f")),
    (Ge,         "non-binary",                        None),
    (Ge,         "unknown",                           None),
    (Ct,         "São Paulo",                         Some("sopaulo")),
    (Ct,         "Zürich",                            Some("zrich")),
    (Ct,         "St. Louis",                         Some("stlouis")),
    (Ct,         "L'Aquila",                          Some("laquila")),
    (Ct,         "Winston-Salem",                     Some("winstonsalem")),
    (Ct,         "29 Palms",                          None),
    (Ct,         "Paris 75",                          Some("paris75")),
    (Ct,         "北京",                                None),
    (Ct,         "Москва",                            None),
    (Ct,         "   ",                               None),
    (St,         " California ",                      Some("ca")),
    (St,         "New York",                          Some("ny")),
    (St,         "N.Y.",                              Some("ny")),
    (St,         "Texas",                             Some("tx")),
    (St,         "Ontario",                           Some("on")),
    (St,         "West Virginia",                     Some("wv")),
    (St,         "District of Columbia",              Some("dc")),
    (St,         "Washington DC",                     Some("dc")),
    (St,         "Bavaria",                           Some("bavaria")),
    (St,         "New South Wales",                   Some("newsouthwales")),
    (St,         "Baden-Württemberg",                 Some("badenwrttemberg")),
    (St,         "Île-de-France",                     Some("ledefrance")),
    (St,         "US-CA",                             Some("usca")),
    (Zp,         "94035-1234",                        Some("94035")),
    (Zp,         "940351234",                         Some("94035")),
    (Zp,         "94035 1234",                        Some("94035")),
    (Zp,         "M1 1AE",                            Some("m11ae")),
    (Zp,         " sw1a 1aa ",                        Some("sw1a1aa")),
    (Zp,         "K1A 0B1",                           Some("k1a0b1")),
    (Zp,         "01310-100",                         Some("01310")),
    (Zp,         "00-950",                            Some("00")),
    (Zp,         "123-4567",                          Some("123")),
    (Zp,         "94035",                             Some("94035")),
    (Zp,         "2134",                              Some("2134")),
    (Zp,         "9",                                 None),
    (Zp,         "-1234",                             None),
    (Country,    "United States",                     Some("us")),
    (Country,    "U.S.A.",                            Some("us")),
    (Country,    "GBR",                               Some("gb")),
    (Country,    "POL",                               Some("pl")),
    (Country,    "AUT",                               Some("at")),
    (Country,    "PRT",                               Some("pt")),
    (Country,    "UK",                                Some("gb")),
    (Country,    "Republic of Korea",                 None),
    (Country,    "Österreich",                        None),
    (Country,    "Germany",                           Some("de")),
    (Country,    "Northern Ireland",                  None),
    (Country,    "zz",                                None),
    (Country,    "日本",                                None),
    (ExternalId, "User-42",                           Some("user-42")),
    (ExternalId, " aBc 123 ",                         Some("abc123")),
    (ExternalId, "97980cfea0067",                     Some("97980cfea0067")),
    (ExternalId, "0b1f6e9c2f3d4a5b8c7d6e5f4a3b2c1d",  Some("0b1f6e9c2f3d4a5b8c7d6e5f4a3b2c1d")),
    (ExternalId, "0B1F6E9C-2F3D-4A5B-8C7D-6E5F4A3B2C1D", Some("0b1f6e9c-2f3d-4a5b-8c7d-6e5f4a3b2c1d")),
    (ExternalId, "12345",                             Some("12345")),
    (ExternalId, "ユーザー1",                             Some("ユーザー1")),
    (ExternalId, "",                                  None),
    (Ct,         "🗼 Paris",                           Some("paris")),
    (Ct,         "\u{200F}London\u{200F}",            Some("london")),
    (Ct,         "دبي",                               None),
    (ExternalId, "id-😀",                              Some("id-😀")),
    (ExternalId, "anon+user@Example.com",             Some("anon+user@example.com")),
    (Country,    "+us+",                              Some("us")),
    (St,         "México",                            Some("mxico")),
    (Ph,         "+1+650+555+1212",                   Some("16505551212")),
];

const JOHN: &str = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f";

#[test]
fn every_value_has_its_normalized_form() {
    let wrong: Vec<String> = VALUES
        .iter()
        .filter_map(|(key, raw, expected)| {
            let normalized = key.normalize(raw, &CONTEXT);
            (normalized.as_deref() != *expected)
                .then(|| format!("{key} {raw:?}: {normalized:?}, not {expected:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_form_is_what_is_hashed() {
    for (key, raw, expected) in VALUES {
        let hashed = key.hash_with(raw, &CONTEXT, &mut String::new());
        match hashed {
            Some(hashing) if hashing.already_hashed => {
                assert_eq!(Some(hashing.value.as_str()), *expected, "{key} {raw:?}");
            }
            Some(hashing) => {
                let expected = expected.unwrap();
                assert_eq!(
                    Some(hashing.value),
                    HashedValue::hash(expected),
                    "{key} {raw:?}"
                );
                assert_eq!(hashing.chars, expected.chars().count(), "{key} {raw:?}");
            }
            None => assert_eq!(*expected, None, "{key} {raw:?}"),
        }
    }
}

#[test]
fn a_sha_256_is_taken_by_every_key() {
    for key in HashedKey::ALL.iter().copied() {
        for (raw, expected) in [
            (JOHN.to_owned(), Some(JOHN.to_owned())),
            (JOHN.to_uppercase(), Some(JOHN.to_owned())),
            (format!("\u{FEFF} {JOHN}\n"), Some(JOHN.to_owned())),
            (format!("{JOHN}.AQQCAQMC"), Some(format!("{JOHN}.AQQCAQMC"))),
            (format!("{JOHN}.BA"), Some(format!("{JOHN}.BA"))),
        ] {
            assert_eq!(key.normalize(&raw, &CONTEXT), expected, "{key} {raw:?}");
        }
    }
    assert_eq!(Em.normalize(&format!("{JOHN}.ZZ"), &CONTEXT), None);
}

#[test]
fn an_md5_is_taken_by_every_key_but_external_id() {
    let md5 = "5D41402ABC4B2A76B9719D911017C592";
    for key in HashedKey::ALL.iter().copied() {
        let hashing = key.hash_with(md5, &CONTEXT, &mut String::new()).unwrap();
        assert_eq!(hashing.already_hashed, key != ExternalId, "{key}");
        let sent = if key == ExternalId {
            HashedValue::hash(&md5.to_lowercase())
                .unwrap()
                .as_str()
                .to_owned()
        } else {
            md5.to_lowercase()
        };
        assert_eq!(hashing.value.as_str(), sent, "{key}");
    }
}
