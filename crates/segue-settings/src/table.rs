//! Every setting of a destination, one a row. Reading, checking, `segue check`, and the JSON schema all go by this
//! table; a setting is added by adding its row.

use std::collections::BTreeMap;

use conversions_mapping::PiiProperties;
use facebook_conversions::{DataProcessing, StandardEvent};

use crate::destination::Destination;
use crate::secret::SecretSource;
use crate::texts::{self, TextRule};

/// A setting.
pub(crate) struct Setting {
    /// Its own name, in `snake_case`.
    pub(crate) name: &'static str,
    /// Its name in Segment's catalogue, if Segment has it.
    pub(crate) segment: Option<&'static str>,
    /// What it takes and where that goes.
    pub(crate) kind: Kind,
    /// What it is for, as a phrase.
    pub(crate) doc: &'static str,
}

/// The place of a value in a destination.
pub(crate) type Place<T> = fn(&mut Destination) -> &mut T;

/// What a setting takes, and where it goes.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Flag(Place<bool>),
    /// A whole number within limits, which belong to it.
    Count(Place<u64>, (u64, u64)),
    Text(&'static TextRule),
    Secret(Place<Option<SecretSource>>),
    Names(Place<Vec<String>>),
    TextMap(Place<BTreeMap<String, String>>),
    EventMap(Place<BTreeMap<String, StandardEvent>>),
    DataProcessing(Place<DataProcessing>),
    Personal(Place<PiiProperties>),
}

use Kind::{Count, EventMap, Flag, Names, Personal, Secret, Text, TextMap};

const fn row(
    name: &'static str,
    segment: Option<&'static str>,
    kind: Kind,
    doc: &'static str,
) -> Setting {
    Setting {
        name,
        segment,
        kind,
        doc,
    }
}

/// The settings of a destination, in the order in which they are explained.
#[rustfmt::skip]
pub(crate) const SETTINGS: &[Setting] = &[
    //   name                       in Segment's catalogue     what it takes, where it goes                            what it is for
    row("pixel_id",                 Some("pixelId"),           Text(&texts::PIXEL_ID),                                 "the pixel or dataset that gets the events: its id, digits only"),
    row("access_token",             None,                      Secret(|d| &mut d.graph.access_token),                  "the access token of a system user"),
    row("app_secret",               None,                      Secret(|d| &mut d.graph.app_secret),                    "the app's secret, for apps that demand `appsecret_proof`"),
    row("api_version",              None,                      Text(&texts::API_VERSION),                              "the version of the Graph API"),
    row("graph_url",                None,                      Text(&texts::GRAPH_URL),                                "where the Graph API answers; plain http only on this machine"),
    row("test_event_code",          None,                      Text(&texts::TEST_EVENT_CODE),                          "sends all events as test events"),
    row("standard_events",          Some("standardEvents"),    EventMap(|d| &mut d.mapping.standard_events),           "Segment event to standard event: \"Map Your Events to Standard FB Events\""),
    row("value_identifier",         Some("valueIdentifier"),   Text(&texts::VALUE_IDENTIFIER),                         "the property that is the value of Product Viewed and Product Added: \"Value Field Identifier\""),
    row("external_id_prop",         Some("externalIdProp"),    Text(&texts::EXTERNAL_ID_PROP),                         "path of the field to send as external_id: \"Alternative External ID Field\""),
    row("limited_data_use",         Some("limitedDataUse"),    Flag(|d| &mut d.mapping.limited_data_use),              "asks Meta for Limited Data Use: \"Use Limited Data Use\""),
    row("content_types",            Some("contentTypes"),      TextMap(|d| &mut d.mapping.content_types),              "product category to content type: \"Map Categories to FB Content Types\""),
    row("data_processing_options",  None,                      Kind::DataProcessing(|d| &mut d.mapping.data_processing_options), "options, country and state of Limited Data Use"),
    row("default_currency",         None,                      Text(&texts::DEFAULT_CURRENCY),                         "the currency of events that name none, ISO 4217"),
    row("hash_external_id",         None,                      Flag(|d| &mut d.mapping.hash_external_id),              "hashes external_id, as Meta recommends"),
    row("pii_properties",           None,                      Personal(|d| &mut d.mapping.pii_properties),            "properties to drop, hash or allow as personal data"),
    row("fold_event_names",         None,                      Flag(|d| &mut d.mapping.fold_event_names),              "recognises event names whatever their case, and `_` for a space"),
    row("derive_contents",          None,                      Flag(|d| &mut d.mapping.derive_contents),               "makes contents, content_ids and content_type from single products"),
    row("derive_fbc",               None,                      Flag(|d| &mut d.mapping.derive_fbc),                    "makes fbc from the page's fbclid"),
    row("split_name",               None,                      Flag(|d| &mut d.mapping.split_name),                    "splits a name of two words into first and last name"),
    row("extended_standard_events", None,                      Flag(|d| &mut d.mapping.extended_standard_events),      "maps Payment Info Entered and Product Added to Wishlist too"),
    row("send_page",                None,                      Flag(|d| &mut d.mapping.send_page),                     "sends page and screen calls as PageView"),
    row("send_identify",            None,                      Flag(|d| &mut d.mapping.send_identify),                 "sends identify calls as the custom event Identify"),
    row("allow_events",             None,                      Names(|d| &mut d.mapping.allow_events),                 "sends no events but these, by Segment name"),
    row("deny_events",              None,                      Names(|d| &mut d.mapping.deny_events),                  "never sends these events, by Segment name"),
    row("required_consent",         None,                      Names(|d| &mut d.mapping.required_consent),             "consent categories that must be true"),
    row("batch_events",             None,                      Count(|d| &mut d.delivery.batch_events, (1, 1000)),     "events in a request, at most"),
    row("batch_bytes",              None,                      Count(|d| &mut d.delivery.batch_bytes, (1_000, 10_000_000)), "bytes of events in a request, at most"),
    row("linger_ms",                None,                      Count(|d| &mut d.delivery.linger_ms, (0, 60_000)),      "how long a request waits for more events, in milliseconds"),
    row("concurrency",              None,                      Count(|d| &mut d.delivery.concurrency, (1, 64)),        "requests in flight, at most"),
];

impl Setting {
    /// The name in `camelCase`: Segment's own where Segment has the setting, made likewise where not.
    pub(crate) fn camel_case(&self) -> String {
        self.segment
            .map_or_else(|| camel_case(self.name), str::to_owned)
    }

    /// Whether a key of a file means this setting.
    pub(crate) fn is_named(&self, key: &str) -> bool {
        key == self.name || key == self.camel_case()
    }
}

/// `camelCase` of `snake_case`.
pub(crate) fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let (first, rest) = word.split_at(1);
        camel.push_str(&first.to_ascii_uppercase());
        camel.push_str(rest);
    }
    camel
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_segments_names_are_the_same_in_camel_case() {
        let mut names = BTreeSet::new();
        for setting in SETTINGS {
            assert!(
                names.insert(setting.name.to_owned()),
                "{} is there twice",
                setting.name
            );
            names.insert(setting.camel_case());
            let own = Setting {
                segment: None,
                ..*setting
            };
            assert_eq!(own.camel_case(), setting.camel_case());
        }
    }

    #[test]
    fn every_doc_is_a_phrase() {
        for Setting { name, doc, .. } in SETTINGS {
            assert!(!doc.is_empty() && !doc.ends_with('.'), "{name}: {doc}");
        }
    }
}
