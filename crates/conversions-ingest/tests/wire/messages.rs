//! What becomes of messages: the type of the path, what the batch adds, times, ids, what the request adds.

use serde_json::json;

use crate::support::{ORDER, Taken, batch, endpoint, plain};

#[tokio::test]
async fn every_path_of_a_single_call_gives_its_type() {
    let endpoint = plain();
    for (paths, outcome) in [
        (
            &["/v1/track", "/v1/t", "/v1/track/", "/v1/t/"][..],
            "accepted",
        ),
        (
            &[
                "/v1/identify",
                "/v1/i",
                "/v1/page",
                "/v1/p",
                "/v1/screen",
                "/v1/s",
            ],
            "skipped: not_track",
        ),
        (
            &["/v1/group", "/v1/g", "/v1/alias", "/v1/a"],
            "skipped: not_track",
        ),
    ] {
        for path in paths {
            assert_eq!(endpoint.post(path, ORDER).await.verdict(), "200", "{path}");
            assert_eq!(
                endpoint.sink.outcomes(),
                [(outcome.to_owned(), 1)],
                "{path}"
            );
        }
    }
    let typed = ORDER.replacen('{', r#"{"type":"track","#, 1);
    endpoint.post("/v1/identify", typed).await;
    assert_eq!(
        endpoint.sink.outcomes(),
        [("accepted".to_owned(), 1)],
        "the body knows better"
    );
}

#[tokio::test]
async fn every_path_of_a_batch_takes_batches() {
    let endpoint = plain();
    for path in [
        "/v1/batch",
        "/v1/b",
        "/v1/import",
        "/v1/batch/",
        "/beacon/v1/batch",
    ] {
        let answer = endpoint.post(path, batch(&[ORDER, ORDER])).await;
        assert_eq!(
            (answer.verdict().as_str(), answer.json()),
            ("200", json!({"success": true}))
        );
        assert_eq!(endpoint.sink.taken().len(), 2, "{path}");
    }
}

#[tokio::test]
async fn an_event_reaches_the_sink_hashed_with_what_delivery_needs() {
    let endpoint = plain();
    let message = r#"{"type":"track","event":"Order Completed","userId":"u1","messageId":"m1",
        "timestamp":"2026-11-23T14:00:00Z","context":{"traits":{"email":"jane@example.com"}},
        "integrations":{"Facebook Conversions API":{"testEventCode":"TEST1"}},
        "properties":{"revenue":19.90,"action_source":"physical_store","loyalty":1e400}}"#;
    endpoint.post("/v1/track", message).await;
    let taken = endpoint.sink.taken().pop().expect("an event");
    assert_eq!((taken.source(), taken.destination()), (Some("web"), "shop"));
    assert_eq!(
        (
            taken.labels().event_name.as_deref(),
            taken.facts().event_time
        ),
        (Some("Purchase"), 1_795_442_400)
    );
    let in_store = facebook_conversions::ActionSource::PhysicalStore.max_age();
    assert_eq!(taken.facts().max_age, in_store);
    assert_eq!(taken.test_event_code(), Some("TEST1"));
    assert_eq!(taken.id(), "m1");
    let event = taken.text();
    assert!(
        event.contains(r#""value":19.90"#) && event.contains(r#""loyalty":1e400"#),
        "{event}"
    );
    assert!(!event.contains("jane"), "{event}");
}

#[tokio::test]
async fn values_beside_the_batch_fill_what_its_messages_lack() {
    let endpoint = plain();
    let body = r#"{"batch":[
            {"type":"track","event":"A","userId":"u","context":{"userAgent":"own"}},
            {"type":"track","event":"B","userId":"u","integrations":{"All":true}},
            {"type":"track","event":"C","userId":"u","integrations":{"Facebook Conversions API":true}}],
        "context":{"userAgent":"shared","page":{"url":"https://a.example/"}},
        "integrations":{"All":false}}"#;
    endpoint.post("/v1/batch", body).await;
    let events = endpoint.sink.events();
    let agents: Vec<_> = events
        .iter()
        .map(|event| {
            (
                &event["event_name"],
                &event["user_data"]["client_user_agent"],
            )
        })
        .collect();
    assert_eq!(
        agents,
        [
            (&json!("B"), &json!("shared")),
            (&json!("C"), &json!("shared"))
        ]
    );
    assert_eq!(events[0]["event_source_url"], "https://a.example/");
    let outcomes = [
        ("accepted".to_owned(), 2),
        ("skipped: integration_disabled".to_owned(), 1),
    ];
    assert_eq!(endpoint.sink.outcomes(), outcomes);
}

