//! `segue init --from`: settings that do what the configuration of another system did.

use serde_json::json;

use crate::run::{Files, NOW, run, shown};

#[test]
fn settings_moved_in_map_events_as_they_were_mapped() {
    let files = Files::new();
    let configuration = json!({
        "settings": { "pixelId": "1234567890", "token": "EAABsbCS1iHgBOsekrit" },
        "subscriptions": [{
            "actionSlug": "custom",
            "trigger": "type = \"track\" and event = \"Demo Booked\"",
            "settings": {
                "event_name": "Schedule",
                "event_id": { "@path": "$.properties.event_id" },
                "user_data": { "email": { "@path": "$.properties.buyer.email" } },
                "custom_data": { "channel": "crm" },
            },
        }],
    });
    let configuration = files.write("actions.json", configuration.to_string());
    let settings = shown(&files.path("segue.toml"));
    let moved = run(&["init", "--from", &configuration, &settings]);
    assert_eq!(moved.status, Some(0), "{}", moved.err);
    assert!(
        moved.err.contains("`token` is a secret and is not copied"),
        "{}",
        moved.err
    );
    assert!(
        moved
            .out
            .contains("set the environment variable META_ACCESS_TOKEN"),
        "the pixel is there already: {}",
        moved.out
    );
    let written = std::fs::read_to_string(&settings).unwrap();
    assert!(!written.contains("sekrit"), "{written}");

    let message = json!({
        "type": "track", "event": "Demo Booked", "messageId": "m-1", "timestamp": NOW,
        "properties": { "event_id": "e-1", "buyer": { "email": "ada@example.com" } },
    });
    let message = files.write("event.json", message.to_string());
    let mapped = run(&["map", "--settings", &settings, "--now", NOW, &message]);
    let event = &mapped.objects()[0]["event"];
    assert_eq!(event["event_name"], "Schedule");
    assert_eq!(event["event_id"], "e-1");
    assert_eq!(event["custom_data"]["channel"], "crm");
    assert!(event["user_data"]["em"].is_string(), "{event}");
    assert!(!mapped.out.contains("ada@example.com"), "{}", mapped.out);
}

#[test]
fn a_configuration_of_no_known_system_is_refused() {
    let files = Files::new();
    let configuration = files.write("other.json", "{\"apiKey\": \"k\"}");
    let settings = shown(&files.path("segue.toml"));
    let refused = run(&["init", "--from", &configuration, &settings]);
    assert_eq!(refused.status, Some(2), "{}", refused.err);
    assert!(refused.err.contains("RudderStack"), "{}", refused.err);
    assert!(!std::path::Path::new(&settings).exists());
}
