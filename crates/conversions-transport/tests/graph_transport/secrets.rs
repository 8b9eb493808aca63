//! The access token is sent in one header and appears nowhere else: no URL, body, `Debug`, error or log.

use std::error::Error;
use std::fmt::Write as _;
use std::sync::{Mutex, OnceLock};

use conversions_transport::{AppSecret, SendError, Transport as _, appsecret_proof};
use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{SHORT, TOKEN, builder, events, hang, tcp_server};

/// Everything that the process logs, at every level.
static LOG: Mutex<String> = Mutex::new(String::new());

fn note(words: std::fmt::Arguments<'_>) {
    let mut log = LOG.lock().unwrap();
    log.write_fmt(words).unwrap();
    log.push('\n');
}

/// Takes what goes through `log`.
struct Log;

impl log::Log for Log {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        note(format_args!("{} {}", record.target(), record.args()));
    }

    fn flush(&self) {}
}

/// Takes what goes through `tracing`.
struct Trace;

struct Fields;

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        note(format_args!("{field}={value:?}"));
    }
}

impl tracing::Subscriber for Trace {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        note(format_args!("{}", attributes.metadata().target()));
        attributes.record(&mut Fields);
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        values.record(&mut Fields);
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        note(format_args!("{}", event.metadata().target()));
        event.record(&mut Fields);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

fn listen() {
    static LISTENING: OnceLock<()> = OnceLock::new();
    LISTENING.get_or_init(|| {
        log::set_logger(&Log).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
        tracing::subscriber::set_global_default(Trace).unwrap();
    });
}

/// An error, its causes, and its `Debug` in both forms.
fn everything_of(failure: &SendError) -> String {
    let mut words = format!("{failure:?} {failure:#?} {:?}", failure.meaning());
    let mut cause: Option<&dyn Error> = Some(failure);
    while let Some(error) = cause {
        write!(words, " {error} {error:?}").unwrap();
        cause = error.source();
    }
    words
}

#[tokio::test]
async fn the_token_is_sent_in_one_header_only() {
    listen();
    let server = MockServer::start().await;
    let quoting = json!({"error": {"message": TOKEN, "error_user_msg": TOKEN, "fbtrace_id": TOKEN, "code": 190}});
    let answer = ResponseTemplate::new(401)
        .set_body_json(quoting)
        .insert_header("X-Ad-Api-Version-Warning", TOKEN);
    Mock::given(any()).respond_with(answer).mount(&server).await;

    let secret = AppSecret::parse("appSecretThatMustNotLeak").unwrap();
    let proof = appsecret_proof(secret.expose_secret(), TOKEN);
    let builder = builder(&server.uri()).app_secret(secret);
    let transport = builder.clone().build().unwrap();
    let failure = transport.send(&events(1)).await.unwrap_err();

    let request = server.received_requests().await.unwrap().remove(0);
    assert!(!request.url.as_str().contains(TOKEN));
    assert!(!String::from_utf8_lossy(&request.body).contains(TOKEN));
    let carrying: Vec<_> = request
        .headers
        .iter()
        .filter(|(_, value)| value.to_str().unwrap().contains(TOKEN))
        .collect();
    assert_eq!(carrying.len(), 1);
    assert_eq!(carrying[0].0, "authorization");

    let mut shown = format!("{transport:?} {transport:#?} {builder:?} {builder:#?}");
    shown.push_str(&everything_of(&failure));
    shown.push_str(failure.graph_error().unwrap().message().unwrap());
    for secret in [TOKEN, "appSecretThatMustNotLeak", &proof] {
        assert!(!shown.contains(secret), "{shown}");
    }

    // The same with requests that get no answer, whose errors come from the HTTP client.
    let silent = tcp_server(hang).await;
    let closed = tcp_server(|stream| async { drop(stream) }).await;
    for base_url in [silent, closed] {
        let transport = builder
            .clone()
            .base_url(base_url.parse().unwrap())
            .total_timeout(SHORT)
            .build()
            .unwrap();
        let shown = everything_of(&transport.send(&events(1)).await.unwrap_err());
        assert!(!shown.contains(TOKEN) && !shown.contains(&proof), "{shown}");
        assert!(
            !shown.contains("424242"),
            "addresses are not in errors: {shown}"
        );
    }

    let log = LOG.lock().unwrap().clone();
    assert!(
        log.contains("conversions_transport"),
        "this crate's own words are heard"
    );
    assert!(
        log.contains("hyper_util") && log.contains("reqwest"),
        "the HTTP client is heard"
    );
    for secret in [TOKEN, "appSecretThatMustNotLeak", &proof, r#""event_name""#] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None);
    }
}
