//! `ge`: gender.

use super::lower::lower;
use super::trim::trim;

/// Meta's words for `m`, in alphabetical order.
#[rustfmt::skip]
const MALE: [&str; 37] = [
    "bloke", "boy", "boyfriend", "brother", "chap", "count", "dad", "daddy", "dude", "duke", "emperor", "father",
    "fellow", "gentleman", "god", "groom", "guy", "he", "him", "himself", "his", "husband", "king", "lad", "lord", "m",
    "male", "man", "mister", "mr", "nephew", "papa", "prince", "sir", "son", "uncle", "widower",
];

/// Meta's words for `f`, in alphabetical order.
#[rustfmt::skip]
const FEMALE: [&str; 38] = [
    "aunt", "belle", "bride", "chick", "countess", "dame", "daughter", "duchess", "empress", "f", "female", "gal",
    "girl", "girlfriend", "goddess", "her", "hers", "herself", "lady", "lass", "ma'am", "madam", "maiden", "mama",
    "miss", "mom", "mommy", "mother", "mrs", "ms", "niece", "princess", "queen", "she", "sister", "widow", "wife",
    "woman",
];

/// A gender: `f` or `m`, from one of the words that Meta's code knows. Other words cannot be used.
///
/// ```
/// use facebook_conversions::normalize::ge;
///
/// assert_eq!(ge("Female").unwrap(), "f");
/// assert_eq!(ge(" M ").unwrap(), "m");
/// assert_eq!(ge("non-binary"), None);
/// ```
///
/// <https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters#gender>
#[must_use]
pub fn ge(raw: &str) -> Option<String> {
    apply(trim(raw), &mut String::new()).map(str::to_owned)
}

pub(super) fn apply<'a>(trimmed: &'a str, scratch: &'a mut String) -> Option<&'a str> {
    let word = lower(trimmed, scratch);
    if MALE.binary_search(&word).is_ok() {
        Some("m")
    } else if FEMALE.binary_search(&word).is_ok() {
        Some("f")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{FEMALE, MALE, ge};

    #[test]
    fn every_word_is_found_in_capitals_too() {
        for (words, letter) in [(&MALE[..], "m"), (&FEMALE[..], "f")] {
            assert!(
                words.is_sorted_by(|a, b| a < b),
                "binary search needs order"
            );
            for word in words {
                assert_eq!(ge(&word.to_uppercase()).as_deref(), Some(letter), "{word}");
            }
        }
    }

    #[test]
    fn a_word_must_be_the_whole_text() {
        for text in ["", "males", "fe male", "m.", "mann", "x"] {
            assert_eq!(ge(text), None, "{text}");
        }
    }
}
