//! Rows of the settings: what they write, what they leave, and what they never do.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test says what went wrong by panicking"
)]

#[path = "field_rules/laws.rs"]
mod laws;
#[path = "field_rules/precedence.rs"]
mod precedence;
#[path = "field_rules/privacy.rs"]
mod privacy;

use conversions_mapping::{FieldRule, FieldSource, Mapping, Settings, SettingsError};
use facebook_conversions::{HashedValue, RawJson};
use serde_json::{Value, json};

fn path(path: &str) -> FieldSource {
    FieldSource::path(path).expect("a path")
}

fn constant(value: &Value) -> FieldSource {
    FieldSource::Constant(RawJson::parse(value.to_string()).expect("JSON"))
}

fn rule(field: &str, sources: Vec<FieldSource>) -> FieldRule {
    FieldRule {
        event: None,
        field: field.parse().expect("a field"),
        sources,
        keep: false,
    }
}

fn settings(field_rules: Vec<FieldRule>) -> Settings {
    Settings {
        field_rules,
        ..Settings::default()
    }
}

/// A message with members replaced, as `segue map` shows its outcome.
fn map(settings: Settings, members: &Value) -> Value {
    let mut message = json!({"type": "track", "event": "Loaf Baked", "messageId": "m-1", "userId": "baker-1",
        "timestamp": "2026-11-23T11:00:00Z", "context": {"ip": "203.0.113.5", "userAgent": "UA"}});
    for (key, value) in members.as_object().expect("members") {
        message[key] = value.clone();
    }
    let mapping = Mapping::new(settings).expect("settings");
    let now = "2026-11-23T12:00:00Z".parse().expect("a time");
    let mut out = String::new();
    mapping
        .mapper()
        .with_notes(true)
        .map_bytes(message.to_string().as_bytes(), now, |outcome| {
            outcome.write_json(&mut out);
        });
    serde_json::from_str(&out).expect("JSON")
}

fn map_properties(settings: Settings, properties: &Value) -> Value {
    map(settings, &json!({"properties": properties}))
}

fn notes(outcome: &Value) -> Vec<String> {
    let notes = outcome["notes"].as_array().expect("notes");
    notes
        .iter()
        .map(|note| {
            let text = |key: &str| note[key].as_str().unwrap_or("—").to_owned();
            format!("{} ← {}: {}", text("field"), text("from"), text("effect"))
        })
        .collect()
}

fn sha256(text: &str) -> Value {
    Value::from(HashedValue::hash(text).expect("a hash").as_str())
}

#[test]
fn the_first_present_source_wins_and_does_not_stay() {
    let rules = || {
        vec![rule(
            "event_id",
            vec![path("properties.event_id"), path("messageId")],
        )]
    };
    let outcome = map_properties(
        settings(rules()),
        &json!({"event_id": "pixel-1", "crust": "thick"}),
    );
    assert_eq!(outcome["event"]["event_id"], "pixel-1");
    assert_eq!(
        outcome["event"]["custom_data"],
        json!({"currency": "USD", "crust": "thick"})
    );
    assert!(notes(&outcome).contains(&"event_id ← properties.event_id: moved".to_owned()));

    let outcome = map_properties(settings(rules()), &json!({"event_id": " "}));
    assert_eq!(outcome["event"]["event_id"], "m-1");
    assert!(notes(&outcome).contains(&"event_id ← messageId: copied".to_owned()));
    assert!(!notes(&outcome).contains(&"— ← messageId: left_out".to_owned()));
}

#[test]
fn without_a_usable_source_the_built_in_row_applies() {
    let rules = vec![rule("event_source_url", vec![path("properties.link")])];
    let members = json!({"properties": {"link": "no address"}, "context": {"page": {"url": "https://a.example/"}, "userAgent": "UA"}});
    let outcome = map(settings(rules), &members);
    assert_eq!(outcome["event"]["event_source_url"], "https://a.example/");
    assert!(notes(&outcome).contains(&"— ← properties.link: left_out".to_owned()));
    assert_eq!(outcome["event"]["custom_data"].get("link"), None);
}

