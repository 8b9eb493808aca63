//! The settings of the mapping.

use std::collections::BTreeMap;

use facebook_conversions::{CountryCode, Currency, DataProcessing, StandardEvent};

use crate::field_rule::FieldRule;

/// The settings of one destination, with the defaults of the documentation.
///
/// ```
/// use conversions_mapping::Settings;
/// use facebook_conversions::StandardEvent;
///
/// let mut settings = Settings::default();
/// settings.standard_events.insert("Signed Up".into(), StandardEvent::CompleteRegistration);
/// assert_eq!(settings.value_identifier, "price");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own that a user can set"
)]
pub struct Settings {
    /// "Map Your Events to Standard FB Events": Segment event → standard event. Literal names.
    pub standard_events: BTreeMap<String, StandardEvent>,
    /// "Value Field Identifier": the property that is the value of `Product Viewed` and `Product Added`.
    pub value_identifier: String,
    /// "Alternative External ID Field": a path with dots from the top of the message; the only source of `external_id`.
    pub external_id_prop: Option<String>,
    /// "Use Limited Data Use".
    pub limited_data_use: bool,
    /// "Map Categories to FB Content Types": category → content type.
    pub content_types: BTreeMap<String, String>,
    /// "Data Processing Initialization Parameters".
    pub data_processing_options: DataProcessing,
    /// The currency of events that name none.
    pub default_currency: Currency,
    /// Whether `external_id` is hashed, as Meta recommends.
    pub hash_external_id: bool,
    /// Which properties are personal, beyond those that always are.
    pub pii_properties: PiiProperties,
    /// Whether spellings of a name that differ in case, outer blanks and `_` are one name.
    pub fold_event_names: bool,
    /// Whether `contents`, `content_ids` and `content_type` are derived from single products and categories.
    pub derive_contents: bool,
    /// Whether `fbc` is derived from the `fbclid` of the page.
    pub derive_fbc: bool,
    /// Whether a name of two words is split into first and last name.
    pub split_name: bool,
    /// Whether two more e-commerce events are standard events: `AddPaymentInfo` and `AddToWishlist`.
    pub extended_standard_events: bool,
    /// Whether Page and Screen calls are sent as `PageView`.
    pub send_page: bool,
    /// Whether Identify calls are sent as a custom event `Identify`.
    pub send_identify: bool,
    /// If there are any, only events of these Segment names are sent.
    pub allow_events: Vec<String>,
    /// Events of these Segment names are not sent.
    pub deny_events: Vec<String>,
    /// Categories of consent that must be given.
    pub required_consent: Vec<String>,
    /// Whether national phone numbers get the calling code of their country.
    pub complete_phone: bool,
    /// The country of phone numbers where the event has none.
    pub default_country: Option<CountryCode>,
    /// Rows of the settings, which are applied before the built-in rows.
    pub field_rules: Vec<FieldRule>,
    /// Whether contact data among the properties serves for matching where the traits have none.
    pub match_properties: bool,
    /// Sends events as test events; a code of the event's own wins.
    pub test_event_code: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            standard_events: BTreeMap::new(),
            value_identifier: "price".to_owned(),
            external_id_prop: None,
            limited_data_use: false,
            content_types: BTreeMap::new(),
            data_processing_options: DataProcessing::LOCATED_BY_META,
            default_currency: Currency::USD,
            hash_external_id: false,
            pii_properties: PiiProperties::default(),
            fold_event_names: true,
            derive_contents: true,
            derive_fbc: true,
            split_name: true,
            extended_standard_events: false,
            send_page: false,
            send_identify: false,
            allow_events: Vec::new(),
            deny_events: Vec::new(),
            required_consent: Vec::new(),
            complete_phone: true,
            default_country: None,
            field_rules: Vec::new(),
            match_properties: false,
            test_event_code: None,
        }
    }
}

/// Which properties are personal. Names compare without case and `_`; `allow` beats `hash` beats `drop`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PiiProperties {
    /// Redacted out, besides those that always are.
    pub drop: Vec<String>,
    /// Sent as SHA-256 of the trimmed, lower-cased text.
    pub hash: Vec<String>,
    /// Sent as they are; `*` stands for all.
    pub allow: Vec<String>,
}

/// Settings that contradict themselves.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// Two names differ only in spelling, and have different targets.
    #[error(
        "two names of standard_events fold to the same name and have different targets: `{first}` and `{second}`"
    )]
    FoldedNamesConflict {
        /// One of them.
        first: String,
        /// The other.
        second: String,
    },
    /// Two event names of rows differ only in spelling: which of them wins would be open.
    #[error("two event names of event_fields fold to the same name: `{first}` and `{second}`")]
    EventFieldsConflict {
        /// One of them.
        first: String,
        /// The other.
        second: String,
    },
    /// Two rows of the same events write the same field.
    #[error("two rows write `{field}`")]
    FieldTwice {
        /// The field.
        field: String,
    },
    /// A row has no source.
    #[error("the row of `{field}` has no source")]
    FieldWithoutSource {
        /// The field.
        field: String,
    },
    /// The constant of a row does not fit its field.
    #[error("the constant of `{field}` does not fit; the field takes: {expected}")]
    UnusableConstant {
        /// The field.
        field: String,
        /// What the field takes.
        expected: &'static str,
    },
}
