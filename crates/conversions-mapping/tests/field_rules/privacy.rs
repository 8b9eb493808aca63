//! Contact data in rows of the settings, and as match keys.

use conversions_mapping::{PiiProperties, Settings};
use serde_json::json;

use crate::{map, map_properties, notes, path, rule, settings, sha256};

#[test]
fn contact_data_never_gets_into_custom_data_or_an_id() {
    let rules = vec![
        rule(
            "custom_data.who",
            vec![path("properties.email"), path("context.traits.name")],
        ),
        rule(
            "custom_data.content_name",
            vec![path("context.traits.firstName"), path("properties.buyer")],
        ),
        rule("custom_data.page", vec![path("context.page.url")]),
        rule("custom_data.search", vec![path("context.page.search")]),
        rule("custom_data.traits", vec![path("context.traits")]),
        rule(
            "event_id",
            vec![path("context.traits.phone"), path("properties.buyer")],
        ),
        rule("custom_data.address", vec![path("context.ip")]),
        rule("user_data.external_id", vec![path("context.traits.phone")]),
    ];
    let members = json!({
        "context": {"ip": "203.0.113.5", "userAgent": "UA", "page": {"url": "https://a.example/?e=ada@loaf.example&x=1", "search": "?e=ada%40loaf.example"},
            "traits": {"name": "Ada Lovelace", "firstName": "Ada", "phone": "+44 20 7946 0321"}},
        "properties": {"email": "ada@loaf.example", "buyer": "ada@loaf.example"},
    });
    let outcome = map(settings(rules), &members);
    let event = &outcome["event"];
    assert_eq!(
        event["custom_data"],
        json!({"currency": "USD", "page": "https://a.example/?x=1"})
    );
    assert_eq!(event["event_id"], "m-1");
    assert!(
        notes(&outcome)
            .contains(&"user_data.external_id ← context.traits.phone: hashed".to_owned())
    );
    let id = event["user_data"]["external_id"].as_str().expect("an id");
    assert!(id.len() == 64 && !event.to_string().contains("7946"));
    assert!(notes(&outcome).contains(&"— ← properties.email: dropped_personal".to_owned()));
}

#[test]
fn an_id_that_is_no_contact_data_stays_in_clear_beside_hashed_fields() {
    let rules = vec![
        rule("user_data.external_id", vec![path("properties.member")]),
        rule("user_data.em", vec![path("context.traits.email")]),
    ];
    let members = json!({"context": {"userAgent": "UA", "traits": {"email": "ada@loaf.example"}}, "properties": {"member": "mem-1"}});
    let event = &map(settings(rules), &members)["event"];
    assert_eq!(event["user_data"]["external_id"], "mem-1");
    assert_eq!(event["user_data"]["em"], sha256("ada@loaf.example"));
}

#[test]
fn everything_is_allowed_where_the_settings_allow_everything() {
    let allow = Settings {
        pii_properties: PiiProperties {
            allow: vec!["*".into()],
            ..PiiProperties::default()
        },
        ..settings(vec![rule(
            "custom_data.who",
            vec![path("properties.email")],
        )])
    };
    let outcome = map_properties(allow, &json!({"email": "ada@loaf.example"}));
    assert_eq!(outcome["event"]["custom_data"]["who"], "ada@loaf.example");
}

#[test]
fn match_properties_fill_what_the_traits_leave_empty() {
    let on = || Settings {
        match_properties: true,
        ..Settings::default()
    };
    let members = json!({"context": {"userAgent": "UA", "traits": {"firstName": "Grace"}},
        "properties": {"E_Mail": "Ada@Loaf.example", "phone": "+44 20 7946 0321", "first_name": "Ada", "lastName": "Lovelace"}});
    let user = map(on(), &members)["event"]["user_data"].clone();
    assert_eq!(user["em"], sha256("ada@loaf.example"));
    assert_eq!(user["ph"], sha256("442079460321"));
    assert_eq!(user["fn"], sha256("grace"));
    assert_eq!(user["ln"], sha256("lovelace"));
    assert_eq!(
        map(on(), &members)["event"]["custom_data"],
        json!({"currency": "USD"})
    );
    assert_eq!(
        map(Settings::default(), &members)["event"]["user_data"].get("em"),
        None
    );
}
