use std::{collections::BTreeSet, fmt::Write as _};

use serde_json::{Value, json};

use super::{FAULTS, first_fault};

const NOW: i64 = 1_790_000_000;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
const HASH: &str = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f";

/// A Purchase that Graph takes, with members set by dotted path; `null` removes one.
fn event(changes: &[(&str, Value)]) -> Value {
    let mut event = json!({
        "event_name": "Purchase", "event_time": NOW - HOUR, "event_id": "e-1",
        "action_source": "website", "event_source_url": "https://shop.example/thanks",
        "user_data": {
            "em": [HASH], "external_id": "u-1", "client_ip_address": "203.0.113.9",
            "client_user_agent": "Mozilla/5.0", "fbc": "fb.1.1554763741205.IwAR2F4",
            "fbp": "fb.1.1596403881668.1116446470",
        },
        "custom_data": {
            "value": 19.9, "currency": "EUR", "content_ids": ["sku-1"], "num_items": 1,
            "contents": [{"id": "sku-1", "quantity": 1, "item_price": 19.9}], "colour": null,
        },
    });
    for (path, value) in changes {
        set(&mut event, path, value);
    }
    event
}

fn set(event: &mut Value, path: &str, value: &Value) {
    let mut parts: Vec<&str> = path.split('.').collect();
    let last = parts.pop().unwrap();
    let mut inner = event;
    for part in parts {
        inner = inner
            .as_object_mut()
            .unwrap()
            .entry(part)
            .or_insert_with(|| json!({}));
    }
    match value {
        Value::Null => drop(inner.as_object_mut().unwrap().remove(last)),
        value => inner[last] = value.clone(),
    }
}

fn found(changes: &[(&str, Value)]) -> Option<&'static str> {
    first_fault(&event(changes), NOW).map(|fault| fault.name)
}

