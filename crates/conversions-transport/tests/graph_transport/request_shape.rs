//! The request: path, headers, body.

use conversions_transport::{AppSecret, EventsRequest, Transport as _, appsecret_proof};
use facebook_conversions::graph::ApiVersion;
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::support::{TOKEN, builder, events, transport};

/// A server that receives everything.
async fn server() -> MockServer {
    let server = MockServer::start().await;
    let receipt = json!({"events_received": 1, "messages": [], "fbtrace_id": "A"});
    let answer = ResponseTemplate::new(200).set_body_json(receipt);
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

async fn only_request(server: &MockServer) -> Request {
    let mut requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

#[tokio::test]
async fn a_request_has_the_documented_method_path_headers_and_body() {
    let server = server().await;
    transport(&server.uri()).send(&events(2)).await.unwrap();
    let request = only_request(&server).await;

    assert_eq!(request.method, "POST");
    assert_eq!(request.url.path(), "/v26.0/424242/events");
    assert_eq!(request.url.query(), None);
    assert_eq!(
        String::from_utf8_lossy(&request.body),
        concat!(
            r#"{"data":[{"event_name":"Purchase","event_id":"0"},{"event_name":"Purchase","event_id":"1"}],"#,
            r#""partner_agent":"segue-"#,
            env!("CARGO_PKG_VERSION"),
            r#""}"#
        )
    );

    let mut headers: Vec<_> = request
        .headers
        .iter()
        .filter(|(name, _)| *name != "host")
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    headers.sort();
    let length = format!("content-length: {}", request.body.len());
    let authorization = format!("authorization: Bearer {TOKEN}");
    let agent = concat!("user-agent: segue/", env!("CARGO_PKG_VERSION"));
    assert_eq!(
        headers,
        [
            "accept: */*",
            &authorization,
            &length,
            "content-type: application/json",
            agent
        ]
    );
}

#[tokio::test]
async fn a_test_event_code_is_sent_beside_the_data() {
    let server = server().await;
    let request = events(1).with_test_event_code(Some("TEST\"7"));
    transport(&server.uri()).send(&request).await.unwrap();
    assert_eq!(
        body(&only_request(&server).await)["test_event_code"],
        "TEST\"7"
    );
}

#[tokio::test]
async fn an_app_secret_adds_its_proof_and_is_not_sent() {
    let server = server().await;
    let transport = builder(&server.uri())
        .app_secret(AppSecret::parse("s3cr3t").unwrap())
        .build()
        .unwrap();
    transport.send(&events(1)).await.unwrap();
    let request = only_request(&server).await;
    assert_eq!(
        body(&request)["appsecret_proof"],
        appsecret_proof("s3cr3t", TOKEN)
    );
    assert!(!String::from_utf8_lossy(&request.body).contains("s3cr3t"));
}

#[tokio::test]
async fn version_agent_and_base_path_can_be_set() {
    let server = server().await;
    let transport = builder(&format!("{}/meta/", server.uri()))
        .api_version(ApiVersion::new(25, 0))
        .partner_agent("acme-1".parse().unwrap())
        .build()
        .unwrap();
    transport.send(&events(1)).await.unwrap();
    let request = only_request(&server).await;
    assert_eq!(request.url.path(), "/meta/v25.0/424242/events");
    assert_eq!(body(&request)["partner_agent"], "acme-1");
}

#[tokio::test]
async fn localhost_reaches_this_machine() {
    let server = server().await;
    let port = server.address().port();
    transport(&format!("http://localhost:{port}"))
        .send(&events(1))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_thousand_events_go_in_one_request() {
    let server = server().await;
    transport(&server.uri()).send(&events(1000)).await.unwrap();
    let body = body(&only_request(&server).await);
    assert_eq!(body["data"].as_array().unwrap().len(), 1000);
    assert_eq!(body["data"][999]["event_id"], "999");
}

#[tokio::test]
async fn a_request_without_events_is_not_sent() {
    let server = server().await;
    let receipt = transport(&server.uri())
        .send(&EventsRequest::new(vec![]))
        .await
        .unwrap();
    assert_eq!(receipt.events_received, Some(0));
    assert!(server.received_requests().await.unwrap().is_empty());
}
