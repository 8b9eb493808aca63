use std::time::{Duration, UNIX_EPOCH};

use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::{GraphEdge, Sandbox};

const NOW: u64 = 1_790_000_000;

fn sandbox() -> GraphEdge {
    Sandbox::builder()
        .now(|| UNIX_EPOCH + Duration::from_secs(NOW))
        .build()
}

async fn call(edge: &GraphEdge, request: Request<Body>) -> String {
    let answer = edge.router().oneshot(request).await.unwrap();
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    String::from_utf8(body.to_vec()).unwrap()
}

async fn post(edge: &GraphEdge, path: &str, body: &Value) {
    let body = Body::from(body.to_string());
    call(edge, Request::post(path).body(body).unwrap()).await;
}

async fn page(edge: &GraphEdge, query: &str) -> String {
    let request = Request::get(format!("/{query}"))
        .body(Body::empty())
        .unwrap();
    call(edge, request).await
}

/// The words of a page, one line for each row, without the events' own text.
fn words(page: &str) -> String {
    let (_, body) = page.split_once("<body>").unwrap();
    let body: String = body
        .split("<pre>")
        .map(|piece| {
            piece
                .split_once("</pre>")
                .map_or(piece.to_owned(), |(_, rest)| format!("…{rest}"))
        })
        .collect();
    let mut text = String::new();
    let rows = body
        .replace("</tr>", "\n")
        .replace("</div>", "\n")
        .replace("</h2>", "\n");
    for (at, piece) in rows.split('<').enumerate() {
        let outside = if at == 0 {
            piece
        } else {
            piece.split_once('>').unwrap().1
        };
        text.push_str(outside);
        text.push(' ');
    }
    let lines = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

fn purchase(name: &str) -> Value {
    json!({
        "event_name": name, "event_time": NOW, "event_id": "e-1", "action_source": "website",
        "user_data": {"external_id": ["u-1"], "fbp": "fb.1.1596403881668.1116446470", "em": []},
        "custom_data": {"value": 1250.5, "currency": "EUR"},
    })
}

#[tokio::test]
async fn the_page_shows_what_events_manager_shows() {
    let edge = sandbox();
    let bad = json!({"access_token": "t", "data": [{"event_name": "Lead"}]});
    let good =
        json!({"access_token": "t", "data": [purchase("Purchase")], "test_event_code": "TEST1"});
    post(
        &edge,
        "/browser-events/1",
        &json!({"data": [purchase("Purchase")]}),
    )
    .await;
    post(&edge, "/v26.0/1/events", &good).await;
    post(&edge, "/v26.0/1/events", &bad).await;
    insta::assert_snapshot!(words(&page(&edge, "").await), @r#"
    Graph sandbox Events that this local stand-in for the Conversions API has received. refresh every 5 s events as JSON Received
    1 server events
    Requests
    2 1 events from browsers
    Discarded
    1 as duplicates of browser events
    Refused
    1 100 × 1
    Overview
    Event Connection method Events Discarded Last received (UTC)
    Purchase Browser 1 0 14:13:20 2026-09-21
    Purchase Server 1 1 14:13:20 2026-09-21
    Events
    Received (UTC) Event Connection method Match keys Value Event ID
    14:13:20 2026-09-21 Purchase … Server discarded TEST1 external_id fbp 1250.5 EUR e-1
    14:13:20 2026-09-21 Purchase … Browser external_id fbp 1250.5 EUR e-1
    1–2 of 2
    "#);
}

#[tokio::test]
async fn an_empty_page_says_where_to_send_events() {
    assert!(words(&page(&sandbox(), "").await).contains("No events yet"));
}

#[tokio::test]
async fn nothing_in_an_event_becomes_markup() {
    let edge = sandbox();
    let evil = r#"<script>alert("1")</script>'"><img src=x>"#;
    let mut event = purchase(evil);
    event["event_id"] = json!(evil);
    event["custom_data"]["currency"] = json!(evil);
    event["custom_data"]["value"] = json!(evil);
    event["user_data"]["em"] = json!(evil);
    post(&edge, "/browser-events/1", &json!({"data": [event]})).await;
    let query = url::form_urlencoded::Serializer::new("?".to_owned())
        .extend_pairs([("event_name", evil), ("pixel_id", evil), ("event_id", evil)])
        .finish();
    for query in ["", &query] {
        let page = page(&edge, query).await;
        for raw in ["<script", "<img", r#"alert("1"#] {
            assert!(!page.contains(raw), "{page}");
        }
    }
}

#[tokio::test]
async fn links_lead_to_other_parts_of_the_same_view() {
    let edge = sandbox();
    let events: Vec<Value> = (0..7).map(|_| purchase("Größe & Co")).collect();
    post(&edge, "/browser-events/1", &json!({"data": events})).await;
    let second = page(&edge, "?limit=3&offset=3&refresh=5").await;
    assert!(second.contains("4–6 of 7") && second.contains(r#"content="5""#));
    assert!(
        second.contains("/?limit=3&amp;offset=6&amp;refresh=5"),
        "{second}"
    );
    assert!(second.contains("/?limit=3&amp;offset=0&amp;refresh=5"));
    let named = "/?event_name=Gr%C3%B6%C3%9Fe+%26+Co&amp;connection_method=Browser";
    assert!(second.contains(named), "{second}");
}
