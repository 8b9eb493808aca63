use conversions_mapping::{Mapping, Outcome, Settings};
use segment_spec::Line;

use super::*;

fn counts(properties: &str, context: &str) -> HintCounts {
    let mapping = Mapping::new(Settings::default()).unwrap();
    let line = format!(
        r#"{{"event":"Lead","userId":"u","timestamp":"2026-11-20T11:00:00Z","properties":{{{properties}}},"context":{{{context}}}}}"#
    );
    let line = Line::new(line.as_bytes()).unwrap();
    let message = Message::read(&line).unwrap();
    let now = "2026-11-20T12:00:00Z".parse().unwrap();
    let mut counts = HintCounts::default();
    let mut engine = mapping.mapper();
    match engine.map_message(&message, now) {
        Outcome::Accepted(mapped) => counts.count(&message, &mapped),
        other => panic!("{other:?}"),
    }
    counts
}

fn names(counts: &NamedCounts) -> Vec<&str> {
    counts.0.keys().map(|name| &**name).collect()
}

#[test]
fn contact_properties_count_unless_the_traits_have_the_key() {
    let found = counts(r#""Email":"a@example.com","mobile":"1""#, "");
    assert_eq!(found.match_properties, 1);
    assert_eq!(names(&found.matched_names), ["Email", "mobile"]);
    let known = counts(
        r#""email":"a@example.com""#,
        r#""traits":{"email":"b@example.com"}"#,
    );
    assert_eq!(known.match_properties, 0);
}

#[test]
fn names_with_blanks_and_hyphens_need_a_row() {
    let found = counts(r#""Phone Number":"1","e-mail":"a@example.com""#, "");
    assert_eq!(found.match_properties, 0);
    assert_eq!(names(&found.similar_names["ph"]), ["Phone Number"]);
    assert_eq!(names(&found.similar_names["em"]), ["e-mail"]);
}

#[test]
fn match_properties_fills_every_key_that_its_names_are_counted_for() {
    let settings = Settings {
        match_properties: true,
        ..Settings::default()
    };
    let mapping = Mapping::new(settings).unwrap();
    let now = "2026-11-20T12:00:00Z".parse().unwrap();
    for names in KEY_NAMES {
        for name in names.matched {
            let value = match names.key {
                "em" => "a@example.com",
                "ph" => "+15105550188",
                _ => "Jane",
            };
            let line = format!(
                r#"{{"event":"Lead","userId":"u","timestamp":"2026-11-20T11:00:00Z","properties":{{"{name}":"{value}"}}}}"#
            );
            let filled =
                mapping
                    .mapper()
                    .map_bytes(line.as_bytes(), now, |outcome| match outcome {
                        Outcome::Accepted(mapped) => {
                            mapped.event.user_data.present().any(|key| key == names.key)
                        }
                        other => panic!("{other:?}"),
                    });
            assert!(filled, "{name}");
        }
    }
}

#[test]
fn properties_that_look_like_a_key_are_found_by_name_or_as_an_email_address() {
    let found = counts(
        r#""contact_email":"a@example.com","referrer":"b@example.com","lead_id":"1234567890123456","city":"","zip":["1"]"#,
        "",
    );
    let em = found.similar_names.get("em").map(names);
    assert_eq!(em, Some(vec!["contact_email", "referrer"]));
    assert_eq!(
        found.similar_names.get("lead_id").map(names),
        Some(vec!["lead_id"])
    );
    assert_eq!(
        found.similar_names.len(),
        2,
        "blank and nested values do not count"
    );
}

#[test]
fn names_that_could_be_personal_are_not_kept() {
    let found = counts(r#""for jane@example.com":"b@example.com""#, "");
    assert!(found.similar_names.values().all(|names| names.0.is_empty()));
}

#[test]
fn events_of_app_libraries_are_counted_when_they_are_sent_as_website() {
    for context in [
        r#""library":{"name":"analytics-ios"}"#,
        r#""library":{"name":"@segment/analytics-react-native"}"#,
        r#""device":{"type":"Android"}"#,
    ] {
        assert_eq!(counts("", context).mobile_as_website, 1, "{context}");
    }
    let web = r#""library":{"name":"analytics.js"}"#;
    assert_eq!(counts("", web).mobile_as_website, 0);
    let email = counts(
        r#""action_source":"email""#,
        r#""library":{"name":"analytics-ios"}"#,
    );
    assert_eq!(email.mobile_as_website, 0);
}

#[test]
fn phone_numbers_without_country_code_are_counted_unless_a_country_is_known() {
    for (phone, counted) in [
        (r#""07912 345678""#, 1),
        (r#""(415) 555-0142""#, 1),
        ("4155550142", 1),
        (r#"["0151 2345678"]"#, 1),
        (r#""+44 7912 345678""#, 0),
        (r#""0044 7912 345678""#, 0),
        (r#""15105550188""#, 0),
        (r#""12""#, 0),
        (r#""none""#, 0),
    ] {
        let context = format!(r#""traits":{{"phone":{phone}}}"#);
        assert_eq!(counts("", &context).national_phone, counted, "{phone}");
    }
    let known = r#""traits":{"phone":"07912 345678","address":{"country":"GB"}}"#;
    assert_eq!(counts("", known).national_phone, 0);
}

#[test]
fn ids_of_the_browser_event_are_counted_by_name() {
    let found = counts(
        r#""eventID":"e-1","fb_event_id":"e-1","order_id":"o-1""#,
        "",
    );
    assert_eq!(names(&found.event_id_names), ["eventID", "fb_event_id"]);
}