#[test]
fn a_hashed_field_is_normalized_and_hashed_whatever_its_source() {
    let rules = vec![
        rule(
            "user_data.em",
            vec![
                path("context.traits.email"),
                path("properties.customer_mail"),
            ],
        ),
        rule("user_data.ct", vec![constant(&json!("Łódź"))]),
    ];
    let outcome = map_properties(
        settings(rules),
        &json!({"customer_mail": " Ada@Loaf.example "}),
    );
    let event = &outcome["event"];
    assert_eq!(event["user_data"]["em"], sha256("ada@loaf.example"));
    assert!(event["user_data"]["ct"].as_str().expect("a hash").len() == 64);
    assert_eq!(event["custom_data"], json!({"currency": "USD"}));
    assert!(
        notes(&outcome).contains(&"user_data.em ← properties.customer_mail: hashed".to_owned())
    );
}

#[test]
fn phone_numbers_are_read_by_the_country_of_a_row() {
    let phone = || rule("user_data.ph", vec![path("properties.tel")]);
    for country in [constant(&json!("Germany")), path("properties.land")] {
        let rules = vec![phone(), rule("user_data.country", vec![country])];
        let properties = json!({"tel": "030 1234567", "land": "de"});
        let outcome = map_properties(settings(rules), &properties);
        assert_eq!(outcome["event"]["user_data"]["ph"], sha256("49301234567"));
    }
}

#[test]
fn each_type_of_field_reads_its_own_kind_of_value() {
    let properties = json!({
        "margin": "1.299,50 €", "lead": "123456789012345", "no_ads": "true", "first": "2026-11-01T00:00:00Z",
        "ids": "[\"a\",\"b\"]", "lines": [{"sku": "A", "price": "2", "quantity": 1}], "segment": "new_customer_to_business", "login": 77,
    });
    let rules = vec![
        rule("custom_data.net_revenue", vec![path("properties.margin")]),
        rule("user_data.lead_id", vec![path("properties.lead")]),
        rule("user_data.fb_login_id", vec![path("properties.login")]),
        rule("opt_out", vec![path("properties.no_ads")]),
        rule(
            "original_event_data.event_time",
            vec![path("properties.first")],
        ),
        rule("custom_data.content_ids", vec![path("properties.ids")]),
        rule("custom_data.contents", vec![path("properties.lines")]),
        rule("customer_segmentation", vec![path("properties.segment")]),
        rule(
            "original_event_data.event_name",
            vec![constant(&json!("Purchase"))],
        ),
    ];
    let event = &map_properties(settings(rules), &properties)["event"];
    assert_eq!(event["user_data"]["lead_id"], 123_456_789_012_345_u64);
    assert_eq!(event["user_data"]["fb_login_id"], 77);
    assert_eq!(event["opt_out"], true);
    assert_eq!(event["customer_segmentation"], "new_customer_to_business");
    assert_eq!(
        event["original_event_data"],
        json!({"event_name": "Purchase", "event_time": 1_793_491_200})
    );
    let custom = json!({"currency": "USD", "net_revenue": 1299.5, "content_ids": ["a", "b"],
        "contents": [{"id": "A", "quantity": 1, "item_price": 2}]});
    assert_eq!(event["custom_data"], custom);
}

#[test]
fn values_of_the_wrong_type_are_left_out() {
    let rules = vec![
        rule("user_data.lead_id", vec![path("properties.lead")]),
        rule("opt_out", vec![path("properties.no_ads")]),
        rule("custom_data.predicted_ltv", vec![path("properties.ltv")]),
    ];
    let outcome = map_properties(
        settings(rules),
        &json!({"lead": 12, "no_ads": "perhaps", "ltv": "much"}),
    );
    assert_eq!(outcome["outcome"], "accepted");
    assert_eq!(outcome["event"]["custom_data"], json!({"currency": "USD"}));
    assert_eq!(outcome["event"].get("opt_out"), None);
    for from in ["lead", "no_ads", "ltv"] {
        assert!(notes(&outcome).contains(&format!("— ← properties.{from}: left_out")));
    }
}

#[test]
fn parts_of_an_object_that_were_used_go_and_the_rest_stays() {
    let rules = || {
        vec![rule(
            "custom_data.predicted_ltv",
            vec![path("properties.plan.ltv")],
        )]
    };
    let custom =
        |properties| map_properties(settings(rules()), &properties)["event"]["custom_data"].clone();
    assert_eq!(
        custom(json!({"plan": {"ltv": 9, "tier": "gold"}})),
        json!({"currency": "USD", "predicted_ltv": 9, "plan": {"tier": "gold"}})
    );
    assert_eq!(
        custom(json!({"plan": {"ltv": 9}})),
        json!({"currency": "USD", "predicted_ltv": 9})
    );
    assert_eq!(
        custom(json!({"plan.ltv": 9})),
        json!({"currency": "USD", "predicted_ltv": 9})
    );
    assert_eq!(
        custom(json!({"plan": {"ltv": 9, "email": "x"}})),
        json!({"currency": "USD", "predicted_ltv": 9, "plan": {}})
    );
}

