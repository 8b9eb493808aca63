//! Listing the accepted events.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use graph_sandbox::{Filter, GraphEdge};
use serde_json::Value;

use crate::support::{PATH, accept, call, lead, post, sandbox};

async fn get(edge: &GraphEdge, path: &str) -> Value {
    call(edge, Request::get(path).body(Body::empty()).unwrap())
        .await
        .2
}

#[tokio::test]
async fn events_are_shown_whole_and_filtered() {
    let edge = sandbox().build();
    let odd = r#"{ "event_name":"Odd", "event_time":1790000000,"user_data":{"em":"62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"},"custom_data":{"price":1.10,"far":1e400,"twice":1,"twice":2}}"#;
    let body = format!(r#"{{"access_token":"t","data":[{odd}]}}"#);
    assert_eq!(
        post(&edge, PATH, "application/json", &body).await.0,
        StatusCode::OK
    );
    accept(&edge, &[lead("1"), lead("2"), lead("3")]).await;
    post(
        &edge,
        "/browser-events/9",
        "application/json",
        r#"{"data":[{"event_name":"PageView"}]}"#,
    )
    .await;

    assert_eq!(edge.events()[0].event.get(), odd);
    let only = |filter: &Filter| edge.events_where(filter).len();
    assert_eq!(
        only(&Filter {
            event_id: Some("2".to_owned()),
            ..Filter::default()
        }),
        1
    );

    let listing = get(
        &edge,
        "/events?pixel_id=1234&event_name=Lead&limit=2&offset=1",
    )
    .await;
    assert_eq!(listing["matching"], 3);
    let ids: Vec<&Value> = listing["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| &e["event_id"])
        .collect();
    assert_eq!(ids, ["2", "3"]);
    let listing = get(&edge, "/events?order=newest&connection_method=Browser").await;
    insta::assert_json_snapshot!(listing, @r#"
    {
      "events": [
        {
          "connection_method": "Browser",
          "event": {
            "event_name": "PageView"
          },
          "event_id": null,
          "event_name": "PageView",
          "number": 5,
          "pixel_id": "9",
          "received_at": "2026-09-21T14:13:20.000Z",
          "state": "kept"
        }
      ],
      "limit": 100,
      "matching": 1,
      "offset": 0,
      "totals": {
        "browser_events": 1,
        "deduplicated": 0,
        "events_received": 4,
        "forgotten": 0,
        "refused_by_code": {},
        "refused_by_fault": {},
        "refused_requests": 0,
        "requests": 2
      }
    }
    "#);
    let (status, ..) = call(
        &edge,
        Request::get("/events?limit=many")
            .body(Body::empty())
            .unwrap(),
    )
    .await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}
