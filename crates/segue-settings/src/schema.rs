//! A JSON schema of settings files, made from the table of settings, for completion and checking in editors.

use facebook_conversions::StandardEvent;
use serde_json::{Map, Value, json};

use crate::destination::Destination;
use crate::endpoint::ENDPOINT;
use crate::table::{Kind, SETTINGS, Setting, camel_case};

/// The schema. Both spellings of every key are in it.
#[must_use]
pub fn schema() -> Value {
    let mut top = members();
    top.insert(
        "destinations".to_owned(),
        json!({
            "description": "several destinations, instead of the settings of one",
            "type": "array",
            "items": destination(),
        }),
    );
    top.insert(
        "sources".to_owned(),
        json!({
            "description": "who may send events to `segue serve`",
            "type": "array",
            "items": source(),
        }),
    );
    top.insert("serve".to_owned(), endpoint());
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of segue",
        "type": "object",
        "properties": top,
        "additionalProperties": false,
    })
}

fn destination() -> Value {
    let mut members = members();
    members.insert("name".to_owned(), name());
    json!({ "type": "object", "properties": members, "required": ["name"], "additionalProperties": false })
}

fn source() -> Value {
    let names = json!({ "type": "array", "items": { "type": "string" } });
    json!({
        "type": "object",
        "properties": {
            "name": name(), "write_keys": names, "writeKeys": names, "destinations": names,
            "webhook_secret": secret(), "webhookSecret": secret(),
            "webhook_header": { "type": "string" }, "webhookHeader": { "type": "string" },
            "webhook_header_secret": secret(), "webhookHeaderSecret": secret(),
        },
        "required": ["name"],
        "additionalProperties": false,
    })
}

fn endpoint() -> Value {
    let mut members = Map::new();
    for setting in ENDPOINT {
        members.insert(camel_case(setting.name), setting.schema());
        members.insert(setting.name.to_owned(), setting.schema());
    }
    json!({
        "description": "how `segue serve` takes events",
        "type": "object",
        "properties": members,
        "additionalProperties": false,
    })
}

fn secret() -> Value {
    json!({ "oneOf": [
        { "type": "object", "properties": { "env": { "type": "string" } }, "required": ["env"], "additionalProperties": false },
        { "type": "object", "properties": { "file": { "type": "string" } }, "required": ["file"], "additionalProperties": false },
        { "type": "string" },
    ] })
}

fn name() -> Value {
    json!({ "type": "string", "pattern": "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$" })
}

fn members() -> Map<String, Value> {
    let mut members = Map::new();
    for setting in SETTINGS {
        let member = member(setting);
        members.insert(setting.camel_case(), member.clone());
        members.insert(setting.name.to_owned(), member);
    }
    members
}

fn member(setting: &Setting) -> Value {
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    let mut member = match setting.kind {
        Kind::Flag(_) => json!({ "type": "boolean" }),
        Kind::Count(_, (least, most)) => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Kind::Text(rule) if rule.takes_numbers => {
            json!({ "type": ["string", "integer"], "pattern": rule.pattern })
        }
        Kind::Text(rule) => json!({ "type": "string", "pattern": rule.pattern }),
        Kind::Secret(_) => secret(),
        Kind::Names(_) => texts,
        Kind::TextMap(_) => {
            json!({ "type": "object", "additionalProperties": { "type": "string" } })
        }
        Kind::EventMap(_) => {
            let mut targets: Vec<_> = StandardEvent::ALL
                .iter()
                .map(|event| event.name())
                .collect();
            targets.push("");
            json!({ "type": "object", "additionalProperties": { "enum": targets } })
        }
        Kind::DataProcessing(_) => json!({ "type": "array", "minItems": 1, "maxItems": 3 }),
        Kind::Personal(_) => json!({
            "type": "object",
            "properties": { "drop": texts, "hash": texts, "allow": texts },
            "additionalProperties": false,
        }),
    };
    member["description"] = json!(setting.doc);
    member["default"] = setting.value(&Destination::default());
    member
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_in_it_in_both_spellings() {
        let schema = schema();
        for setting in SETTINGS {
            for name in [setting.name.to_owned(), setting.camel_case()] {
                let member = &schema["properties"][&name];
                assert_eq!(member["description"], setting.doc, "{name}");
            }
        }
        assert_eq!(schema["properties"]["value_identifier"]["default"], "price");
        assert_eq!(schema["properties"]["batch_events"]["maximum"], 1000);
    }
}
