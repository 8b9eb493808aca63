use super::{Violation, Warning, validate};
use crate::{
    ActionSource, AppData, Content, Currency, CustomerSegmentation, DataProcessing, ExtInfo,
    ExternalId, Flag, MessagingChannel, Number, OneOrMany, OriginalEventData, ServerEvent,
};

const NOW: i64 = 1_790_000_000;

/// An event without violations and warnings.
fn valid_event(name: &'static str) -> ServerEvent<'static> {
    let mut event = ServerEvent::new(name, NOW);
    event.event_id = Some("id".into());
    event.action_source = Some(ActionSource::Website);
    event.event_source_url = Some("https://shop.example/".into());
    event.user_data.external_id = OneOrMany::One(ExternalId::Plain("user-42".into()));
    event.user_data.client_user_agent = Some("Mozilla/5.0".into());
    event.user_data.client_ip_address = Some("203.0.113.7".into());
    event.custom_data.value = Number::parse("19.90");
    event.custom_data.currency = Some(Currency::USD);
    event
}

fn violations(change: impl FnOnce(&mut ServerEvent<'static>)) -> Vec<&'static str> {
    let mut event = valid_event("Purchase");
    change(&mut event);
    validate(&event, NOW)
        .violations
        .into_iter()
        .map(Violation::name)
        .collect()
}

fn warnings(change: impl FnOnce(&mut ServerEvent<'static>)) -> Vec<&'static str> {
    let mut event = valid_event("Lead");
    change(&mut event);
    validate(&event, NOW)
        .warnings
        .into_iter()
        .map(Warning::name)
        .collect()
}

#[test]
fn valid_event_has_no_findings() {
    assert!(violations(|_| ()).is_empty());
    assert!(warnings(|_| ()).is_empty());
}

#[test]
fn each_violation_is_found_alone() {
    let app = |os_version: &'static str| {
        move |e: &mut ServerEvent<'static>| {
            e.action_source = Some(ActionSource::App);
            e.app_data = Some(Box::new(AppData {
                advertiser_tracking_enabled: Some(Flag(true)),
                application_tracking_enabled: Some(Flag(false)),
                extinfo: Some(ExtInfo {
                    version: "i2".into(),
                    os_version: os_version.into(),
                    ..ExtInfo::default()
                }),
                ..AppData::default()
            }));
        }
    };
    let messaging = |name: &'static str| {
        move |e: &mut ServerEvent<'static>| {
            e.event_name = name.into();
            e.action_source = Some(ActionSource::BusinessMessaging);
            e.messaging_channel = Some(MessagingChannel::Whatsapp);
        }
    };
    let none: [&str; 0] = [];
    assert_eq!(
        violations(|e| e.event_name = "  ".into()),
        ["missing_event_name"]
    );
    assert_eq!(violations(|e| e.event_name = "é".repeat(50).into()), none);
    assert_eq!(
        violations(|e| e.event_name = "é".repeat(51).into()),
        ["event_name_too_long"]
    );
    assert_eq!(
        violations(|e| e.action_source = Some(ActionSource::App)),
        ["missing_app_data"]
    );
    assert_eq!(violations(app("17.5")), none);
    assert_eq!(
        violations(app("")),
        ["missing_app_data"],
        "Meta refuses an empty OS version"
    );
    assert_eq!(violations(messaging("OrderShipped")), none);
    assert_eq!(violations(messaging("Contact")), ["event_name_not_allowed"]);
    assert_eq!(
        violations(|e| e.action_source = Some(ActionSource::BusinessMessaging)),
        ["missing_messaging_channel"]
    );
}

#[test]
fn each_violation_of_data_is_found_alone() {
    let none: [&str; 0] = [];
    assert_eq!(
        violations(|e| e.custom_data.value = None),
        ["missing_purchase_value"]
    );
    assert_eq!(
        violations(|e| e.custom_data.currency = None),
        ["invalid_currency"]
    );
    assert_eq!(
        violations(|e| {
            e.event_name = "Lead".into();
            e.custom_data.currency = None;
        }),
        ["value_without_currency"]
    );
    assert_eq!(
        violations(|e| e.custom_data.contents = vec![Content::new(" ")]),
        ["content_without_id"]
    );
    assert_eq!(
        violations(|e| e.user_data.client_ip_address = Some("203.0.113".into())),
        ["invalid_client_ip_address"]
    );
    assert_eq!(
        violations(|e| e.user_data.client_ip_address = Some("2001:db8::1.AQQCAQMA".into())),
        none
    );
    assert_eq!(
        violations(|e| e.user_data.fbc = Some("fb.1.x.abc".into())),
        ["invalid_fbc"]
    );
    assert_eq!(
        violations(|e| e.user_data.fbc = Some("fb.1.1554763741205.AbC_-d.AQQCAQMC".into())),
        none
    );
    assert_eq!(
        violations(|e| e.user_data.fbp = Some("fb.1.1554763741205.AbC".into())),
        ["invalid_fbp"]
    );
    assert_eq!(
        violations(|e| e.event_source_url = Some("ftp://shop.example".into())),
        ["invalid_event_source_url"]
    );
    assert_eq!(
        violations(|e| e.event_source_url = Some("HTTPS://shop.example".into())),
        none
    );
    assert_eq!(
        violations(|e| {
            e.user_data = crate::UserData::default();
            e.user_data.client_user_agent = Some("Mozilla/5.0".into());
        }),
        ["insufficient_customer_information"]
    );
}

#[test]
fn age_is_counted_to_the_second() {
    const DAY: i64 = 86_400;
    let aged = |age: i64| violations(|e| e.event_time = NOW - age);
    let none: [&str; 0] = [];
    assert_eq!(aged(7 * DAY), none);
    assert_eq!(aged(7 * DAY + 1), ["event_time_too_old"]);
    assert_eq!(aged(-60), none);
    assert_eq!(aged(-61), ["event_time_in_future"]);
    let in_store = |age: i64| {
        violations(|e| {
            e.event_time = NOW - age;
            e.action_source = Some(ActionSource::PhysicalStore);
        })
    };
    assert_eq!(in_store(62 * DAY), none);
    assert_eq!(in_store(62 * DAY + 1), ["event_time_too_old"]);
    assert_eq!(
        violations(|e| e.event_time = i64::MIN),
        ["event_time_too_old"]
    );
    assert_eq!(
        violations(|e| e.event_time = i64::MAX),
        ["event_time_in_future"]
    );
    assert_eq!(
        warnings(|e| e.event_time = NOW - DAY - 1),
        ["event_time_over_a_day_old"]
    );
}

#[test]
fn each_warning_is_found_alone() {
    assert_eq!(
        warnings(|e| e.user_data.client_user_agent = None),
        ["missing_client_user_agent"]
    );
    assert_eq!(
        warnings(|e| e.event_source_url = None),
        ["missing_event_source_url"]
    );
    assert_eq!(warnings(|e| e.event_id = None), ["missing_event_id"]);
    for id in [
        "a".repeat(32),
        "F".repeat(64),
        format!("{}.AQQCAQMC", "0".repeat(64)),
    ] {
        let id = OneOrMany::One(ExternalId::Plain(id.into()));
        assert_eq!(
            warnings(|e| e.user_data.external_id = id),
            ["external_id_looks_hashed"]
        );
    }
    let ldu = |country| DataProcessing::new(true, country, 0);
    assert_eq!(
        warnings(|e| {
            e.data_processing.0 = ldu(0);
            e.user_data.client_ip_address = None;
        }),
        ["ldu_without_ip"]
    );
    let none: [&str; 0] = [];
    assert_eq!(
        warnings(|e| e.data_processing.0 = ldu(0)),
        none,
        "there is an IP address"
    );
    assert_eq!(
        warnings(|e| {
            e.data_processing.0 = ldu(1);
            e.user_data.client_ip_address = None;
        }),
        none,
        "the country is given"
    );
}

#[test]
fn serialization_by_serde_and_by_the_writer_agree_and_nothing_empty_is_written() {
    let mut event = valid_event("Purchase");
    event.referrer_url = Some("".into());
    event
        .custom_data
        .custom_properties
        .push("note \"1\"", crate::RawJson::trusted("{\"a\":[1e400]}"));
    let by_serde = serde_json::to_string(&event).expect("an event is JSON");
    assert_eq!(by_serde, event.to_json());
    assert!(
        !by_serde.contains("referrer_url")
            && !by_serde.contains("app_data")
            && by_serde.contains("1e400")
    );
}

#[test]
fn lead_ids_of_15_and_16_digits_pass_and_others_do_not() {
    let violations = |lead_id| {
        let mut event = valid_event("Lead");
        event.user_data.lead_id = Some(lead_id);
        validate(&event, event.event_time).violations
    };
    for valid in [100_000_000_000_000, 9_999_999_999_999_999] {
        assert_eq!(violations(valid), [], "{valid}");
    }
    for invalid in [0, 99_999_999_999_999, 10_000_000_000_000_000] {
        assert_eq!(violations(invalid), [Violation::InvalidLeadId], "{invalid}");
    }
}

#[test]
fn documented_parameters_are_written_with_their_types() {
    let mut event = valid_event("Lead");
    event.opt_out = Some(true);
    event.customer_segmentation = Some(CustomerSegmentation::NewCustomerToBusiness);
    event.user_data.lead_id = Some(525_645_896_321_548);
    event.user_data.fb_login_id = Some(10_158_212_345_678_901);
    event.user_data.partner_id = Some("p-1".into());
    event.custom_data.event_source = Some("crm".into());
    event.original_event_data = Some(Box::new(OriginalEventData {
        event_time: Some(1_790_000_000),
        event_id: Some("lead-7".into()),
        ..OriginalEventData::default()
    }));
    let json = event.to_json();
    for member in [
        r#""opt_out":true"#,
        r#""customer_segmentation":"new_customer_to_business""#,
        r#""lead_id":525645896321548"#,
        r#""fb_login_id":10158212345678901"#,
        r#""partner_id":"p-1""#,
        r#""event_source":"crm""#,
        r#""original_event_data":{"event_time":1790000000,"event_id":"lead-7"}"#,
    ] {
        assert!(json.contains(member), "{member} in {json}");
    }
}

#[test]
fn fbc_with_a_time_in_seconds_or_in_the_future_draws_a_warning() {
    let warnings_of = |time: &str| {
        warnings(|event| event.user_data.fbc = Some(format!("fb.1.{time}.AbC").into()))
    };
    let now = NOW * 1000;
    for plausible in [
        "1554763741205",
        &now.to_string(),
        &(now + 60_000).to_string(),
    ] {
        assert_eq!(warnings_of(plausible), [""; 0], "{plausible}");
    }
    for implausible in [
        "1",
        "1554763741",
        "1554763741205000",
        &(now + 60_001).to_string(),
        "99999999999999999999999",
    ] {
        let expected = ["fbc_time_implausible"];
        assert_eq!(warnings_of(implausible), expected, "{implausible}");
    }
}
