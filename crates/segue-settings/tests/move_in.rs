//! Configurations of other systems become settings that do the same.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what went wrong by panicking"
)]

use std::path::Path;

use insta::assert_snapshot;
use jiff::Timestamp;
use segue_settings::move_in::{self, MovedIn};
use segue_settings::{Destination, Diagnostic};

/// The settings file that a configuration becomes, then the remarks with their positions.
fn moved(name: &str, text: &str) -> String {
    let moved = move_in::parse(Path::new(name), text).unwrap();
    let file = moved.settings_file("wk_1");
    assert_same(&moved, &file);
    assert!(!file.contains("sekrit"), "{file}");
    format!("{file}\n{}", said(&moved.remarks))
}

/// The file, read as settings, is what was moved in.
fn assert_same(moved: &MovedIn, file: &str) {
    let settings = segue_settings::parse(Path::new("segue.toml"), file, Timestamp::UNIX_EPOCH);
    let settings = settings.unwrap_or_else(|mistakes| panic!("{}\n{file}", said(&mistakes)));
    let values = |destination: &Destination| -> Vec<_> {
        let settings = destination.in_force().into_iter();
        settings
            .map(|setting| (setting.name, setting.value))
            .collect()
    };
    let [destination] = settings.destinations.as_slice() else {
        panic!("{file}");
    };
    assert_eq!(values(destination), values(&moved.destination));
}

fn said(diagnostics: &[Diagnostic]) -> String {
    let lines: Vec<_> = diagnostics.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

#[test]
fn settings_of_segments_classic_destination_are_ours() {
    let text = include_str!("move_in/segment_classic.json");
    assert_snapshot!(moved("segment.json", text));
}

#[test]
fn subscriptions_of_segments_actions_become_standard_events_and_rows() {
    let text = include_str!("move_in/segment_actions.json");
    assert_snapshot!(moved("actions.json", text));
}

#[test]
fn the_settings_of_rudderstacks_conversions_destination_are_found() {
    let text = include_str!("move_in/rudderstack_conversions.json");
    assert_snapshot!(moved("rudder.json", text));
}

#[test]
fn what_rudderstacks_pixel_does_in_the_browser_stays_there() {
    let text = include_str!("move_in/rudderstack_pixel.json");
    assert_snapshot!(moved("pixel.json", text));
}

#[test]
fn mapped_fields_alone_are_rows_of_every_event() {
    let text = r#"{
  "user_data": { "email": { "@path": "$.properties.buyer.email" }, "shoeSize": { "@path": "$.properties.shoe" } },
  "custom_data": { "@path": "$.properties" },
  "value": { "@path": "$.properties.total" },
  "content_ids": { "@path": "$.properties.items[0].id" }
}"#;
    assert_snapshot!(moved("mapping.json", text), @r#"
    # Settings of segue that do what the configuration of Segment's Actions destination did. `segue init` shows all settings.

    [[destinations]]
    name = "meta"
    pixel_id = ""
    access_token = { env = "META_ACCESS_TOKEN" }
    hash_external_id = true

    [destinations.fields]
    "custom_data.value" = { from = "properties.total", keep = true }
    "user_data.em" = { from = "properties.buyer.email", keep = true }

    [[sources]]
    name = "web"
    write_keys = ["wk_1"]
    destinations = ["meta"]

    # Without counterpart, or left to do:
    # - line 2: properties that no mapping names are sent too, in `custom_data`; list those that are not to be sent in `pii_properties`, under drop
    # - line 2: the field `shoeSize` has no counterpart; `fields` names the fields of the server event
    # - line 5: `custom_data.content_ids` has no counterpart: it is a path with more than keys and dots; compute the value before it is sent, as a property

    mapping.json:2:3: warning: properties that no mapping names are sent too, in `custom_data`
      list those that are not to be sent in `pii_properties`, under drop
    mapping.json:2:68: warning: the field `shoeSize` has no counterpart
      `fields` names the fields of the server event
    mapping.json:5:3: warning: `custom_data.content_ids` has no counterpart: it is a path with more than keys and dots
      compute the value before it is sent, as a property
    "#);
}

#[test]
fn mapped_fields_in_a_text_are_read_too() {
    let text = r#"{"subscriptions": [{
  "action_id": "purchase",
  "trigger": "type = \"track\" and event = \"Order Completed\"",
  "settings": "{\"event_id\": {\"@path\": \"$.properties.event_id\"}, \"value\": {\"@case\": {\"operator\": \"lower\"}}}"
}]}"#;
    assert_snapshot!(moved("terraform.json", text), @r#"
    # Settings of segue that do what the configuration of Segment's Actions destination did. `segue init` shows all settings.

    [[destinations]]
    name = "meta"
    pixel_id = ""
    access_token = { env = "META_ACCESS_TOKEN" }
    hash_external_id = true
    allow_events = ["Order Completed"]

    [destinations.standard_events]
    "Order Completed" = "Purchase"

    [destinations.fields]
    event_id = "properties.event_id"

    [[sources]]
    name = "web"
    write_keys = ["wk_1"]
    destinations = ["meta"]

    # Without counterpart, or left to do:
    # - line 1: properties that no mapping names are sent too, in `custom_data`; list those that are not to be sent in `pii_properties`, under drop
    # - line 4: `custom_data.value` has no counterpart: it is the directive `@case`; compute the value before it is sent, as a property

    terraform.json:1:2: warning: properties that no mapping names are sent too, in `custom_data`
      list those that are not to be sent in `pii_properties`, under drop
    terraform.json:4:15: warning: `custom_data.value` has no counterpart: it is the directive `@case`
      compute the value before it is sent, as a property
    "#);
}

