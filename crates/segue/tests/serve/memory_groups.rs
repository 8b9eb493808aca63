//! Groups of sources that share what is remembered, and what `explain` sees of it.

use graph_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::http;
use crate::memory::user_data;
use crate::server::{Graph, Place, eventually};

#[test]
fn sources_of_one_group_share_what_is_remembered() {
    const SOURCES: &str = r#"
        [memory]
        enabled = true
        scope = "group"
        files_group = "eu"
        [[sources]]
        name = "shop"
        write_keys = ["key-shop"]
        memory_group = "eu"
        [[sources]]
        name = "till"
        write_keys = ["key-till"]
        memory_group = "eu"
        [[sources]]
        name = "other-brand"
        write_keys = ["key-other"]
    "#;
    let place = Place::new();
    let graph = Graph::start(Sandbox::builder());
    place.settings_for(graph.sandbox().url(), SOURCES);
    let server = place.serve(&["--settings", "segue.toml", "--data-dir", "data"]);
    let post = |key: &str, path: &str, mut message: Value| {
        message["writeKey"] = key.into();
        let reply = http::post(server.ingest(), path, &message.to_string()).unwrap();
        assert_eq!(reply.status, 200, "{}", reply.body);
    };
    let traits = json!({ "email": "anna@mail.example" });
    post(
        "key-shop",
        "/v1/identify",
        json!({ "userId": "anna", "traits": traits }),
    );
    for key in ["key-till", "key-other"] {
        let order = json!({
            "event": "Order Completed", "userId": "anna", "messageId": key,
            "properties": { "revenue": 19.9, "currency": "EUR" },
        });
        post(key, "/v1/track", order);
    }
    assert!(!user_data(&graph, "key-till")["em"].is_null());
    assert!(user_data(&graph, "key-other")["em"].is_null());

    // `explain` reads what `serve` remembers, for events of files.
    let order = json!({
        "type": "track", "event": "Order Completed", "userId": "anna",
        "timestamp": jiff::Timestamp::now().to_string(),
        "properties": { "revenue": 19.9, "currency": "EUR" },
    });
    place.write("order.ndjson", &order.to_string());
    let explain = |more: &[&str]| {
        let args = [
            &["explain", "--settings", "segue.toml", "--format", "json"],
            more,
        ]
        .concat();
        let output = place.segue(&args).arg("order.ndjson").output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let explained: Value = serde_json::from_slice(&output.stdout).unwrap();
        let fields = explained["fields"].as_array().unwrap().clone();
        fields
            .into_iter()
            .find(|field| field["field"] == "user_data.em")
    };
    assert!(explain(&[]).is_none());
    eventually("what was learned is on disk", || {
        explain(&["--data-dir", "data"]).is_some()
    });
    let em = explain(&["--data-dir", "data"]).unwrap();
    assert_eq!(
        (&em["from"], &em["effect"]),
        (&"memory".into(), &"remembered".into())
    );
    assert_eq!(server.stop(), Some(0));
}
