//! `segue serve` in this process, in front of a sandbox, with a stand-in for a collector of OpenTelemetry on loopback.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what went wrong by panicking"
)]

#[path = "otel/collector.rs"]
mod collector;

use std::path::PathBuf;
use std::time::Duration;

use graph_sandbox::{Sandbox, Script};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use prost::Message as _;
use segue_app::serve::{Endpoint, EndpointOptions, EndpointPlan, SighupStream};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use wiremock::MockServer;

use collector::{
    attribute, bodies, collector, counted, hex, histogram, links, of_sender, only, spans, trace_id,
};

const KEY: &str = "wk_test";
/// What must not be seen in spans and metrics, in lower case.
const PLANTED: [&str; 5] = [
    "canary.mail",
    "canaryfirst",
    "6505550199",
    "203.0.113.9",
    "wk_test",
];
/// The span of each sender.
const PARENT: &str = "00f067aa0ba902b7";

fn traceparent(sender: char, flags: &str) -> String {
    format!("traceparent: 00-{}-{PARENT}-{flags}\r\n", trace_id(sender))
}

fn event(id: &str) -> String {
    format!(
        r#"{{"type":"track","event":"Order Completed","messageId":"{id}","userId":"Canary.Mail@planted.example","context":{{"ip":"203.0.113.9","userAgent":"Canaryfirst/1.0","traits":{{"email":"Canary.Mail@planted.example","firstName":"Canaryfirst","phone":"+16505550199"}}}},"properties":{{"revenue":9.5,"currency":"EUR"}}}}"#
    )
}

