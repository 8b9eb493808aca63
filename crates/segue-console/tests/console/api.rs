//! The data as JSON.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use segue_console::OPENAPI;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::made_up::MadeUp;

fn described() -> Value {
    serde_json::from_str(OPENAPI).unwrap()
}

#[tokio::test]
async fn every_described_path_answers_as_json() {
    let browser = Browser::on_loopback(Arc::new(MadeUp::shop()));
    let token = browser.token().await;
    let described = described();
    for (path, methods) in described["paths"].as_object().unwrap() {
        let address = path.replace("{key}", "k-3").replace("{id}", "42");
        for method in methods.as_object().unwrap().keys() {
            let request = Request::builder()
                .method(method.to_uppercase().as_str())
                .uri(&address)
                .header("content-type", "application/json")
                .header("x-console-token", &token);
            let answer = browser
                .ask(request, Body::from(r#"{"message":"{}","id":"42"}"#))
                .await;
            assert_eq!(
                answer.status,
                StatusCode::OK,
                "{method} {address}: {}",
                answer.body
            );
            serde_json::from_str::<Value>(&answer.body)
                .unwrap_or_else(|_| panic!("{address}: {}", answer.body));
        }
    }
}

#[tokio::test]
async fn faults_are_sentences_in_json() {
    let browser = Browser::on_loopback(Arc::new(MadeUp::shop()));
    for path in [
        "/api/v1/none",
        "/api/v1/events/none",
        "/api/v1/dead-letters/43",
        "/api/v1/dead-letters/x",
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        assert!(
            body["error"]
                .as_str()
                .is_some_and(|sentence| sentence.len() > 20),
            "{path}: {body}"
        );
    }
}

#[tokio::test]
async fn a_program_tests_a_message() {
    let shop = Arc::new(MadeUp::shop());
    let browser = Browser::on_loopback(Arc::clone(&shop) as _);
    let request = Request::post("/api/v1/tester")
        .header("content-type", "application/json")
        .header("x-console-token", browser.token().await);
    let body = json!({ "message": "{}", "send": true, "test_event_code": "TEST1" });
    let answer = browser.ask(request, Body::from(body.to_string())).await;
    let answer: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(answer["outcome"], "accepted");
    assert!(shop.tested.lock().unwrap()[0].send);
}
