//! Decides which standard event of Meta a Segment event becomes.

use std::collections::{BTreeSet, HashMap};

use facebook_conversions::StandardEvent;
use segment_spec::ecommerce::{self, fold};

use crate::settings::{Settings, SettingsError};

/// "Default Mappings to Facebook Standard Events": the e-commerce events that need no setting.
#[rustfmt::skip]
pub const DEFAULT_EVENTS: &[(&str, StandardEvent)] = &[
    (ecommerce::CHECKOUT_STARTED,    StandardEvent::InitiateCheckout),
    (ecommerce::ORDER_COMPLETED,     StandardEvent::Purchase),
    (ecommerce::PRODUCT_ADDED,       StandardEvent::AddToCart),
    (ecommerce::PRODUCT_LIST_VIEWED, StandardEvent::ViewContent),
    (ecommerce::PRODUCT_VIEWED,      StandardEvent::ViewContent),
    (ecommerce::PRODUCTS_SEARCHED,   StandardEvent::Search),
];

/// What the setting `extended_standard_events` adds.
#[rustfmt::skip]
pub const EXTENDED_EVENTS: &[(&str, StandardEvent)] = &[
    (ecommerce::PAYMENT_INFO_ENTERED,      StandardEvent::AddPaymentInfo),
    (ecommerce::PRODUCT_ADDED_TO_WISHLIST, StandardEvent::AddToWishlist),
];

/// The Segment events that some rules apply to, whichever standard event they become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProductEvent {
    Viewed,
    Added,
    Searched,
    ListViewed,
}

const PRODUCT_EVENTS: [&str; 4] = [
    ecommerce::PRODUCT_VIEWED,
    ecommerce::PRODUCT_ADDED,
    ecommerce::PRODUCTS_SEARCHED,
    ecommerce::PRODUCT_LIST_VIEWED,
];

/// The event names of one destination: those of its settings and those of the default table.
#[derive(Debug)]
pub(crate) struct EventNames {
    exact: HashMap<String, StandardEvent>,
    folded: Option<HashMap<String, StandardEvent>>,
    /// The answers for the names in `exact` and [`PRODUCT_EVENTS`], sorted by name. Most events are found here.
    known: Vec<(String, Found)>,
    /// Tells most custom names from all names that have an answer, without a lookup.
    prefilter: NamePrefilter,
}

/// Up to this many names are compared one by one; with more, binary search is faster.
const LINEAR_SEARCH_MAX: usize = 16;

type Found = (Option<StandardEvent>, Option<ProductEvent>);