#[test]
fn a_file_that_is_no_configuration_is_refused_with_what_was_expected() {
    let refused = |text: &str| said(&move_in::parse(Path::new("x.json"), text).unwrap_err());
    assert_snapshot!(refused(r#"{"apiKey": "k"}"#), @"
    x.json:1:1: error: this is no configuration of a destination that segue can read
      export the settings of Segment's Facebook Conversions API, with the mappings of its Actions destination, or those of RudderStack's facebook_conversions or facebook_pixel, as JSON
    ");
    assert_snapshot!(refused(r#"{"pixelId" 1}"#), @"x.json:1:12: error: syntax error: expected colon after the string or word in object property");
    assert!(refused("[]").starts_with("x.json:1:1: error: this is no configuration"));
    assert!(refused("7").starts_with("x.json:1:1: error: this is no configuration"));
}

#[test]
fn a_bare_list_of_subscriptions_is_read_and_repeated_events_are_remarked() {
    let text = r#"[
  { "actionSlug": "purchase", "trigger": "type = \"track\" and event = \"Order Completed\"",
    "mapping": { "event_id": { "@path": "$.properties.event_id" } } },
  { "actionSlug": "purchase", "trigger": "type = \"track\" and (event = \"Order Completed\" or event = \"Renewed\")",
    "mapping": { "event_id": { "@path": "$.properties.order_id" } } }
]"#;
    let moved = move_in::parse(Path::new("subscriptions.json"), text).unwrap();
    let mapping = &moved.destination.mapping;
    assert_eq!(mapping.allow_events, ["Order Completed", "Renewed"]);
    let said = said(&moved.remarks);
    let remark = "subscriptions.json:4:3: warning: `Order Completed` has several subscriptions, and is sent once";
    assert!(said.contains(remark), "{said}");
    assert!(!said.contains("`Renewed`"), "{said}");
}

#[test]
fn what_rudderstack_says_of_apps_and_places_is_not_lost_silently() {
    let text = r#"[{ "config": { "datasetId": "1234567890", "appId": "77", "useUpdatedMapping": true } }]"#;
    let moved = move_in::parse(Path::new("rudder.json"), text).unwrap();
    let said = said(&moved.remarks);
    assert!(said.contains("`appId` has no counterpart"), "{said}");
    assert!(
        said.contains("`useUpdatedMapping` is about the pixel in the browser"),
        "{said}"
    );
    let file = moved.settings_file("wk_1");
    assert!(file.contains("\"context.geo.city\""), "{file}");
}
