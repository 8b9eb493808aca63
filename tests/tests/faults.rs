//! What becomes of every event under each fault of Graph: the real engine and the real transport before a sandbox that
//! misbehaves. The tables are the tests.
//!
//! Every fault is met twice in a row, and then Graph works; and for ever. Waits are milliseconds, and nothing in the
//! tables depends on how long anything took: where events are still tried at the end, requests are not counted.
#![expect(
    clippy::expect_used,
    reason = "a test says what went wrong by panicking"
)]

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use conversions_delivery::{Backoff, DestinationOptions, Engine, FinishOptions, Summary};
use conversions_transport::{AccessToken, GraphTransport, GraphTransportBuilder, NewEvent};
use facebook_conversions::error_table::CODES;
use graph_sandbox::{Sandbox, Script, Step};
use jiff::Timestamp;

const PIXEL_ID: &str = "1000000000000001";
const EVENT_IDS: [&str; 4] = ["e0", "e1", "e2", "e3"];

/// More than anything here takes that ends by itself.
const PATIENCE: Duration = Duration::from_mins(2);
/// More than halving and a few retries need for four events: what is not settled then is tried for ever.
const MANY_REQUESTS: u64 = 20;
/// Of a request that is never answered; others are answered sooner on any machine.
const SHORT_TIMEOUT: Duration = Duration::from_secs(3);

/// Four events, one request at a time, and waits that nobody notices.
fn options() -> DestinationOptions {
    let soon = Backoff {
        base: Duration::from_millis(2),
        cap: Duration::from_millis(50),
    };
    DestinationOptions {
        linger: Duration::ZERO,
        concurrency: 1,
        retry: soon,
        throttle: soon,
        slow_retry: soon.cap,
        probe_interval: soon.cap,
        ..DestinationOptions::default()
    }
}

fn events() -> Vec<NewEvent> {
    let now = Timestamp::now().as_second();
    EVENT_IDS
        .map(|id| {
            let event = serde_json::json!({
                "event_name": "Lead", "event_time": now, "event_id": id, "action_source": "website",
                "event_source_url": "https://shop.example/", "user_data": {
                    "external_id": id, "client_user_agent": "browser", "client_ip_address": "203.0.113.7",
                },
            });
            NewEvent::new("shop", event.to_string(), now).with_message_id(Some(id))
        })
        .into()
}

fn graph(url: &str) -> GraphTransportBuilder {
    let token = AccessToken::parse("token").expect("a token");
    GraphTransport::builder(PIXEL_ID.parse().expect("a pixel id"), token)
        .base_url(url.parse().expect("an address"))
}

fn engine(transport: GraphTransportBuilder) -> Engine {
    let transport = transport.build().expect("a transport");
    Engine::builder()
        .destination("shop", Arc::new(transport), options())
        .start()
}

async fn sandbox(script: Script) -> Sandbox {
    let sandbox = Sandbox::builder().start().await.expect("a sandbox");
    sandbox.set_script(script).expect("a script");
    sandbox
}

async fn finish(engine: &Engine, give_up_after: Duration, end_on_hold: bool) -> Summary {
    let options = FinishOptions {
        give_up_after,
        end_on_hold,
        grace: PATIENCE,
    };
    engine.finish(options, std::future::pending()).await
}

