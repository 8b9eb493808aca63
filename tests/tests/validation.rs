//! Validation against the sandbox, which has a table of faults of its own, written from Meta's documentation.
#![expect(
    clippy::expect_used,
    reason = "a test says what went wrong by panicking"
)]

use conversions_mapping::{FieldRule, FieldSource, Mapping, Outcome, Settings, writable_fields};
use e2e::arbitrary;
use facebook_conversions::validation::validate;
use facebook_conversions::{
    ActionSource, ExternalId, HashedValue, OneOrMany, ServerEvent, Text, UserData,
};
use graph_sandbox::first_fault;
use jiff::Timestamp;
use proptest::prelude::*;

const NOW: i64 = 1_790_000_000;

fn fault(event: &ServerEvent<'_>) -> Option<&'static str> {
    let event = serde_json::from_str(&event.to_json()).expect("an event is JSON");
    first_fault(&event, NOW).map(|fault| fault.name)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_sandbox_accepts_every_event_that_passes_validation(event in arbitrary::event(NOW)) {
        if let Some(fault) = fault(&event) {
            let violations = validate(&event, NOW).violations;
            prop_assert!(!violations.is_empty(), "refused for {}: {}", fault, event.to_json());
        }
    }
}

proptest! {
    #[test]
    fn the_sandbox_accepts_every_event_that_mapping_accepts(message in arbitrary::message(), ldu in any::<bool>()) {
        let settings = Settings { limited_data_use: ldu, send_identify: true, ..Settings::default() };
        let mapping = Mapping::new(settings).expect("settings");
        let now = Timestamp::from_second(NOW).expect("a time");
        mapping.mapper().map_bytes(message.to_string().as_bytes(), now, |outcome| {
            if let Outcome::Accepted(mapped) = outcome {
                prop_assert_eq!(fault(&mapped.event), None, "{}", mapped.event.to_json());
            }
            Ok(())
        })?;
    }
}

/// One `UserData` for each of its members, with nothing but that member. A new member does not compile until it has a
/// value here.
macro_rules! each_alone {
    ($($member:ident: $value:expr,)*) => {{
        let UserData { $($member: _,)* } = UserData::default();
        vec![$((
            stringify!($member),
            UserData { $member: $value, ..UserData::default() },
        ),)*]
    }};
}

#[test]
fn each_match_key_that_validation_finds_sufficient_alone_the_sandbox_does_too() {
    let hash = || OneOrMany::from_iter(HashedValue::hash("value"));
    let text = |text: &'static str| Some(Text::from(text));
    let each = each_alone! {
        em: hash(),
        ph: hash(),
        r#fn: hash(),
        ln: hash(),
        db: hash(),
        ge: hash(),
        ct: hash(),
        st: hash(),
        zp: hash(),
        country: hash(),
        external_id: OneOrMany::One(ExternalId::Plain("user-42".into())),
        client_ip_address: text("203.0.113.7"),
        client_user_agent: text("Mozilla/5.0"),
        fbc: text("fb.1.1554763741205.AbC"),
        fbp: text("fb.1.1554763741205.1098115397"),
        subscription_id: text("s-1"),
        fb_login_id: Some(10_158_212_345_678_901),
        lead_id: Some(525_645_896_321_548),
        anon_id: text("a-1"),
        madid: text("m-1"),
        page_id: text("p-1"),
        page_scoped_user_id: text("p-2"),
        ctwa_clid: text("c-1"),
        whatsapp_business_account_id: text("w-1"),
        ig_account_id: text("i-1"),
        ig_sid: text("i-2"),
        partner_id: text("x-1"),
        partner_name: text("x"),
    };
    for (member, user_data) in each {
        let mut event = ServerEvent::new("Lead", NOW);
        event.action_source = Some(ActionSource::Email);
        event.user_data = user_data;
        if validate(&event, NOW).violations.is_empty() {
            assert_eq!(fault(&event), None, "{member}");
        }
    }
}

/// Values that some of the fields can use, and some that none can.
const VALUES: [&str; 23] = [
    "\"a text\"",
    "\"\"",
    "null",
    "7",
    "-7",
    "19.90",
    "\"19,90 €\"",
    "true",
    "\"false\"",
    "\"1\"",
    "[]",
    "{}",
    "[\"a\",7]",
    "[{\"id\":\"sku\"}]",
    "123456789012345",
    "\"1790000000\"",
    "\"1960-01-01T00:00:00Z\"",
    "\"fb.1.1554763741205.7\"",
    "\"203.0.113.9, 10.0.0.7\"",
    "\"https://shop.example/\"",
    "\"new_customer_to_business\"",
    "\"whatsapp\"",
    "\"EUR\"",
];

/// Settings with a row for each field that rows may write, from a property of the same name.
fn all_rows() -> Settings {
    let rule = |(path, _): (&str, &str)| FieldRule {
        event: None,
        field: path.parse().expect("a field that rows may write"),
        sources: vec![
            FieldSource::path(&format!("properties.{}", property(path))).expect("a path"),
        ],
        keep: false,
    };
    Settings {
        field_rules: writable_fields().map(rule).collect(),
        ..Settings::default()
    }
}

fn property(path: &str) -> String {
    path.replace('.', "_from_")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn the_sandbox_accepts_fields_written_by_settings_rows(
        values in prop::collection::vec(prop::option::of(prop::sample::select(VALUES.to_vec())), writable_fields().count()),
        name in prop::sample::select(vec!["Order Completed", "Lead", "LeadSubmitted", "fb_mobile_purchase"]),
        source in prop::sample::select(vec!["website", "app", "business_messaging", "physical_store"]),
    ) {
        let mapping = Mapping::new(all_rows()).expect("settings");
        let properties = writable_fields().zip(&values).filter_map(|((path, _), value)| {
            Some(format!("\"{}\":{},", property(path), (*value)?))
        });
        let properties: Vec<_> = properties.collect();
        let message = format!(
            r#"{{"type":"track","event":"{name}","userId":"u","timestamp":{NOW},"context":{{"os":{{"name":"iOS","version":"17"}}}},"properties":{{"action_source":"{source}","revenue":1,{}"x":1}}}}"#,
            properties.concat(),
        );
        let now = Timestamp::from_second(NOW).expect("a time");
        mapping.mapper().map_bytes(message.as_bytes(), now, |outcome| {
            if let Outcome::Accepted(mapped) = outcome {
                prop_assert_eq!(fault(&mapped.event), None, "{}", mapped.event.to_json());
            }
            Ok(())
        })?;
    }
}