impl EventNames {
    pub(crate) fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let extended = if settings.extended_standard_events {
            EXTENDED_EVENTS
        } else {
            &[]
        };
        let table = || {
            DEFAULT_EVENTS
                .iter()
                .chain(extended)
                .map(|(name, event)| ((*name).to_owned(), *event))
        };
        // Later entries replace earlier ones: the setting beats the table.
        let exact = table().chain(settings.standard_events.clone()).collect();
        let folded = if settings.fold_event_names {
            let mut folded: HashMap<_, _> = table()
                .map(|(name, event)| (fold(&name).into_owned(), event))
                .collect();
            folded.extend(fold_setting(settings)?);
            Some(folded)
        } else {
            None
        };
        let mut names = Self {
            exact,
            folded,
            known: Vec::new(),
            prefilter: NamePrefilter::default(),
        };
        let all = names.exact.keys().map(String::as_str).chain(PRODUCT_EVENTS);
        let all: BTreeSet<&str> = all.collect();
        let found = |name: &str| (names.standard_event(name), names.product_event(name));
        names.known = all
            .into_iter()
            .map(|name| (name.to_owned(), found(name)))
            .collect();
        let exact = names.exact.keys().map(String::as_str);
        let of_meta = StandardEvent::ALL.iter().map(|event| event.name());
        names.prefilter = exact.chain(PRODUCT_EVENTS).chain(of_meta).collect();
        Ok(names)
    }

    /// The standard event of a name, and the product event that it is.
    pub(crate) fn look_up(&self, name: &str) -> Found {
        if !self.prefilter.contain(name) {
            return (None, None);
        }
        let known = if self.known.len() <= LINEAR_SEARCH_MAX {
            // Strings of different lengths compare fast.
            self.known.iter().find(|(known, _)| known == name)
        } else {
            let at = self
                .known
                .binary_search_by(|(known, _)| known.as_str().cmp(name));
            at.ok().and_then(|at| self.known.get(at))
        };
        match known {
            Some((_, found)) => *found,
            None => (self.standard_event(name), self.product_event(name)),
        }
    }

    /// The standard event of a name: exact in the setting, exact in the table, folded in the setting, folded in the
    /// table, or because it is one of Meta's own names.
    pub(crate) fn standard_event(&self, name: &str) -> Option<StandardEvent> {
        let folded = || self.folded.as_ref()?.get(&*fold(name)).copied();
        self.exact
            .get(name)
            .copied()
            .or_else(folded)
            .or_else(|| StandardEvent::from_name(name))
    }

    /// The product event of a name.
    pub(crate) fn product_event(&self, name: &str) -> Option<ProductEvent> {
        let exact = |name: &str| match name {
            ecommerce::PRODUCT_VIEWED => Some(ProductEvent::Viewed),
            ecommerce::PRODUCT_ADDED => Some(ProductEvent::Added),
            ecommerce::PRODUCTS_SEARCHED => Some(ProductEvent::Searched),
            ecommerce::PRODUCT_LIST_VIEWED => Some(ProductEvent::ListViewed),
            _ => None,
        };
        let folded = || match &*fold(name) {
            "product viewed" => Some(ProductEvent::Viewed),
            "product added" => Some(ProductEvent::Added),
            "products searched" => Some(ProductEvent::Searched),
            "product list viewed" => Some(ProductEvent::ListViewed),
            _ => None,
        };
        exact(name).or_else(|| self.folded.as_ref().and_then(|_| folded()))
    }
}

/// A small Bloom filter over names: a name that it does not contain is none of them, in any spelling that folds alike.
#[derive(Debug, Default)]
struct NamePrefilter([u64; 4]);

impl NamePrefilter {
    fn contain(&self, name: &str) -> bool {
        let (word, bit) = Self::place(name);
        self.0.get(word).is_some_and(|word| word >> bit & 1 == 1)
    }

    /// The bit of a name, one of 256, by its length and its first and last byte. Folding does not change these (`_` and
    /// case are treated alike), so all spellings of a name share a bit.
    fn place(name: &str) -> (usize, usize) {
        let name = name.trim().as_bytes();
        let end = |byte: Option<&u8>| match byte {
            Some(b'_') => usize::from(b' '),
            Some(byte) => usize::from(byte.to_ascii_lowercase()),
            None => 0,
        };
        let sum = name.len() * 5 + end(name.first()) * 17 + end(name.last()) * 3;
        (sum / 64 % 4, sum % 64)
    }
}

impl<'a> FromIterator<&'a str> for NamePrefilter {
    fn from_iter<I: IntoIterator<Item = &'a str>>(names: I) -> Self {
        let mut prefilter = Self::default();
        for (word, bit) in names.into_iter().map(Self::place) {
            if let Some(word) = prefilter.0.get_mut(word) {
                *word |= 1 << bit;
            }
        }
        prefilter
    }
}

/// Folds the names of the setting `standard_events`; two that fold alike must have the same target.
fn fold_setting(settings: &Settings) -> Result<HashMap<String, StandardEvent>, SettingsError> {
    let mut folded: HashMap<String, (&String, StandardEvent)> = HashMap::new();
    for (name, event) in &settings.standard_events {
        let previous = folded.insert(fold(name).into_owned(), (name, *event));
        if let Some((first, other)) = previous
            && other != *event
        {
            return Err(SettingsError::FoldedNamesConflict {
                first: first.clone(),
                second: name.clone(),
            });
        }
    }
    Ok(folded
        .into_iter()
        .map(|(folded, (_, event))| (folded, event))
        .collect())
}