/// Waits until the destination has failed, and is held if it is to be.
async fn wait_for_failure(engine: &Engine, is_held: bool) {
    let failed = async {
        loop {
            let shop = &engine.progress().await.destinations["shop"];
            if shop.last_error.is_some() && (!is_held || shop.held.is_some()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, failed)
        .await
        .expect("the fault is noticed");
}

/// Waits until everything is settled, or the destination is held, or it is clear that it goes on like this.
async fn wait_for_the_end_or_none(engine: &Engine) {
    let clear = async {
        loop {
            let shop = &engine.progress().await.destinations["shop"];
            let is_settled = shop.backlog.events == 0 || shop.held.is_some();
            if is_settled || shop.requests > MANY_REQUESTS || shop.ambiguous > 1 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, clear)
        .await
        .expect("it becomes clear what happens");
}

/// Whether requests are counted: at the end of a fault that lasts, their number is a matter of time.
#[derive(Clone, Copy)]
enum Requests {
    Counted,
    NotCounted,
}

/// What has become of the events, in one line.
fn told(summary: &Summary, sandbox: &Sandbox, requests: Requests) -> String {
    let shop = &summary.progress.destinations["shop"];
    let mut line = format!("{} delivered", shop.delivered);
    for (reason, count) in &shop.dead_lettered {
        let _ = write!(line, ", {count} dead-lettered: {}", reason.name());
    }
    if shop.backlog.events > 0 {
        let _ = write!(line, ", {} pending", shop.backlog.events);
    }
    if let Some(held) = &shop.held {
        let _ = write!(line, ", held: {}", held.cause.name());
    }
    let retries: Vec<_> = shop
        .retries
        .iter()
        .map(|(class, count)| match requests {
            Requests::Counted => format!("{count} {}", class.name()),
            Requests::NotCounted => class.name().to_owned(),
        })
        .collect();
    match requests {
        Requests::Counted => {
            let _ = write!(
                line,
                "; requests: {}, ambiguous: {}",
                shop.requests, shop.ambiguous
            );
            if !retries.is_empty() {
                let _ = write!(line, ", retries: {}", retries.join(", "));
            }
        }
        Requests::NotCounted if shop.ambiguous > 0 => line.push_str("; ambiguous: some"),
        Requests::NotCounted => line.push_str("; ambiguous: 0"),
    }
    let mut arrived: Vec<_> = EVENT_IDS
        .iter()
        .map(|id| (id, sandbox.edge().times_accepted(PIXEL_ID, id)))
        .filter(|(_, times)| *times > 0)
        .map(|(id, times)| match (times, requests) {
            (1, _) => (*id).to_owned(),
            (times, Requests::Counted) => format!("{id} × {times}"),
            (_, Requests::NotCounted) => format!("{id} × many"),
        })
        .collect();
    if arrived.is_empty() {
        arrived.push("nothing".to_owned());
    }
    let _ = write!(line, "; arrived: {}", arrived.join(" "));
    line
}

/// The events meet a script, with so much time for each request.
async fn meet(script: Script, timeout: Duration) -> String {
    let sandbox = sandbox(script).await;
    let engine = engine(graph(sandbox.url()).total_timeout(timeout));
    engine.append(events()).await.expect("room");
    let summary = finish(&engine, PATIENCE, false).await;
    told(&summary, &sandbox, Requests::Counted)
}

/// The events meet a step that does not pass, until they are settled or it is seen that they are not.
async fn meet_for_ever(step: Step, timeout: Duration) -> String {
    let sandbox = sandbox(Script::default().step(step.always())).await;
    let engine = engine(graph(sandbox.url()).total_timeout(timeout));
    engine.append(events()).await.expect("room");
    wait_for_the_end_or_none(&engine).await;
    let summary = finish(&engine, Duration::ZERO, true).await;
    let requests = match summary.progress.total().pending {
        0 => Requests::Counted,
        _ => Requests::NotCounted,
    };
    told(&summary, &sandbox, requests)
}

/// Both, in two lines.
async fn row(step: Step, timeout: Duration) -> String {
    let (twice, for_ever) = tokio::join!(
        meet(Script::default().step(step.clone().times(2)), timeout),
        meet_for_ever(step, timeout)
    );
    format!("    twice:    {twice}\n    for ever: {for_ever}\n")
}

#[rustfmt::skip]
fn faults() -> Vec<(&'static str, Step, Duration)> {
    vec![
        ("500, HTML",                                Step::html(500),                           PATIENCE),
        ("502, HTML",                                Step::html(502),                           PATIENCE),
        ("503, empty",                               Step::empty(503),                          PATIENCE),
        ("504, empty",                               Step::empty(504),                          PATIENCE),
        ("429, empty",                               Step::empty(429),                          PATIENCE),
        ("400, HTML",                                Step::html(400),                           PATIENCE),
        ("403, HTML",                                Step::html(403),                           PATIENCE),
        ("413, empty",                               Step::empty(413),                          PATIENCE),
        ("200, empty",                               Step::empty(200),                          PATIENCE),
        ("200, HTML",                                Step::html(200),                           PATIENCE),
        ("200, empty, events stored",                Step::empty(200).after_storing(),          PATIENCE),
        ("truncated JSON, events stored",            Step::truncate().after_storing(),          PATIENCE),
        ("answer cut off, events stored",            Step::cut_off().after_storing(),           PATIENCE),
        ("reset before the request is read",         Step::reset().before_reading(),            PATIENCE),
        ("reset after the request is read",          Step::reset(),                             PATIENCE),
        ("reset, events stored",                     Step::reset().after_storing(),             PATIENCE),
        ("hang after the request is read",           Step::hang(),                              SHORT_TIMEOUT),
        ("hang, events stored",                      Step::hang().after_storing(),              SHORT_TIMEOUT),
        ("2, 503, transient",                        Step::graph_error(2, None).status(503).transient(), PATIENCE),
        ("100/2804050, transient",                   Step::graph_error(100, Some(2_804_050)).transient(), PATIENCE),
        ("190/463, 500",                             Step::graph_error(190, Some(463)).status(500), PATIENCE),
        ("999, which no table has",                  Step::graph_error(999, None),              PATIENCE),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_the_network_and_of_servers() {
    let rows: Vec<_> = faults()
        .into_iter()
        .map(|(name, step, timeout)| (name, tokio::spawn(row(step, timeout))))
        .collect();
    let mut table = String::new();
    for (name, row) in rows {
        let _ = write!(table, "{name}\n{}", row.await.expect("no panic"));
    }
    insta::assert_snapshot!(table);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_code_of_the_error_table() {
    // Codes that do the same stand together.
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for code in CODES {
        let name = match (code.subcode, code.last - code.first) {
            (Some(subcode), _) => format!("{}/{subcode}", code.first),
            (None, 0) => code.first.to_string(),
            (None, _) => format!("{}–{}", code.first, code.last),
        };
        let number = |number: i64| u32::try_from(number).expect("a code");
        let step = Step::graph_error(number(code.first), code.subcode.map(number));
        let row = row(step, PATIENCE).await;
        match groups.iter_mut().find(|(known, _)| *known == row) {
            Some((_, names)) => names.push(name),
            None => groups.push((row, vec![name])),
        }
    }
    let mut table = String::new();
    for (row, names) in groups {
        let _ = write!(table, "{}\n{row}", names.join(", "));
    }
    insta::assert_snapshot!(table);
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_that_last_until_something_changes() {
    let mut table = String::new();
    let slow = Script::default()
        .delay(Duration::from_millis(20))
        .answer_delay(Duration::from_millis(20))
        .jitter(Duration::from_millis(20));
    let line = meet(slow, PATIENCE).await;
    let _ = writeln!(table, "latency and jitter\n    {line}");
    let culprit = Script::default().refuse(["e1"], 100, Some(2_804_050));
    let line = meet(culprit, PATIENCE).await;
    let _ = writeln!(table, "100/2804050 because of e1\n    {line}");

    for (name, step) in [
        ("429, HTML, Retry-After: 1", Step::html(429)),
        (
            "80004, 429, Retry-After: 1",
            Step::graph_error(80_004, None).status(429),
        ),
    ] {
        let step = step.header("retry-after", "1").times(2);
        let line = meet(Script::default().step(step), PATIENCE).await;
        let _ = writeln!(table, "{name}, twice\n    {line}");
    }
    let sandbox_with_expired_token = sandbox(Script::default().token_expired()).await;
    let engine_of_it = engine(graph(sandbox_with_expired_token.url()));
    engine_of_it.append(events()).await.expect("room");
    wait_for_failure(&engine_of_it, true).await;
    let well = sandbox_with_expired_token.set_script(Script::default());
    well.expect("a script");
    let summary = finish(&engine_of_it, PATIENCE, false).await;
    let line = told(&summary, &sandbox_with_expired_token, Requests::NotCounted);
    let _ = writeln!(table, "190 for a while, then well\n    {line}");

    // The sandbox speaks no TLS, nobody listens on the first port.
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
    let certificate = certified.expect("a certificate").cert.pem();
    for (name, scheme, port) in [
        ("TLS handshake fails", "https", None),
        ("connection refused", "http", Some(1)),
    ] {
        let sandbox = sandbox(Script::default()).await;
        let port = port.unwrap_or_else(|| sandbox.address().port());
        let broken =
            || graph(&format!("{scheme}://127.0.0.1:{port}")).trust_only(certificate.clone());

        let lasting = engine(broken());
        lasting.append(events()).await.expect("room");
        wait_for_the_end_or_none(&lasting).await;
        let summary = finish(&lasting, Duration::ZERO, true).await;
        let for_ever = told(&summary, &sandbox, Requests::NotCounted);

        let mended = engine(broken());
        mended.append(events()).await.expect("room");
        wait_for_failure(&mended, false).await;
        let transport = graph(sandbox.url()).build().expect("a transport");
        mended.reload("shop", Arc::new(transport), options());
        let summary = finish(&mended, PATIENCE, false).await;
        let mended = told(&summary, &sandbox, Requests::NotCounted);
        let _ = writeln!(
            table,
            "{name}\n    for ever: {for_ever}\n    until other settings: {mended}"
        );
    }
    insta::assert_snapshot!(table);
}
