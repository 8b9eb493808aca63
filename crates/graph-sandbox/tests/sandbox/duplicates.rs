//! Server events that repeat browser events.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, UNIX_EPOCH},
};

use axum::http::StatusCode;
use graph_sandbox::{Filter, Sandbox, State};
use serde_json::{Value, json};

use crate::support::{NOW, accept, lead, post};

#[tokio::test]
async fn only_browser_then_server_within_48_hours_is_a_duplicate() {
    let now = Arc::new(AtomicU64::new(NOW));
    let clock = Arc::clone(&now);
    let edge = Sandbox::builder()
        .now(move || UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::Relaxed)))
        .build();
    let from_browser = |event: &Value| json!({"data": [event]}).to_string();
    let server_first = lead("server first");
    let browser_first = lead("browser first");
    let browser_path = "/browser-events/1234";

    accept(&edge, &[server_first.clone(), server_first.clone()]).await;
    for event in [&server_first, &browser_first, &browser_first] {
        let (status, ..) = post(
            &edge,
            browser_path,
            "application/json",
            &from_browser(event),
        )
        .await;
        assert_eq!(status, StatusCode::OK);
    }
    now.fetch_add(48 * 3600, Ordering::Relaxed);
    let mut same_user = lead("another id");
    same_user["user_data"] = browser_first["user_data"].clone();
    let answer = accept(
        &edge,
        &[browser_first.clone(), same_user.clone(), lead("new")],
    )
    .await;
    assert_eq!(
        answer["events_received"], 3,
        "discarded events count as received"
    );
    now.fetch_add(1, Ordering::Relaxed);
    accept(&edge, &[browser_first]).await;

    let told: Vec<String> = edge
        .events()
        .iter()
        .map(|event| {
            format!(
                "{:?} {}: {:?}",
                event.connection_method,
                event.event_id.as_deref().unwrap(),
                event.state
            )
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    Server server first: Kept
    Server server first: Kept
    Browser server first: Kept
    Browser browser first: Kept
    Browser browser first: Kept
    Server browser first: Deduplicated
    Server another id: Deduplicated
    Server new: Kept
    Server browser first: Kept
    ");
    assert_eq!(edge.totals().deduplicated, 2);
    let discarded = Filter {
        state: Some(State::Deduplicated),
        ..Filter::default()
    };
    assert_eq!(edge.events_where(&discarded).len(), 2);
}