#[tokio::test]
async fn a_wrong_clock_is_corrected_by_the_time_of_sending() {
    let endpoint = plain();
    // The clock of the client is an hour slow; one event happened ten minutes before it was sent.
    let body = r#"{"sentAt":"2026-11-23T13:30:00.000000+00:00","batch":[
        {"type":"track","event":"A","userId":"u","timestamp":"2026-11-23T13:20:00Z"},
        {"type":"track","event":"B","userId":"u","originalTimestamp":"2026-11-23T13:20:00Z","sentAt":"2026-11-23T14:29:59Z"},
        {"type":"track","event":"C","userId":"u"}],"timestamp":"2026-11-23T13:00:00Z"}"#;
    endpoint.post("/v1/batch", body).await;
    let times: Vec<_> = endpoint
        .sink
        .taken()
        .iter()
        .map(|taken| taken.facts().event_time)
        .collect();
    let now = 1_795_444_200;
    assert_eq!(times, [now - 600, now - 4200, now - 1800]);
}

#[tokio::test]
async fn a_message_without_id_or_time_gets_a_new_id_and_the_time_of_arrival() {
    let endpoint = plain();
    let message = r#"{"event":"A","userId":"u"}"#;
    endpoint.post("/v1/batch", batch(&[message, message])).await;
    let taken = endpoint.sink.taken();
    let ids: Vec<_> = taken.iter().map(Taken::id).collect();
    assert!(
        ids.len() == 2 && ids[0] != ids[1] && ids[0].starts_with("api-"),
        "{ids:?}"
    );
    assert!(
        taken
            .iter()
            .all(|one| one.facts().event_time == 1_795_444_200)
    );
}

#[tokio::test]
async fn a_browser_s_request_completes_its_events() {
    let endpoint = endpoint(|options| {
        options.enrichment.trusted_proxies = vec!["203.0.113.0/24".parse().expect("a network")];
    });
    let headers = [
        ("user-agent", "Mozilla/5.0 (X11)"),
        ("x-forwarded-for", "6.6.6.6, [2a00:1450::1]:443"),
        ("sec-fetch-site", "same-origin"),
        (
            "cookie",
            "_fbp=fb.1.1596403881668.1116446470; _fbc=fb.1.1554763741205.Old",
        ),
        ("referer", "https://shop.example/p?fbclid=New"),
    ];
    endpoint.post_with("/v1/track", &headers, ORDER).await;
    let event = endpoint.sink.events().pop().expect("an event");
    let user = &event["user_data"];
    assert_eq!(user["client_ip_address"], "2a00:1450::1");
    assert_eq!(user["client_user_agent"], "Mozilla/5.0 (X11)");
    assert_eq!(user["fbp"], "fb.1.1596403881668.1116446470");
    assert_eq!(user["fbc"], "fb.1.1795444200000.New");
    assert_eq!(
        event["event_source_url"],
        "https://shop.example/p?fbclid=New"
    );
}

#[tokio::test]
async fn a_server_s_address_and_user_agent_are_not_added() {
    let endpoint = plain();
    let headers = [
        ("user-agent", "analytics-python/2.4.0"),
        ("cookie", "_fbp=fb.1.1.2"),
    ];
    endpoint.post_with("/v1/track", &headers, ORDER).await;
    let event = endpoint.sink.events().pop().expect("an event");
    assert_eq!(event["user_data"], json!({"external_id": "u1"}));
}

#[tokio::test]
async fn each_destination_of_a_source_gets_each_event() {
    let endpoint = endpoint(|options| {
        let source = &mut options.sources[0];
        source
            .destinations
            .push(crate::support::destination("second"));
    });
    endpoint.post("/v1/track", ORDER).await;
    let taken = endpoint.sink.taken();
    let names: Vec<_> = taken.iter().map(Taken::destination).collect();
    assert_eq!(names, ["shop", "second"]);
    assert_eq!(taken[0].text(), taken[1].text());
}
