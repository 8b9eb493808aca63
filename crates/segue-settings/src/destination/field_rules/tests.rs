//! Rows of the user's own: what is read, shown and refused.

use std::path::Path;

use insta::assert_snapshot;
use jiff::Timestamp;

use crate::{Destination, InForce};

fn parse(name: &str, text: &str) -> Result<Destination, String> {
    let settings = crate::parse(Path::new(name), text, Timestamp::UNIX_EPOCH);
    let settings = settings.map_err(|mistakes| {
        let lines: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })?;
    Ok(settings.destinations.into_iter().next().unwrap_or_default())
}

fn mistakes(text: &str) -> String {
    parse("segue.toml", text).map_or_else(|mistakes| mistakes, |_| "none".to_owned())
}

fn in_force(destination: &Destination, name: &str) -> InForce {
    let mut settings = destination.in_force().into_iter();
    settings.find(|setting| setting.name == name).unwrap()
}

const ROWS: &str = r#"
default_country = "gb"
match_properties = true
[fields]
event_id = ["properties.event_id", "messageId"]
"user_data.lead_id" = "properties.lead_id"
"custom_data.content_name" = { from = "properties.name", keep = true }
"custom_data.event_source" = { value = "crm" }
"custom_data.tier" = ["properties.tier", { value = 3 }]
opt_out = ""
[event_fields."Trial Started"]
"custom_data.predicted_ltv" = "properties.plan.ltv"
"#;

