//! Laws of normalization and hashing, for every key and any text.

use facebook_conversions::CountryCode;
use facebook_conversions::hashed::HashedValue;
use facebook_conversions::normalize::{HashedKey, NormalizeContext};
use proptest::prelude::*;
use proptest::sample::select;

const NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Anything, and what people write into forms.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ \t\u{FEFF}\u{A0}]{0,2}[a-zA-Z0-9ÄßİΣжå山😀.,'@+_/() -]{0,24}[ \n\u{85}]{0,2}",
        "[a-zA-Z0-9._+-]{1,8}@[a-zA-Z0-9-]{1,6}(\\.[a-zA-Z]{1,3}){0,2}",
        "[0-9]{1,4}[-/. ][0-9]{1,2}[-/. ][0-9]{1,4}(T00:00)?|[0-9]{8}",
        "\\+?[0-9 ()-]{5,20}|[A-Z]{1,2}[0-9]{1,2} [0-9][A-Z]{2}|[0-9]{5}(-?[0-9]{4})?",
        "[0-9a-fA-F]{31,33}|[0-9a-fA-F]{63,65}(\\.(BA|ba|[A-Za-z0-9_-]{7,9}))?",
        "[a-zA-Z]{2,3}|(?i)california|new (york|south wales)|germany|united states|e3b0c442",
        Just(NOTHING.to_owned()),
        Just(format!(" {} ", NOTHING.to_uppercase())),
        Just(format!("{NOTHING}.AQQCAQMC")),
    ]
}

fn context() -> impl Strategy<Value = NormalizeContext> {
    (any::<i16>(), any::<bool>()).prop_map(|(year, in_us)| {
        NormalizeContext::in_year(if year % 2 == 0 { 2026 } else { year })
            .in_country(in_us.then_some(CountryCode::US))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn normalizing_twice_is_normalizing_once(
        key in select(HashedKey::ALL), raw in text(), of in context()
    ) {
        if let Some(once) = key.normalize(&raw, &of) {
            prop_assert_ne!(&once, "");
            prop_assert_eq!(key.normalize(&once, &of), Some(once));
        }
    }

    #[test]
    fn outer_blanks_do_not_matter(
        key in select(HashedKey::ALL), raw in text(), of in context(),
        before in "[ \t\r\n\u{A0}\u{FEFF}\u{3000}]{0,3}", after in "[ \t\r\n\u{A0}\u{FEFF}\u{3000}]{0,3}",
    ) {
        prop_assert_eq!(key.normalize(&format!("{before}{raw}{after}"), &of), key.normalize(&raw, &of));
    }

    #[test]
    fn hash_is_that_of_the_normalized_text(
        key in select(HashedKey::ALL), raw in text(), of in context(), left_over in text()
    ) {
        let mut scratch = left_over;
        let hashing = key.hash_with(&raw, &of, &mut scratch);
        let normalized = key.normalize(&raw, &of);
        match (&hashing, &normalized) {
            (Some(hashing), Some(normalized)) if hashing.already_hashed => {
                prop_assert_eq!(hashing.value.as_str(), normalized);
            }
            (Some(hashing), Some(normalized)) => {
                prop_assert_eq!(&Some(hashing.value.clone()), &HashedValue::hash(normalized));
                prop_assert_eq!(hashing.chars, normalized.chars().count());
            }
            _ => prop_assert_eq!(hashing.is_some(), normalized.is_some()),
        }
        prop_assert_eq!(key.hash(&raw, &of), hashing.map(|hashing| hashing.value));
    }

    #[test]
    fn a_hash_is_its_own_hash(key in select(HashedKey::ALL), raw in text(), of in context()) {
        if let Some(hashed) = key.hash(&raw, &of) {
            let again = key.hash_with(hashed.as_str(), &of, &mut String::new()).unwrap();
            // An MD5 has no place in `external_id`, and never comes out of it either.
            prop_assert!(again.already_hashed);
            prop_assert_eq!(again.value, hashed);
        }
    }

    #[test]
    fn hash_of_the_empty_string_is_never_sent(key in select(HashedKey::ALL), raw in text(), of in context()) {
        if let Some(hashed) = key.hash(&raw, &of) {
            let text = hashed.as_str();
            prop_assert!(!text.starts_with(NOTHING) && text != "d41d8cd98f00b204e9800998ecf8427e");
            prop_assert!(matches!(text.len(), 32 | 64 | 67 | 73), "{}", text.len());
        }
    }

    #[test]
    fn debug_shows_no_more_than_eight_digits(raw in "[a-z]{1,20}") {
        let hashed = HashedValue::hash(&raw).unwrap();
        prop_assert_eq!(format!("{hashed:?}").chars().count(), 9);
    }
}
