//! The settings of a case: TOML under the names of the destination's catalogue or our own, as the command reads them.
//!
//! The command's reader has suggestions, places and secrets and lives in the command; cases need none of that.

use std::collections::BTreeMap;

use conversions_mapping::{PiiProperties, Settings};
use facebook_conversions::{Currency, DataProcessing, StandardEvent};
use serde::Deserialize;

/// What a case may set; absent members keep their defaults.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(alias = "standardEvents")]
    standard_events: Option<BTreeMap<String, String>>,
    #[serde(alias = "valueIdentifier")]
    value_identifier: Option<String>,
    #[serde(alias = "externalIdProp")]
    external_id_prop: Option<String>,
    #[serde(alias = "limitedDataUse")]
    limited_data_use: Option<bool>,
    #[serde(alias = "contentTypes")]
    content_types: Option<BTreeMap<String, String>>,
    data_processing_options: Option<(Vec<String>, u16, u16)>,
    default_currency: Option<String>,
    hash_external_id: Option<bool>,
    pii_properties: Option<Pii>,
    fold_event_names: Option<bool>,
    derive_contents: Option<bool>,
    derive_fbc: Option<bool>,
    split_name: Option<bool>,
    extended_standard_events: Option<bool>,
    send_page: Option<bool>,
    send_identify: Option<bool>,
    allow_events: Option<Vec<String>>,
    deny_events: Option<Vec<String>>,
    required_consent: Option<Vec<String>>,
    test_event_code: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pii {
    #[serde(default)]
    drop: Vec<String>,
    #[serde(default)]
    hash: Vec<String>,
    #[serde(default)]
    allow: Vec<String>,
}

/// Reads settings.
///
/// # Errors
///
/// A sentence that says what is wrong.
pub fn read(text: &str) -> Result<Settings, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut settings = Settings::default();
    if let Some(events) = file.standard_events {
        for (name, target) in events {
            let event =
                StandardEvent::from_name(&target).ok_or(format!("no standard event: {target}"))?;
            settings.standard_events.insert(name, event);
        }
    }
    if let Some((options, country, state)) = file.data_processing_options {
        settings.data_processing_options = DataProcessing::new(options == ["LDU"], country, state)
            .ok_or("malformed data_processing_options")?;
    }
    if let Some(code) = file.default_currency {
        settings.default_currency = Currency::parse(&code).ok_or(format!("no currency: {code}"))?;
    }
    if let Some(Pii { drop, hash, allow }) = file.pii_properties {
        settings.pii_properties = PiiProperties { drop, hash, allow };
    }
    set(&mut settings.value_identifier, file.value_identifier);
    set(
        &mut settings.external_id_prop,
        file.external_id_prop.map(Some),
    );
    set(&mut settings.limited_data_use, file.limited_data_use);
    set(&mut settings.content_types, file.content_types);
    set(&mut settings.hash_external_id, file.hash_external_id);
    set(&mut settings.fold_event_names, file.fold_event_names);
    set(&mut settings.derive_contents, file.derive_contents);
    set(&mut settings.derive_fbc, file.derive_fbc);
    set(&mut settings.split_name, file.split_name);
    set(
        &mut settings.extended_standard_events,
        file.extended_standard_events,
    );
    set(&mut settings.send_page, file.send_page);
    set(&mut settings.send_identify, file.send_identify);
    set(&mut settings.allow_events, file.allow_events);
    set(&mut settings.deny_events, file.deny_events);
    set(&mut settings.required_consent, file.required_consent);
    set(
        &mut settings.test_event_code,
        file.test_event_code.map(Some),
    );
    Ok(settings)
}

fn set<T>(member: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *member = value;
    }
}
