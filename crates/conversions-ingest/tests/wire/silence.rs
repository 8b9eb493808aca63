//! Logs, metrics and answers contain no personal value and no key.

use std::cell::RefCell;
use std::io;

use axum::http::Method;
use metrics_util::debugging::DebuggingRecorder;

use crate::support::{endpoint, request};

thread_local! {
    static LOGGED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Keeps what is logged, for the thread that logs it.
///
/// It belongs to the subscriber of the whole process: with one of this thread alone, a call site that another test
/// reaches first is switched off for all.
struct Log;

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOGGED.with_borrow_mut(|log| log.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Values that the requests contain, and that must not appear in any output.
const CANARIES: [&str; 9] = [
    "canary-key",
    "canary-query",
    "canary@example.com",
    "canary-user",
    "canary-agent",
    "198.51.100.77",
    "canary-cookie",
    "canary-path",
    "canary-event",
];

#[test]
fn planted_secrets_and_personal_values_never_appear_in_logs_metrics_or_answers() {
    let recorder = DebuggingRecorder::new();
    let metrics = recorder.snapshotter();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(|| Log)
        .init();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let answers = metrics::with_local_recorder(&recorder, || {
        runtime.expect("a runtime").block_on(provoke())
    });
    let logged = String::from_utf8_lossy(&LOGGED.take()).into_owned();
    let counted = format!("{:?}", metrics.snapshot().into_vec());
    assert!(
        logged.contains("route=/v1/track") && logged.contains("status=401"),
        "{logged}"
    );
    assert!(counted.contains("segue_ingest_messages_total"), "{counted}");
    for canary in CANARIES {
        for (place, text) in [
            ("log", &logged),
            ("metrics", &counted),
            ("answers", &answers),
        ] {
            assert!(!text.contains(canary), "{canary} in {place}: {text}");
        }
    }
}

fn keyed(message: &str) -> String {
    message.replacen('{', r#"{"writeKey":"canary-key","#, 1)
}

/// Requests of every kind, good and bad; what they were answered.
async fn provoke() -> String {
    let endpoint = endpoint(|options| {
        options.sources[0] = options.sources[0].clone().with_write_key("canary-key");
    });
    let message = r#"{"userId":"canary-user","event":"canary-event","writeKey":"canary-key",
        "context":{"traits":{"email":"canary@example.com"},"ip":"198.51.100.77"},
        "properties":{"action_source":"canary-event"}}"#;
    let bad = r#"{"userId":"canary-user","event":{"canary-event":"canary@example.com"}}"#;
    let (single, several) = (
        message.to_owned(),
        format!(r#"{{"batch":[{message},{bad}]}}"#),
    );
    let headers = [
        ("user-agent", "Mozilla/canary-agent"),
        ("x-forwarded-for", "198.51.100.77"),
        ("cookie", "_fbp=canary-cookie"),
        ("x-request-id", "canary-query"),
    ];
    let mut answers = Vec::new();
    for (method, path, body) in [
        (Method::POST, "/v1/track?q=canary-query", single.clone()),
        (Method::POST, "/v1/batch", several),
        (Method::POST, "/v1/track", bad.to_owned()),
        (Method::POST, "/v1/track", keyed(bad)),
        (
            Method::POST,
            "/v1/track",
            keyed(r#"{"userId":["canary-user"]}"#),
        ),
        (
            Method::POST,
            "/v1/track",
            single.replace("canary-key", "canary-key2"),
        ),
        (Method::POST, "/v1/track", "{\"canary-event\":".to_owned()),
        (
            Method::GET,
            "/v1/pixel/track?writeKey=canary-key&userId=canary-user&event=canary-event",
            String::new(),
        ),
        (
            Method::GET,
            "/v1/projects/canary-path/settings",
            String::new(),
        ),
        (Method::POST, "/webhook/canary-path", single.clone()),
        (Method::POST, "/canary-path", single.clone()),
        (
            "CANARY-EVENT".parse().expect("a method"),
            "/v1/track",
            single,
        ),
    ] {
        let answer = endpoint.send(request(method, path, &headers, body)).await;
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        answers.push(format!("{:?} {body}", answer.headers));
    }
    let options = format!("{:?} {:?}", crate::support::options(), endpoint.ingest);
    let taken = format!("{:?}", endpoint.sink.taken());
    assert!(taken.contains("event_bytes") && !options.contains(crate::support::KEY));
    answers.push(taken);
    answers.join("\n")
}