#[test]
fn keep_leaves_the_property_and_a_used_key_of_metas_own_goes() {
    let mut keep = rule("custom_data.content_name", vec![path("properties.name")]);
    keep.keep = true;
    let rules = vec![keep, rule("event_id", vec![path("properties.order_id")])];
    let outcome = map_properties(
        settings(rules),
        &json!({"name": "Rye", "order_id": "o-1", "value": 3}),
    );
    let custom = json!({"currency": "USD", "content_name": "Rye", "name": "Rye", "value": 3});
    assert_eq!(outcome["event"]["custom_data"], custom);
    assert_eq!(outcome["event"]["event_id"], "o-1");
}

#[test]
fn rows_of_one_event_win_by_any_spelling_of_its_name() {
    let mut of_event = rule("custom_data.value", vec![path("properties.margin")]);
    of_event.event = Some("loaf_baked".into());
    let rules = vec![
        rule("custom_data.value", vec![constant(&json!(1))]),
        of_event,
    ];
    let outcome = map_properties(settings(rules.clone()), &json!({"margin": 4, "revenue": 9}));
    assert_eq!(outcome["event"]["custom_data"]["value"], 4);
    let other = map(
        settings(rules),
        &json!({"event": "Loaf Sold", "properties": {"margin": 4}}),
    );
    assert_eq!(
        other["event"]["custom_data"],
        json!({"currency": "USD", "value": 1, "margin": 4})
    );
}

#[test]
fn a_custom_property_of_a_row_wins_over_a_property_of_the_same_key() {
    let rules = vec![rule(
        "custom_data.season",
        vec![constant(&json!({"of": "2026"}))],
    )];
    let outcome = map_properties(settings(rules), &json!({"season": "winter"}));
    assert_eq!(
        outcome["event"]["custom_data"]["season"],
        json!({"of": "2026"})
    );
    assert!(notes(&outcome).contains(&"— ← properties.season: left_out".to_owned()));
    assert!(notes(&outcome).contains(&"custom_data.season ← —: defaulted".to_owned()));

    let mut same = rule("custom_data.season", vec![path("properties.season")]);
    same.keep = true;
    let outcome = map_properties(settings(vec![same]), &json!({"season": "winter"}));
    assert_eq!(outcome["event"]["custom_data"]["season"], "winter");
    assert!(!notes(&outcome).contains(&"— ← properties.season: left_out".to_owned()));
}

#[test]
fn rows_that_contradict_themselves_are_errors_of_the_settings() {
    let error = |rules| Mapping::new(settings(rules)).expect_err("an error");
    let of_event = |event: &str, field| FieldRule {
        event: Some(event.into()),
        ..rule(field, vec![path("userId")])
    };
    assert_eq!(
        error(vec![
            rule("event_id", vec![path("userId")]),
            rule("event_id", vec![path("messageId")])
        ]),
        SettingsError::FieldTwice {
            field: "event_id".into()
        }
    );
    assert_eq!(
        error(vec![
            of_event("Loaf Baked", "event_id"),
            of_event("loaf_baked", "opt_out")
        ]),
        SettingsError::EventFieldsConflict {
            first: "Loaf Baked".into(),
            second: "loaf_baked".into()
        }
    );
    assert_eq!(
        error(vec![rule("event_id", Vec::new())]),
        SettingsError::FieldWithoutSource {
            field: "event_id".into()
        }
    );
    for (field, value) in [
        ("opt_out", json!("maybe")),
        ("user_data.lead_id", json!(7)),
        ("custom_data.value", json!("much")),
        ("custom_data.season", json!("ada@loaf.example")),
        ("custom_data.season", json!(null)),
        ("user_data.em", json!("no address")),
        ("customer_segmentation", json!("friend")),
    ] {
        let error = error(vec![rule(field, vec![constant(&value)])]);
        assert!(
            matches!(error, SettingsError::UnusableConstant { .. }),
            "{field} {value}: {error}"
        );
    }
}
