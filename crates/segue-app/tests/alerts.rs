//! Alerts of an endpoint in this process reach a webhook: once when something begins, and once when it ends.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what went wrong by panicking"
)]

use std::path::Path;
use std::time::Duration;

use graph_sandbox::Sandbox;
use segue_app::serve::{AlertTimes, Endpoint, EndpointOptions, EndpointPlan, SighupStream};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use wiremock::{Mock, MockServer, ResponseTemplate};

const EVENT: &str = r#"{"writeKey":"wk_test","type":"track","event":"Lead","messageId":"m-1","userId":"u-1","context":{"traits":{"email":"canary@example.com"}}}"#;

async fn start(folder: &Path, graph: &str) -> Endpoint {
    let settings = folder.join("segue.toml");
    let text = format!(
        "[[destinations]]\nname = 'shop'\npixel_id = '1'\naccess_token = {{ file = 'token' }}\n\
         graph_url = '{graph}'\nlinger_ms = 10\n[alerts]\nwebhook = {{ file = 'webhook' }}\n"
    );
    std::fs::write(&settings, text).unwrap();
    let options = EndpointOptions {
        settings: Some(settings),
        write_keys: vec!["wk_test".to_owned()],
        listen: Some("127.0.0.1:0".to_owned()),
        ops_listen: Some("127.0.0.1:0".to_owned()),
        data_dir: Some(folder.join("data")),
        alert_times: AlertTimes {
            look_every: Duration::from_millis(100),
            held_for: Duration::from_millis(300),
        },
        ..EndpointOptions::default()
    };
    let plan = EndpointPlan::read(options).unwrap();
    Endpoint::start(plan, SighupStream::listen(), &Handle::current(), |_| {})
        .await
        .unwrap()
}

/// Posts the event, and returns the status line.
async fn track(endpoint: &Endpoint) -> String {
    let url = endpoint.addresses.ingest.clone().unwrap();
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = EVENT.len();
    let request = format!(
        "POST /v1/track HTTP/1.1\r\nhost: segue\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{EVENT}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

async fn bodies(webhook: &MockServer) -> Vec<String> {
    let requests = webhook.received_requests().await.unwrap();
    let texts = requests.into_iter().map(|one| String::from_utf8(one.body));
    texts.map(Result::unwrap).collect()
}

/// Waits until the webhook has been told so many alerts.
async fn told(webhook: &MockServer, count: usize) -> Vec<String> {
    for _ in 0..600 {
        let bodies = bodies(webhook).await;
        if bodies.len() >= count {
            return bodies;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{count} alerts are not told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_destination_that_is_held_is_told_to_the_webhook_once_and_without_values() {
    let webhook = MockServer::start().await;
    Mock::given(wiremock::matchers::method("POST"))
        .respond_with(ResponseTemplate::new(200))
        .mount(&webhook)
        .await;
    let builder = Sandbox::builder().access_token("another-token");
    let sandbox = builder.start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("token"), "canary-token").unwrap();
    let address = format!("{}/canary-path", webhook.uri());
    std::fs::write(folder.path().join("webhook"), address).unwrap();
    let endpoint = start(folder.path(), sandbox.url()).await;
    assert!(track(&endpoint).await.contains("200"));

    told(&webhook, 1).await;
    // Ten more looks.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let begun = bodies(&webhook).await;
    let [body] = begun.as_slice() else {
        panic!("told once: {begun:?}");
    };
    let alert: Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        (&alert["status"], &alert["rule"], &alert["subject"]),
        (&"firing".into(), &"destination_held".into(), &"shop".into())
    );
    let text = alert["text"].as_str().unwrap();
    assert!(text.contains("shop is held"), "{body}");

    // The right token ends it, which is told once, too.
    std::fs::write(folder.path().join("token"), "another-token").unwrap();
    let all = told(&webhook, 2).await;
    let end: Value = serde_json::from_str(&all[1]).unwrap();
    assert_eq!(
        (&end["status"], &end["rule"], all.len()),
        (&"resolved".into(), &"destination_held".into(), 2)
    );
    assert_eq!(sandbox.received(), 1);
    for text in all {
        assert!(!text.contains("canary"), "{text}");
        assert!(!text.contains("another-token"), "{text}");
    }
}
