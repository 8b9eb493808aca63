//! Every setting of a destination, one a row.

use crate::destination::Destination;
use crate::destination::field_rules::{EventFields, Fields};
use crate::destination::forms;
use crate::destination::kinds::{DataProcessingOptions, EventMap, PiiLists};
use crate::kinds::{Count, Flag, Names, Secret, Text, TextMap};
use crate::setting::{Access, Setting};
use crate::table::{Given, Table};

const fn row(
    name: &'static str,
    place: &'static dyn Access<Destination>,
    doc: &'static str,
) -> Setting<Destination> {
    Setting::new(name, place, doc)
}

macro_rules! at {
    ($($field:ident).+, $kind:expr) => { crate::setting::at!(Destination, $($field).+, $kind) };
}

impl Table for Destination {
    #[rustfmt::skip]
    const SETTINGS: &'static [Setting<Self>] = &[
        row("pixel_id",                 at!(graph.pixel_id, forms::PIXEL_ID),                       "the pixel or dataset that gets the events: its id, digits only")
            .in_segment().given("\"\"").synonyms(&["dataset", "datasetid", "pixel", "pixelids"]),
        row("access_token",             at!(graph.access_token, Secret),                            "the access token of a system user")
            .given("{ env = \"META_ACCESS_TOKEN\" }").synonyms(&["token", "apitoken", "accesskey", "systemusertoken"]),
        row("app_secret",               at!(graph.app_secret, Secret),                              "the app's secret, for apps that demand `appsecret_proof`")
            .example("{ file = \"app_secret.txt\" }").synonyms(&["appsecretproof", "secret"]),
        row("api_version",              at!(graph.api_version, forms::API_VERSION),                 "the version of the Graph API")
            .synonyms(&["version", "graphversion", "graphapiversion"]),
        row("graph_url",                at!(graph.url, forms::GRAPH_URL),                           "where the Graph API answers; plain http only on this machine")
            .synonyms(&["baseurl", "url", "endpoint", "host"]),
        row("test_event_code",          at!(mapping.test_event_code, forms::TEST_EVENT_CODE),       "sends all events as test events")
            .example("\"TEST12345\"").synonyms(&["testcode", "testeventid", "testevent"]),
        row("standard_events",          at!(mapping.standard_events, EventMap),                     "Segment event to standard event: \"Map Your Events to Standard FB Events\"")
            .in_segment().example("{ \"Signed Up\" = \"CompleteRegistration\" }").synonyms(&["events", "eventmap", "eventmapping"]),
        row("value_identifier",         at!(mapping.value_identifier, Text),                        "the property that is the value of Product Viewed and Product Added: \"Value Field Identifier\"")
            .in_segment(),
        row("external_id_prop",         at!(mapping.external_id_prop, forms::EXTERNAL_ID_PROP),     "path of the field to send as external_id: \"Alternative External ID Field\"")
            .in_segment().example("\"properties.customer_id\"").synonyms(&["externalid"]),
        row("limited_data_use",         at!(mapping.limited_data_use, Flag),                        "asks Meta for Limited Data Use: \"Use Limited Data Use\"")
            .in_segment().synonyms(&["ldu"]),
        row("content_types",            at!(mapping.content_types, TextMap),                        "product category to content type: \"Map Categories to FB Content Types\"")
            .in_segment().example("{ \"flights\" = \"flight\" }"),
        row("data_processing_options",  at!(mapping.data_processing_options, DataProcessingOptions),"options, country and state of Limited Data Use"),
        row("default_currency",         at!(mapping.default_currency, forms::DEFAULT_CURRENCY),     "the currency of events that name none, ISO 4217")
            .synonyms(&["currency"]),
        row("hash_external_id",         at!(mapping.hash_external_id, Flag),                        "hashes external_id, as Meta recommends"),
        row("pii_properties",           at!(mapping.pii_properties, PiiLists),                      "properties to drop, hash or allow as personal data"),
        row("fold_event_names",         at!(mapping.fold_event_names, Flag),                        "recognises event names whatever their case, and `_` for a space"),
        row("derive_contents",          at!(mapping.derive_contents, Flag),                         "makes contents, content_ids and content_type from single products"),
        row("derive_fbc",               at!(mapping.derive_fbc, Flag),                              "makes fbc from the page's fbclid"),
        row("split_name",               at!(mapping.split_name, Flag),                              "splits a name of two words into first and last name"),
        row("complete_phone",           at!(mapping.complete_phone, Flag),                          "completes national phone numbers with the calling code of their country"),
        row("default_country",          at!(mapping.default_country, forms::DEFAULT_COUNTRY),       "the country of phone numbers when the event names none, ISO 3166")
            .example("\"GB\"").synonyms(&["country", "phonecountry", "countrycode"]),
        row("match_properties",         at!(mapping.match_properties, Flag),                        "matches by email, phone and names among the properties too, where the traits have none"),
        row("extended_standard_events", at!(mapping.extended_standard_events, Flag),                "maps Payment Info Entered and Product Added to Wishlist too"),
        row("send_page",                at!(mapping.send_page, Flag),                               "sends page and screen calls as PageView"),
        row("send_identify",            at!(mapping.send_identify, Flag),                           "sends identify calls as the custom event Identify"),
        row("allow_events",             at!(mapping.allow_events, Names),                           "sends no events but these, by Segment name"),
        row("deny_events",              at!(mapping.deny_events, Names),                            "never sends these events, by Segment name"),
        row("required_consent",         at!(mapping.required_consent, Names),                       "consent categories that must be true"),
        row("batch_events",             at!(delivery.batch_events, Count(1, 1000)),                 "events in a request, at most")
            .synonyms(&["batchsize"]),
        row("batch_bytes",              at!(delivery.batch_bytes, Count(1_000, 10_000_000)),        "bytes of events in a request, at most"),
        row("linger_ms",                at!(delivery.linger_ms, Count(0, 60_000)),                  "how long a request waits for more events, in milliseconds"),
        row("concurrency",              at!(delivery.concurrency, Count(1, 64)),                    "requests in flight, at most"),
        row("fields",                   &Fields,                                                    "where fields of the server event come from, before the built-in rows")
            .example("{ \"event_id\" = [\"properties.event_id\", \"messageId\"], \"custom_data.event_source\" = { value = \"crm\" } }")
            .synonyms(&["fieldmappings", "rows"]),
        row("event_fields",             &EventFields,                                               "the same for one Segment event each, before those of `fields`")
            .example("{ \"Trial Started\" = { \"custom_data.predicted_ltv\" = \"properties.plan.ltv\" } }"),
    ];

    fn given(&mut self) -> &mut Given {
        &mut self.given
    }
}
