//! Temporary mirror.
use facebook_conversions::{Currency, DataProcessing, StandardEvent};
use std::collections::BTreeMap;
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub standard_events: BTreeMap<String, StandardEvent>,
    pub value_identifier: String,
    pub external_id_prop: Option<String>,
    pub limited_data_use: bool,
    pub content_types: BTreeMap<String, String>,
    pub data_processing_options: DataProcessing,
    pub default_currency: Currency,
    pub hash_external_id: bool,
    pub pii_properties: PiiProperties,
    pub fold_event_names: bool,
    pub derive_contents: bool,
    pub derive_fbc: bool,
    pub split_name: bool,
    pub extended_standard_events: bool,
    pub send_page: bool,
    pub send_identify: bool,
    pub allow_events: Vec<String>,
    pub deny_events: Vec<String>,
    pub required_consent: Vec<String>,
    pub test_event_code: Option<String>,
}
#[derive(Clone, Debug, Default)]
pub(crate) struct PiiProperties {
    pub drop: Vec<String>,
    pub hash: Vec<String>,
    pub allow: Vec<String>,
}
impl Default for Settings {
    fn default() -> Self {
        Self {
            standard_events: BTreeMap::new(),
            value_identifier: "price".into(),
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
            allow_events: vec![],
            deny_events: vec![],
            required_consent: vec![],
            test_event_code: None,
        }
    }
}
