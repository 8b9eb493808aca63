//! Which messages a memory is told of, and what becomes of what it fills.

use std::sync::{Arc, Mutex};

use facebook_conversions::{ExternalId, HashedValue, UserData};
use segment_spec::Line;

use super::{Customer, CustomerMemory};
use crate::{Mapping, Settings};

/// Writes down what it is told, and knows the e-mail address of everybody.
#[derive(Debug, Default)]
struct Notebook(Mutex<Vec<String>>);

impl Notebook {
    fn write(&self, customer: &Customer<'_>, user_data: &UserData<'_>) {
        let ids = [
            customer.user_id,
            customer.anonymous_id,
            customer.previous_id,
        ];
        let ids = ids.map(|id| id.unwrap_or("-")).join(" ");
        let external_id = match customer.anonymous_external_id {
            Some(ExternalId::Hashed(_)) => " hashed",
            Some(ExternalId::Plain(_)) => " in-clear",
            None => "",
        };
        let fields: Vec<_> = user_data.present().collect();
        let line = format!("{ids}{external_id} {}: {}", customer.time, fields.join(" "));
        self.0.lock().expect("a list").push(line);
    }
}

impl CustomerMemory for Notebook {
    fn learn(&self, customer: &Customer<'_>, user_data: &UserData<'_>) {
        self.write(customer, user_data);
    }

    fn learn_and_fill(
        &self,
        customer: &Customer<'_>,
        user_data: &mut UserData<'_>,
        remembered: &mut dyn FnMut(&'static str),
    ) {
        self.write(customer, user_data);
        if user_data.em.is_empty() {
            user_data.em = HashedValue::hash("jane").into_iter().collect();
            remembered("user_data.em");
        }
    }
}

/// What the memory was told, and the outcome.
fn mapped(settings: Settings, message: &str) -> (Vec<String>, String) {
    let notebook = Arc::new(Notebook::default());
    let mapping = Mapping::new(settings).expect("settings");
    let mapping = mapping.with_memory(Arc::clone(&notebook) as Arc<dyn CustomerMemory>);
    let line = Line::new(message.as_bytes()).expect("a line");
    let now = "2026-11-23T12:00:00Z".parse().expect("a time");
    let mut json = String::new();
    let mut mapper = mapping.mapper().with_notes(true);
    mapper.map(&line, now).write_json(&mut json);
    let told = std::mem::take(&mut *notebook.0.lock().expect("a list"));
    (told, json)
}

fn told(message: &str) -> Vec<String> {
    mapped(Settings::default(), message).0
}

const TIME: &str = r#""timestamp":"2026-11-23T11:59:30.250Z""#;

#[test]
fn an_event_is_told_and_gets_what_it_lacks() {
    let message = format!(
        r#"{{"type":"track","event":"A","userId":7,"anonymousId":"a1",{TIME},"properties":{{"fbp":"fb.1.1596403881668.7"}}}}"#
    );
    let (told, outcome) = mapped(Settings::default(), &message);
    assert_eq!(told, ["7 a1 - in-clear 1795435170250: external_id fbp"]);
    let note = r#"{"field":"user_data.em","from":"memory","effect":"remembered"}"#;
    assert!(outcome.contains(note), "{outcome}");
    assert!(outcome.contains(r#""em":""#), "{outcome}");
}

#[test]
fn fields_filled_from_memory_count_for_validation() {
    let message = format!(r#"{{"type":"track","event":"A",{TIME}}}"#);
    let (_, outcome) = mapped(Settings::default(), &message);
    assert!(outcome.starts_with(r#"{"outcome":"accepted""#), "{outcome}");
}

#[test]
fn the_memory_hears_of_messages_that_become_no_event() {
    let identify = format!(
        r#"{{"type":"identify","userId":"u1","anonymousId":"a1",{TIME},"traits":{{"email":"jane@example.com","name":"Jane Doe"}}}}"#
    );
    assert_eq!(
        told(&identify),
        ["u1 a1 - in-clear 1795435170250: em fn ln"]
    );
    let page = format!(
        r#"{{"type":"page","anonymousId":"a1",{TIME},"context":{{"page":{{"url":"https://shop.example/?fbclid=AbC"}}}}}}"#
    );
    assert_eq!(told(&page), ["- a1 - 1795435170250: fbc"]);
    let group = format!(
        r#"{{"type":"group","userId":"u1","groupId":"g1",{TIME},"traits":{{"email":"office@example.com"}}}}"#
    );
    assert_eq!(
        told(&group),
        ["u1 - - 1795435170250: "],
        "the group's traits are not a person's"
    );
    let alias = format!(r#"{{"type":"alias","previousId":"a1","userId":"u1",{TIME}}}"#);
    assert_eq!(told(&alias), ["u1 - a1 1795435170250: "]);
    let rejected = format!(r#"{{"type":"track","userId":"u1",{TIME}}}"#);
    assert_eq!(told(&rejected), ["u1 - - 1795435170250: "]);
}

#[test]
fn the_memory_hears_of_filtered_events() {
    let settings = Settings {
        deny_events: vec!["A".to_owned()],
        ..Settings::default()
    };
    let message = format!(r#"{{"type":"track","event":"A","userId":"u1",{TIME}}}"#);
    assert_eq!(mapped(settings, &message).0.len(), 1);
}

#[test]
fn the_memory_hears_nothing_without_consent_or_for_other_destinations() {
    let settings = Settings {
        required_consent: vec!["Advertising".to_owned()],
        ..Settings::default()
    };
    for kind in ["track", "identify"] {
        let message = format!(r#"{{"type":"{kind}","event":"A","userId":"u1",{TIME}}}"#);
        assert!(mapped(settings.clone(), &message).0.is_empty());
        let message = format!(
            r#"{{"type":"{kind}","event":"A","userId":"u1",{TIME},"integrations":{{"All":false}}}}"#
        );
        assert!(told(&message).is_empty());
    }
    assert!(told(r#"{"type":"delete","userId":"u1"}"#).is_empty());
    assert!(told(r#"{"type":"identify","userId":"u1","timestamp":"never"}"#).is_empty());
}

#[test]
fn the_anonymous_id_is_sent_as_the_settings_have_external_ids_sent() {
    let both = format!(r#"{{"type":"page","userId":"u1","anonymousId":"a1",{TIME}}}"#);
    let told = |change: fn(&mut Settings)| {
        let mut settings = Settings::default();
        change(&mut settings);
        mapped(settings, &both).0.concat()
    };
    let hashed = told(|settings| settings.hash_external_id = true);
    assert_eq!(hashed, "u1 a1 - hashed 1795435170250: ");
    assert_eq!(told(|_| ()), "u1 a1 - in-clear 1795435170250: ");
    let other_ids = told(|settings| settings.external_id_prop = Some("properties.id".into()));
    assert_eq!(other_ids, "u1 a1 - 1795435170250: ");
    let row = told(|settings| {
        settings.field_rules = vec![crate::FieldRule {
            event: None,
            field: "user_data.external_id".parse().expect("a field"),
            sources: vec![crate::FieldSource::path("properties.id").expect("a path")],
            keep: false,
        }];
    });
    assert_eq!(row, "u1 a1 - 1795435170250: ");
}