fn only(user_data: Value) -> [(&'static str, Value); 1] {
    [("user_data", user_data)]
}

fn extinfo(position: usize, entry: &str) -> Value {
    let mut entries = vec!["a2"; 16];
    entries[position] = entry;
    json!(entries)
}

fn app(changes: &[(&'static str, Value)]) -> Vec<(&'static str, Value)> {
    let mut all = vec![
        ("action_source", json!("app")),
        ("app_data.advertiser_tracking_enabled", json!(1)),
        ("app_data.application_tracking_enabled", json!(0)),
        ("app_data.extinfo", extinfo(4, "14.1")),
    ];
    all.extend_from_slice(changes);
    all
}

fn messaging(changes: &[(&'static str, Value)]) -> Vec<(&'static str, Value)> {
    let mut all = vec![
        ("action_source", json!("business_messaging")),
        ("messaging_channel", json!("whatsapp")),
    ];
    all.extend_from_slice(changes);
    all
}

/// Events that Graph refuses, each with its fault.
fn bad_events() -> Vec<(&'static str, Value)> {
    [bad_members(), bad_user_data(), bad_custom_data()].concat()
}

#[rustfmt::skip]
fn bad_members() -> Vec<(&'static str, Value)> {
    vec![
        ("a text for an event",             json!("Purchase")),
        ("a list for an event",             json!([])),
        ("no event_name",                   event(&[("event_name", json!(null))])),
        ("blank event_name",                event(&[("event_name", json!(" \t"))])),
        ("numeric event_name",              event(&[("event_name", json!(7))])),
        ("custom name of 51 characters",    event(&[("event_name", json!("é".repeat(51)))])),
        ("no event_time",                   event(&[("event_time", json!(null))])),
        ("event_time as RFC 3339",          event(&[("event_time", json!("2026-09-21T14:13:20Z"))])),
        ("event_time with a fraction",      event(&[("event_time", json!(1_789_999_999.5))])),
        ("negative event_time",             event(&[("event_time", json!(-1))])),
        ("event_time in milliseconds",      event(&[("event_time", json!(NOW * 1000))])),
        ("7 days and a second old",         event(&[("event_time", json!(NOW - 7 * DAY - 1))])),
        ("shop, 62 days and a second old",  event(&[("action_source", json!("physical_store")), ("event_time", json!(NOW - 62 * DAY - 1))])),
        ("61 seconds ahead",                event(&[("event_time", json!(NOW + 61))])),
        ("event_id as object",              event(&[("event_id", json!({"id": 1}))])),
        ("event_source_url of a file",      event(&[("event_source_url", json!("file:///thanks"))])),
        ("event_source_url without scheme", event(&[("event_source_url", json!("shop.example"))])),
        ("opt_out as text",                 event(&[("opt_out", json!("true"))])),
        ("original_event_data as text",     event(&[("original_event_data", json!("Purchase"))])),
        ("original time as a date",         event(&[("original_event_data", json!({"event_time": "2026-09-21"}))])),
        ("original id as object",           event(&[("original_event_data", json!({"event_id": {}}))])),
        ("unknown customer segmentation",   event(&[("customer_segmentation", json!("best_customer"))])),
        ("customer segmentation as list",   event(&[("customer_segmentation", json!(["new_customer_to_business"]))])),
        ("action_source in the wrong case", event(&[("action_source", json!("Website"))])),
        ("action_source as number",         event(&[("action_source", json!(1))])),
        ("app without app_data",            event(&app(&[("app_data", json!(null))]))),
        ("app_data as text",                event(&app(&[("app_data", json!("a2"))]))),
        ("app without tracking flag",       event(&app(&[("app_data.advertiser_tracking_enabled", json!(null))]))),
        ("app with tracking flag 2",        event(&app(&[("app_data.application_tracking_enabled", json!(2))]))),
        ("app without extinfo",             event(&app(&[("app_data.extinfo", json!(null))]))),
        ("extinfo of 15",                   event(&app(&[("app_data.extinfo", json!(vec!["a2"; 15]))]))),
        ("extinfo with a number",           event(&app(&[("app_data.extinfo", json!(vec![2; 16]))]))),
        ("extinfo of an unknown system",    event(&app(&[("app_data.extinfo", extinfo(0, "w2"))]))),
        ("extinfo without OS version",      event(&app(&[("app_data.extinfo", extinfo(4, ""))]))),
        ("message with a custom name",      event(&messaging(&[("event_name", json!("Lead"))]))),
        ("message without channel",         event(&messaging(&[("messaging_channel", json!(null))]))),
        ("message over an unknown channel", event(&messaging(&[("messaging_channel", json!("telegram"))]))),
    ]
}

#[rustfmt::skip]
fn bad_user_data() -> Vec<(&'static str, Value)> {
    vec![
        ("user_data as list",               event(&only(json!([])))),
        ("em as object",                    event(&[("user_data.em", json!({"hash": HASH}))])),
        ("fbc as list",                     event(&[("user_data.fbc", json!(["fb.1.1554763741205.IwAR2F4"]))])),
        ("external_id as boolean",          event(&[("user_data.external_id", json!(true))])),
        ("em in clear",                     event(&[("user_data.em", json!("jane@example.com"))])),
        ("ph in clear beside a hash",       event(&[("user_data.ph", json!([HASH, "16505551212"]))])),
        ("zp in clear as number",           event(&[("user_data.zp", json!(94_035))])),
        ("hash of 63 digits",               event(&[("user_data.fn", json!(HASH[1..]))])),
        ("hash with a digit that is none",  event(&[("user_data.fn", json!(format!("g{}", &HASH[1..])))])),
        ("hash with an unknown suffix",     event(&[("user_data.fn", json!(format!("{HASH}.AQQ")))])),
        ("IP with a blank",                 event(&[("user_data.client_ip_address", json!("203.0.113.9 "))])),
        ("IP with a port",                  event(&[("user_data.client_ip_address", json!("203.0.113.9:443"))])),
        ("fbc of three parts",              event(&[("user_data.fbc", json!("fb.1.IwAR2F4"))])),
        ("fbc of six parts",                event(&[("user_data.fbc", json!("fb.1.1554763741205.I.A.B"))])),
        ("fbp without a random number",     event(&[("user_data.fbp", json!("fb.1.1596403881668."))])),
        ("fbp with letters for a number",   event(&[("user_data.fbp", json!("fb.1.1596403881668.AbC"))])),
        ("fbp in capitals",                 event(&[("user_data.fbp", json!("FB.1.1596403881668.1"))])),
        ("partner_id as list",              event(&[("user_data.partner_id", json!(["p-1"]))])),
        ("partner_id alone",                event(&only(json!({"partner_id": "p-1", "partner_name": "Acme"})))),
        ("lead_id of 14 digits",            event(&[("user_data.lead_id", json!(12_345_678_901_234_u64))])),
        ("no user_data",                    event(&only(json!(null)))),
        ("empty user_data",                 event(&only(json!({})))),
        ("user agent alone",                event(&only(json!({"client_user_agent": "Mozilla/5.0"})))),
        ("place, gender and user agent",    event(&only(json!({"ct": HASH, "country": HASH, "st": HASH, "zp": HASH, "ge": HASH, "client_user_agent": "Mozilla/5.0"})))),
        ("birth date and user agent",       event(&only(json!({"db": [HASH], "client_user_agent": "Mozilla/5.0"})))),
        ("first name and gender",           event(&only(json!({"fn": HASH, "ge": HASH})))),
        ("last name, the rest blank",       event(&only(json!({"ln": HASH, "em": [], "ph": [""], "fbp": " ", "external_id": null})))),
        ("an unknown key alone",            event(&only(json!({"shoe_size": "42"})))),
    ]
}

#[rustfmt::skip]
fn bad_custom_data() -> Vec<(&'static str, Value)> {
    let options = "data_processing_options";
    let country = "data_processing_options_country";
    let state = "data_processing_options_state";
    vec![
        ("custom_data as list",             event(&[("custom_data", json!([]))])),
        ("value as word",                   event(&[("custom_data.value", json!("much"))])),
        ("infinite value",                  event(&[("custom_data.value", json!("inf"))])),
        ("value as list",                   event(&[("custom_data.value", json!([1]))])),
        ("Purchase without value",          event(&[("custom_data.value", json!(null))])),
        ("Purchase without custom_data",    event(&[("custom_data", json!(null))])),
        ("Purchase without currency",       event(&[("custom_data.currency", json!(null))])),
        ("Purchase with blank currency",    event(&[("custom_data.currency", json!(""))])),
        ("Purchase in no currency",         event(&[("custom_data.currency", json!("ZZZ"))])),
        ("Lead with value, no currency",    event(&[("event_name", json!("Lead")), ("custom_data.currency", json!(null))])),
        ("Lead in no currency",             event(&[("event_name", json!("Lead")), ("custom_data.currency", json!("EURO"))])),
        ("content_ids as text",             event(&[("custom_data.content_ids", json!("sku-1"))])),
        ("content_ids of objects",          event(&[("custom_data.content_ids", json!([{"id": "sku-1"}]))])),
        ("contents as object",              event(&[("custom_data.contents", json!({"id": "sku-1"}))])),
        ("contents of texts",               event(&[("custom_data.contents", json!(["sku-1"]))])),
        ("contents with product_id",        event(&[("custom_data.contents", json!([{"product_id": "sku-1"}]))])),
        ("contents with a blank id",        event(&[("custom_data.contents", json!([{"id": "sku-1"}, {"id": ""}]))])),
        ("num_items with a fraction",       event(&[("custom_data.num_items", json!(1.5))])),
        ("num_items below zero",            event(&[("custom_data.num_items", json!(-1))])),
        ("num_items as text",               event(&[("custom_data.num_items", json!("two"))])),
        ("predicted_ltv as word",           event(&[("custom_data.predicted_ltv", json!("high"))])),
        ("net_revenue as boolean",          event(&[("custom_data.net_revenue", json!(true))])),
        ("delivery by drone",               event(&[("custom_data.delivery_category", json!("drone"))])),
        ("processing options as text",      event(&[(options, json!("LDU"))])),
        ("unknown processing option",       event(&[(options, json!(["LDU", "GDPR"]))])),
        ("AMO without a table",             event(&[(options, json!(["AMO"]))])),
        ("processing in country 2",         event(&[(options, json!(["LDU"])), (country, json!(2)), (state, json!(0))])),
        ("processing in state 999",         event(&[(options, json!(["LDU"])), (country, json!(1)), (state, json!(999))])),
        ("processing in state 1014",        event(&[(options, json!(["LDU"])), (country, json!(1)), (state, json!(1014))])),
        ("processing without state",        event(&[(options, json!(["LDU"])), (country, json!(1))])),
    ]
}

#[test]
fn bad_events_are_refused_with_these_codes() {
    let mut text = String::new();
    for (what, event) in bad_events() {
        let fault = first_fault(&event, NOW).unwrap_or_else(|| panic!("{what}: accepted"));
        let subcode = fault
            .subcode
            .map(|subcode| format!("/{subcode}"))
            .unwrap_or_default();
        writeln!(
            text,
            "{what:32} {:12} {}",
            format!("{}{subcode}", fault.code),
            fault.name
        )
        .unwrap();
    }
    insta::assert_snapshot!(text);
}

#[test]
fn every_row_is_the_first_fault_of_some_event() {
    let hit: BTreeSet<&str> = bad_events()
        .iter()
        .filter_map(|(_, event)| first_fault(event, NOW))
        .map(|fault| fault.name)
        .collect();
    let rows: BTreeSet<&str> = FAULTS.iter().map(|fault| fault.name).collect();
    assert_eq!(hit, rows);
}

#[test]
#[rustfmt::skip]
fn events_just_within_the_rules_are_accepted() {
    let good: &[&[(&str, Value)]] = &[
        &[],
        &[("event_name", json!("é".repeat(50))), ("custom_data", json!(null))],
        &[("event_time", json!(NOW - 7 * DAY))],
        &[("event_time", json!(NOW + 60))],
        &[("action_source", json!("physical_store")), ("event_time", json!(NOW - 62 * DAY))],
        &[("action_source", json!(null)), ("event_source_url", json!(null)), ("event_id", json!(null))],
        &[("event_id", json!(42)), ("opt_out", json!(false)), ("event_source_url", json!("HTTPS://shop.example"))],
        &[("user_data.client_user_agent", json!(null))],
        &only(json!({"client_ip_address": "2001:db8::1", "client_user_agent": "Mozilla/5.0"})),
        &only(json!({"fn": HASH, "ln": HASH})),
        &only(json!({"db": HASH, "ge": HASH})),
        &only(json!({"external_id": 42})),
        &only(json!({"external_id": ["jane@example.com"]})),
        &only(json!({"em": HASH.to_uppercase()})),
        &only(json!({"em": format!("{HASH}.AQQCAQMC"), "ph": format!("{HASH}.Bg"), "fn": "5d41402abc4b2a76b9719d911017c592"})),
        &only(json!({"client_ip_address": "1.2.3.4.AQQCAQMA", "fbc": "fb.1.1554763741205.I.AQQCAQMC"})),
        &only(json!({"lead_id": 123_456_789_012_345_u64})),
        &only(json!({"lead_id": "1234567890123456"})),
        &[("custom_data.value", json!("19.90")), ("custom_data.currency", json!("usd"))],
        &[("custom_data.value", json!(-1)), ("custom_data.colour", json!({"any": ["thing"]}))],
        &[("event_name", json!("Lead")), ("custom_data.value", json!(null)), ("custom_data.currency", json!("MRU"))],
        &[("custom_data.content_ids", json!(["a", 7])), ("custom_data.contents", json!([{"id": 7}]))],
        &[("custom_data.contents", json!([])), ("custom_data.delivery_category", json!("curbside"))],
        &[("data_processing_options", json!([]))],
        &[("data_processing_options", json!(["LDU"])), ("data_processing_options_country", json!(0)), ("data_processing_options_state", json!(0))],
        &[("data_processing_options", json!(["LDU"])), ("data_processing_options_country", json!(1)), ("data_processing_options_state", json!(1013))],
        &[("data_processing_options", json!(["AMO"])), ("advanced_measurement_table", json!("t"))],
        &[("opt_out", json!(true)), ("customer_segmentation", json!("customer_in_loyalty_program"))],
        &[("event_name", json!("Lead")), ("custom_data.event_source", json!("crm")), ("custom_data.lead_event_source", json!("HubSpot"))],
        &[("user_data.fb_login_id", json!(10_158_212_345_678_901_u64)), ("user_data.subscription_id", json!("s-1"))],
        &[("user_data.partner_id", json!("p-1")), ("user_data.partner_name", json!("Acme"))],
        &[("original_event_data", json!({"event_name": "Purchase", "event_time": NOW - DAY, "order_id": "o-1", "event_id": "e-0"}))],
        &[("custom_data.net_revenue", json!(4.5)), ("custom_data.predicted_ltv", json!("120.00"))],
        &app(&[("event_name", json!("fb_mobile_level_achieved")), ("custom_data.fb_level", json!("7")), ("custom_data._valueToSum", json!(1))]),
        &app(&[]),
        &app(&[("app_data.extinfo", extinfo(0, "i2"))]),
        &messaging(&[]),
        &messaging(&[("event_name", json!("CartAbandoned"))]),
    ];
    for changes in good {
        assert_eq!(found(changes), None, "{changes:?}");
    }
}

#[test]
fn the_table() {
    let mut text = String::new();
    for fault in FAULTS {
        let subcode = fault
            .subcode
            .map_or("-".to_owned(), |subcode| subcode.to_string());
        writeln!(
            text,
            "{:30} {} {subcode:7} {:10} {}: {}",
            fault.name,
            fault.code,
            format!("{:?}", fault.confidence),
            fault.title,
            fault.message
        )
        .unwrap();
    }
    insta::assert_snapshot!(text);
}

proptest::proptest! {
    /// The table has an answer for every event.
    #[test]
    fn no_event_makes_the_table_panic(
        name in ".{0,60}", text in ".{0,70}", number in proptest::num::f64::ANY, member in 0_usize..40,
    ) {
        let full = event(&app(&messaging(&[("app_data.extinfo", extinfo(1, ""))])));
        for value in [json!(text), json!(number), json!([text]), json!({"id": number}), json!([[]])] {
            let mut event = full.clone();
            let names: Vec<String> = event.as_object().unwrap().keys().cloned().collect();
            let name_at = &names[member % names.len()];
            set(&mut event, name_at, &value);
            let _ = first_fault(&event, NOW);
            for outer in ["user_data", "custom_data", "app_data"] {
                let mut event = full.clone();
                let names: Vec<String> = event[outer].as_object().unwrap().keys().cloned().collect();
                set(&mut event, &format!("{outer}.{}", names[member % names.len()]), &value);
                let _ = first_fault(&event, NOW);
            }
            let mut event = full.clone();
            event["event_name"] = json!(name);
            let _ = first_fault(&event, i64::MIN);
            let _ = first_fault(&event, i64::MAX);
        }
    }
}