#[cfg(test)]
mod tests {
    use facebook_conversions::StandardEvent;
    use proptest::prelude::*;

    use super::{EventNames, ProductEvent};
    use crate::settings::{Settings, SettingsError};

    fn names(change: impl FnOnce(&mut Settings)) -> Result<EventNames, SettingsError> {
        let mut settings = Settings::default();
        change(&mut settings);
        EventNames::new(&settings)
    }

    #[test]
    fn the_setting_beats_the_table_and_exact_beats_folded() {
        let names = names(|settings| {
            settings
                .standard_events
                .insert("order_completed".into(), StandardEvent::Subscribe);
            settings
                .standard_events
                .insert("Product Viewed".into(), StandardEvent::Lead);
        })
        .expect("no conflict");
        assert_eq!(
            names.standard_event("order_completed"),
            Some(StandardEvent::Subscribe)
        );
        assert_eq!(
            names.standard_event("Order Completed"),
            Some(StandardEvent::Purchase),
            "exact in the table first"
        );
        assert_eq!(
            names.standard_event("ORDER COMPLETED"),
            Some(StandardEvent::Subscribe),
            "then folded in the setting"
        );
        assert_eq!(
            names.standard_event("product_viewed"),
            Some(StandardEvent::Lead)
        );
        assert_eq!(
            names.product_event("product_viewed"),
            Some(ProductEvent::Viewed),
            "by the Segment name"
        );
        assert_eq!(
            names.standard_event("CompleteRegistration"),
            Some(StandardEvent::CompleteRegistration)
        );
        assert_eq!(names.standard_event("complete registration"), None);
    }

    proptest! {
        #[test]
        fn look_up_agrees_with_the_two_slow_lookups(
            name in proptest::sample::select(vec![
                "Order Completed", "Product Viewed", "products searched", "Purchase", "AddToCart", "My Event", "ü",
            ]),
            blanks in "[ _]{0,2}",
            upper in any::<bool>(),
            underscores in any::<bool>(),
            more in "[a-zA-Z_ ]{0,1}",
            folds in any::<bool>(),
        ) {
            let names = names(|settings| {
                settings.fold_event_names = folds;
                settings.standard_events.insert("My Event".into(), StandardEvent::Lead);
                settings.standard_events.insert("ü".into(), StandardEvent::Lead);
            })
            .expect("no conflict");
            let name = if upper { name.to_uppercase() } else { name.to_owned() };
            let name = if underscores { name.replace(' ', "_") } else { name };
            let name = format!("{blanks}{name}{more}");
            prop_assert_eq!(names.look_up(&name), (names.standard_event(&name), names.product_event(&name)), "{}", name);
        }
    }

    #[test]
    fn folding_and_the_extended_table_are_settings() {
        let strict = names(|settings| settings.fold_event_names = false).expect("no conflict");
        assert_eq!(strict.standard_event("order_completed"), None);
        assert_eq!(strict.product_event("product_viewed"), None);
        assert_eq!(strict.standard_event("Payment Info Entered"), None);
        let extended =
            names(|settings| settings.extended_standard_events = true).expect("no conflict");
        assert_eq!(
            extended.standard_event("payment_info_entered"),
            Some(StandardEvent::AddPaymentInfo)
        );
    }

    #[test]
    fn two_spellings_of_one_name_must_agree() {
        let conflict = names(|settings| {
            settings
                .standard_events
                .insert("Signed Up".into(), StandardEvent::Lead);
            settings
                .standard_events
                .insert("signed_up".into(), StandardEvent::Contact);
        });
        assert!(matches!(
            conflict,
            Err(SettingsError::FoldedNamesConflict { .. })
        ));
        let agreed = names(|settings| {
            settings
                .standard_events
                .insert("Signed Up".into(), StandardEvent::Lead);
            settings
                .standard_events
                .insert("signed_up".into(), StandardEvent::Lead);
        });
        assert!(agreed.is_ok());
    }
}