/// Posts to the endpoint, and returns the status line.
async fn post(url: &str, at: &str, headers: &str, body: &str) -> String {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let request = format!(
        "POST {at} HTTP/1.1\r\nhost: Canary.Mail\r\ntracestate: canaryfirst=6505550199\r\n{headers}connection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

async fn get(url: &str, at: &str, headers: &str) -> String {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {at} HTTP/1.1\r\nhost: ops\r\n{headers}connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..300 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what} does not happen");
}

async fn start(folder: PathBuf, graph: &str, collector: &str) -> Endpoint {
    let settings = folder.join("segue.toml");
    std::fs::write(folder.join("token"), "token").unwrap();
    let text = format!(
        "pixel_id = '1'\naccess_token = {{ file = 'token' }}\ngraph_url = '{graph}'\nlinger_ms = 800\n\
         [otel]\nendpoint = '{collector}'\ninterval_seconds = 1\nservice_name = 'checkout'\n"
    );
    std::fs::write(&settings, text).unwrap();
    let options = EndpointOptions {
        settings: Some(settings),
        write_keys: vec![KEY.to_owned()],
        listen: Some("127.0.0.1:0".to_owned()),
        ops_listen: Some("127.0.0.1:0".to_owned()),
        data_dir: Some(folder.join("data")),
        ..EndpointOptions::default()
    };
    let plan = EndpointPlan::read(options).unwrap();
    let sighups = SighupStream::listen();
    Endpoint::start(plan, sighups, &Handle::current(), |_| {})
        .await
        .unwrap()
}

/// The page of metrics.
async fn page(endpoint: &Endpoint) -> String {
    get(&endpoint.addresses.ops, "/metrics", "").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spans_lead_from_the_sender_to_meta_and_metrics_are_those_of_the_page() {
    let collector = collector().await;
    let sandbox = Sandbox::builder().start().await.unwrap();
    sandbox
        .set_script(Script::default().refuse(["refused"], 100, Some(2_804_050)))
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let endpoint = start(folder.path().to_owned(), sandbox.url(), &collector.uri()).await;
    let url = endpoint
        .addresses
        .ingest
        .clone()
        .expect("an endpoint that takes requests");
    // wk_test: in base64, as libraries send it.
    let key = "authorization: Basic d2tfdGVzdDo=\r\n";
    let send = async |sender: char, flags: &str, at: &str, body: &str| {
        let headers = format!("{key}{}", traceparent(sender, flags));
        post(&url, at, &headers, body).await
    };

    // Three senders whose events go to Meta in one request; the third does not want to be traced.
    let batch = format!(r#"{{"batch":[{},{}]}}"#, event("a-1"), event("a-2"));
    assert!(send('a', "01", "/v1/batch", &batch).await.contains("200"));
    assert!(
        send('b', "01", "/v1/track", &event("b-1"))
            .await
            .contains("200")
    );
    assert!(
        send('c', "00", "/v1/track", &event("c-1"))
            .await
            .contains("200")
    );
    assert!(
        post(&url, "/v1/track", key, &event("n-1"))
            .await
            .contains("200")
    );
    eventually("the first request", async || sandbox.received() >= 5).await;
    // One sender alone, a refused event, a broken header, and a key that is not known.
    assert!(
        send('d', "01", "/v1/track", &event("d-1"))
            .await
            .contains("200")
    );
    eventually("the second request", async || sandbox.received() >= 6).await;
    assert!(
        send('e', "01", "/v1/track", &event("refused"))
            .await
            .contains("200")
    );
    let broken = format!("{key}traceparent: 00-canaryfirst-01\r\n");
    assert!(
        post(&url, "/v1/track", &broken, &event("n-2"))
            .await
            .contains("200")
    );
    let unknown = format!(
        "authorization: Basic d3Jvbmc6\r\n{}",
        traceparent('f', "01")
    );
    assert!(
        post(&url, "/v1/track", &unknown, &event("f-1"))
            .await
            .contains("401")
    );
    let pixel = "/v1/pixel/track?data=canaryfirst";
    let headers = traceparent('9', "01");
    assert!(get(&url, pixel, &headers).await.contains("200"));
    eventually("the refusal", async || {
        page(&endpoint).await.contains(r#"reason="refused"} 1"#)
    })
    .await;
    eventually("metrics are taken", async || {
        let taken = r#"segue_otel_exports_total{signal="metrics",outcome="taken"}"#;
        page(&endpoint).await.contains(taken)
    })
    .await;
    let page = page(&endpoint).await;
    endpoint.stop().await;

    check_spans(&spans(&collector).await);
    check_metrics(&collector, &page).await;
    for at in ["/v1/traces", "/v1/metrics"] {
        for body in bodies(&collector, at).await {
            let text = String::from_utf8_lossy(&body).to_lowercase();
            for planted in PLANTED {
                assert!(!text.contains(planted), "{at}: {planted}");
            }
        }
    }
    sandbox.shutdown().await;
}

/// Each request has its spans, below those of its sender, and those of Meta lead back to them.
fn check_spans(spans: &[Span]) {
    let request = only(spans, 'a', "POST /v1/batch");
    assert_eq!(hex(&request.parent_span_id), PARENT);
    assert_eq!(request.kind, i32::from(SpanKind::Server));
    assert_eq!(attribute(request, "http.response.status_code"), "200");
    let stored = only(spans, 'a', "store");
    assert_eq!(stored.parent_span_id, request.span_id);
    assert_eq!(attribute(stored, "segue.events"), "2");
    assert!(stored.start_time_unix_nano >= request.start_time_unix_nano);
    assert!(stored.end_time_unix_nano <= request.end_time_unix_nano);

    // The first delivery has a trace of its own, and is linked to those of its events that are sampled.
    let other_stored = only(spans, 'b', "store");
    let mut of_both = vec![hex(&stored.span_id), hex(&other_stored.span_id)];
    of_both.sort();
    let delivered = spans.iter().find(|span| links(span) == of_both);
    let delivered = delivered.unwrap_or_else(|| panic!("{spans:#?}"));
    assert_eq!(delivered.name, "deliver");
    assert_eq!(delivered.kind, i32::from(SpanKind::Client));
    assert!(delivered.parent_span_id.is_empty());
    assert_eq!(attribute(delivered, "segue.events"), "5");
    assert_eq!(attribute(delivered, "segue.events_with_spans"), "3");
    assert_eq!(attribute(delivered, "segue.outcome"), "received");
    assert!(delivered.start_time_unix_nano > stored.end_time_unix_nano);

    // The event that was delivered alone is found in its sender's trace as a whole.
    let alone = only(spans, 'd', "deliver");
    assert_eq!(alone.parent_span_id, only(spans, 'd', "store").span_id);
    assert_eq!(links(alone), [hex(&alone.parent_span_id)]);

    // The refused event was sent with another one, then alone.
    let failed = of_sender(spans, 'e', "deliver");
    assert!(!failed.is_empty());
    for span in failed {
        assert_eq!(
            span.status.as_ref().unwrap().code,
            i32::from(StatusCode::Error)
        );
        assert_eq!(attribute(span, "segue.meta.code"), "100");
        assert_eq!(attribute(span, "http.response.status_code"), "400");
    }
    let given_up = only(spans, 'e', "dead_letter");
    assert_eq!(attribute(given_up, "segue.reason"), "refused");

    // Nothing of those who did not ask for it, and of a request without events only its answer.
    let traces: std::collections::BTreeSet<_> =
        spans.iter().map(|span| hex(&span.trace_id)).collect();
    assert!(!traces.contains(&trace_id('c')));
    only(spans, '9', "GET /v1/pixel/{kind}");
    let refused = only(spans, 'f', "POST /v1/track");
    assert_eq!(attribute(refused, "http.response.status_code"), "401");
    assert!(of_sender(spans, 'f', "store").is_empty());
}

/// The last export has each metric of the page, with the values that do not change any more.
async fn check_metrics(collector: &MockServer, page: &str) {
    let bodies = bodies(collector, "/v1/metrics").await;
    let last = bodies.last().unwrap();
    let request = ExportMetricsServiceRequest::decode(last.as_slice()).unwrap();
    let scopes = &request.resource_metrics[0].scope_metrics;
    let metrics = &scopes[0].metrics;
    for line in page.lines().filter(|line| line.starts_with("# TYPE ")) {
        let name = line.split(' ').nth(2).unwrap();
        assert!(metrics.iter().any(|one| one.name == name), "{name}");
    }
    let find = |name: &str| metrics.iter().find(|one| one.name == name).unwrap();
    let delivered = find("segue_events_delivered_total");
    assert_eq!(delivered.description, "Events that Meta received");
    assert_eq!(counted(delivered), 7);
    let batches = histogram(find("segue_batch_events"));
    assert_eq!(
        batches.bucket_counts.len(),
        batches.explicit_bounds.len() + 1
    );
    assert_eq!(batches.bucket_counts.iter().sum::<u64>(), batches.count);
    assert!(batches.count >= 3);
    assert!(batches.start_time_unix_nano < batches.time_unix_nano);
}