#[test]
fn rows_are_shown_as_they_are_in_force() {
    let destination = parse("segue.toml", ROWS).unwrap();
    assert_eq!(in_force(&destination, "default_country").text, "GB");
    assert_snapshot!(in_force(&destination, "fields").text, @r#"
    event_id ← properties.event_id, messageId
    user_data.lead_id ← properties.lead_id
    custom_data.content_name ← properties.name (kept)
    custom_data.event_source ← "crm"
    custom_data.tier ← properties.tier, 3
    "#);
    assert_snapshot!(in_force(&destination, "event_fields").text, @"Trial Started: custom_data.predicted_ltv ← properties.plan.ltv");
    assert_snapshot!(in_force(&destination, "fields").value.to_string(), @r#"{"custom_data.content_name":{"from":"properties.name","keep":true},"custom_data.event_source":{"value":"crm"},"custom_data.tier":["properties.tier",{"value":3}],"event_id":["properties.event_id","messageId"],"user_data.lead_id":"properties.lead_id"}"#);
}

#[test]
fn rows_in_json_are_the_same() {
    let toml = parse("segue.toml", ROWS).unwrap();
    let fields = in_force(&toml, "fields").value;
    let event_fields = in_force(&toml, "event_fields").value;
    let text = format!("{{\"fields\": {fields}, \"eventFields\": {event_fields}}}");
    let json = parse("segue.json", &text).unwrap();
    assert_eq!(json.mapping.field_rules.len(), 6);
    assert_eq!(in_force(&json, "fields").value, fields);
    assert_eq!(in_force(&json, "event_fields").value, event_fields);
}

#[test]
fn fields_that_cannot_have_a_row_are_refused_with_the_one_that_was_meant() {
    let text = r#"
[fields]
"user_data.leadid" = "properties.lead_id"
"colour" = "properties.colour"
"event_time" = "properties.at"
user_data.em = "properties.email"
"default_currency" = "EUR"
"#;
    assert_snapshot!(mistakes(text), @r#"
    segue.toml:3:1: error: a server event has no field `user_data.leadid`
      did you mean `user_data.lead_id`?
    segue.toml:4:1: error: a server event has no field `colour`
      fields are those that Meta documents, like `user_data.lead_id`, and `custom_data.` with any name
    segue.toml:5:1: error: `event_time` cannot have a row: it decides whether there is an event
      a message says it itself, or a setting of its own does
    segue.toml:6:1: error: `user_data` is an object; name one of its members
      write the whole name in quotes, like "user_data.em"
    segue.toml:7:1: error: `default_currency` is not part of `fields`
      it is a setting of its own: in TOML, move it above the first line in [brackets]
    "#);
}

#[test]
fn sources_that_are_no_paths_are_refused() {
    let text = r#"
[fields]
event_id = "$.properties.event_id"
opt_out = "propertys.no_marketing"
"custom_data.a" = "crm lead."
"custom_data.b" = 5
"custom_data.c" = []
"custom_data.d" = { form = "properties.d" }
"custom_data.e" = { keep = true }
"custom_data.f" = { value = 1, keep = true }
"custom_data.g" = "properties.items[0].id"
"custom_data.h" = { value = 2026-11-29 }
"#;
    assert_snapshot!(mistakes(text), @r#"
    segue.toml:3:12: error: a source of `event_id` is not a path into the message
      leave out the `$.`: a path begins with a member of the message, like "properties.plan"
    segue.toml:4:11: error: a source of `opt_out` is not a path into the message
      did you mean `properties` at its beginning? a constant is { value = "…" }
    segue.toml:5:19: error: a source of `custom_data.a` is not a path into the message
      a path is keys with single dots between them, like "properties.plan"
    segue.toml:6:19: error: `custom_data.b` must be a path or a constant, not a number
      for example "properties.NAME", ["properties.NAME", "messageId"], or { value = "…" }
    segue.toml:7:19: error: `custom_data.c` has no source
      name a path, like "properties.NAME"
    segue.toml:8:21: error: a row has no member `form`
      did you mean `from`?
    segue.toml:9:19: error: `custom_data.e` has no source
      write { from = "properties.NAME", keep = true } or { value = "…" }
    segue.toml:10:32: error: a constant has nothing beside its `value`
      list several sources: ["properties.NAME", { value = "…" }]
    segue.toml:11:19: error: a source of `custom_data.g` is not a path into the message
      `[` has no meaning in it: a path is keys with single dots between them; a constant is { value = "…" }
    segue.toml:12:29: error: the constant of `custom_data.h` is not JSON
      write text, a number, true or false, a list, or a table
    "#);
}

#[test]
fn a_constant_of_the_wrong_type_is_refused() {
    let text = r#"
[fields]
"custom_data.value" = { value = "much" }
"user_data.client_ip_address" = ["properties.ip", { value = "home" }]
"custom_data.num_items" = { value = 1.5 }
"custom_data.anything" = { value = [1, "a"] }
"#;
    assert_snapshot!(mistakes(text), @"
    segue.toml:3:23: error: the constant of `custom_data.value` does not fit its field
      the field takes: number, or text by the grammar of money
    segue.toml:4:33: error: the constant of `user_data.client_ip_address` does not fit its field
      the field takes: public IP address, without port
    segue.toml:5:27: error: the constant of `custom_data.num_items` does not fit its field
      the field takes: whole number, or its digits as text
    ");
}

#[test]
fn a_constant_that_is_contact_data_by_another_setting_is_refused() {
    let text = r#"
[fields]
"custom_data.vat_number" = { value = "DE1" }
[pii_properties]
drop = ["vat_number"]
"#;
    assert_snapshot!(mistakes(text), @"
    segue.toml:2:2: error: the constant of `custom_data.vat_number` is contact data
      leave it out, or allow its name in `pii_properties`
    ");
}

#[test]
fn event_names_that_fold_alike_and_fields_given_twice_are_refused() {
    let text = r#"
[event_fields."Trial Started"]
event_id = "properties.a"
[event_fields.trial_started]
event_id = "properties.b"
"#;
    assert_snapshot!(mistakes(text), @"
    segue.toml:4:15: error: `trial_started` has rows already, in line 2
      event names are compared without case and outer blanks, and `_` counts as a space; keep one of the two
    ");
    let without_folding = format!("fold_event_names = false\n{text}");
    assert_eq!(mistakes(&without_folding), "none");
    // JSON has its keys in any order.
    let json = "{\"event_fields\": {\"A b\": {\"event_id\": \"properties.a\"}, \"a_b\": {\"event_id\": \"properties.b\"}}, \
                \"fold_event_names\": false}";
    assert!(parse("segue.json", json).is_ok());
    let text = "{\"fields\": {\"event_id\": \"properties.a\",\n\"event_id\": \"properties.b\"}}";
    assert_snapshot!(parse("segue.json", text).unwrap_err(), @"
    segue.json:2:1: error: `event_id` is given twice
      keep one of the two
    ");
}

#[test]
fn a_secret_in_a_row_is_not_shown() {
    let secret = "EAABsbCS1iHgBOsekrit";
    let text = format!("[fields]\n\"custom_data.{secret}\" = {{ value = \"{secret}\" }}\n");
    let destination = parse("segue.toml", &text).unwrap();
    let shown = format!("{:?}", in_force(&destination, "fields"));
    assert!(!shown.contains(&format!("\"{secret}\"")), "{shown}");
    let wrong = mistakes(&format!("[fields]\n{secret} = \"{secret}|\"\n"));
    assert!(!wrong.contains("sekrit"), "{wrong}");
}
