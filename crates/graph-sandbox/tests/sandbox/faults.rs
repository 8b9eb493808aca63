//! Scripted faults: what a client sees of them, and what the sandbox stores.

use std::{io, time::Duration};

use graph_sandbox::{Outcome, Script, Step};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{PATH, call_socket, leads, sandbox, send};

#[tokio::test]
async fn steps_are_used_up_in_order_then_requests_are_answered_as_usual() {
    let sandbox = sandbox().start().await.unwrap();
    let throttled = Step::graph_error(80_004, Some(2_446_079))
        .header("retry-after", "7")
        .header(
            "x-business-use-case-usage",
            r#"{"1":[{"type":"ads_management","call_count":100}]}"#,
        );
    let script = Script::default()
        .step(Step::graph_error(2, None).status(503).transient().times(2))
        .step(Step::pass())
        .step(throttled)
        .step(Step::html(502))
        .step(Step::empty(500))
        .step(Step::messages(["event_time is in the future"]))
        .step(Step::events_received(41));
    sandbox.set_script(script).unwrap();
    let mut seen = Vec::new();
    for number in 0..9 {
        let got = send(&sandbox, &[&number.to_string()]).await;
        let retry = got
            .header("retry-after")
            .map(|value| format!("retry-after {value} "))
            .unwrap_or_default();
        let told = got.json();
        let error = &told["error"];
        let body = match (error["code"].as_u64(), told["events_received"].as_u64()) {
            (Some(code), _) => format!(
                "{code} {} {}",
                error["error_subcode"], error["is_transient"]
            ),
            (_, Some(count)) => format!("{count} {}", told["messages"]),
            _ => got.body.trim().to_owned(),
        };
        seen.push(format!("{} {retry}{body}", got.status()));
    }
    insta::assert_snapshot!(seen.join("\n"), @r#"
    503 2 null true
    503 2 null true
    200 1 []
    400 retry-after 7 80004 2446079 false
    502 <html><head><title>502</title></head><body>Sorry</body></html>
    500 
    200 1 ["event_time is in the future"]
    200 41 []
    200 1 []
    "#);
    let stored: Vec<_> = sandbox
        .events()
        .iter()
        .map(|event| event.event_id.clone().unwrap())
        .collect();
    assert_eq!(stored, ["2", "6", "7", "8"].map(Box::from));
    assert_eq!(sandbox.totals().refused_by_fault["scripted"], 5);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_reset_leaves_the_client_without_an_answer_at_every_stage() {
    let sandbox = sandbox().start().await.unwrap();
    let script = Script::default()
        .step(Step::reset().before_reading())
        .step(Step::reset())
        .step(Step::reset().after_storing());
    sandbox.set_script(script).unwrap();
    for _ in 0..3 {
        let got = send(&sandbox, &["a"]).await;
        assert_eq!(got.head, "");
        assert_eq!(got.end.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    }
    assert_eq!(
        send(&sandbox, &["a", "b"]).await.json()["events_received"],
        2
    );

    let edge = sandbox.edge().clone();
    assert_eq!(
        (
            edge.times_accepted("1234", "a"),
            edge.times_accepted("1234", "b")
        ),
        (2, 1)
    );
    let statistics = edge.statistics();
    let size = leads(&["a"]).len();
    let told: Vec<_> = statistics
        .requests
        .iter()
        .map(|r| (r.bytes, r.events, r.outcome))
        .collect();
    assert_eq!(
        told,
        [
            (0, 0, Outcome::Scripted),
            (size, 0, Outcome::Scripted),
            (size, 1, Outcome::Scripted),
            (leads(&["a", "b"]).len(), 2, Outcome::Accepted),
        ]
    );
    let repeated: Vec<_> = statistics
        .repeated_event_ids
        .iter()
        .map(|id| (&*id.event_id, id.times))
        .collect();
    assert_eq!(repeated, [("a", 2)]);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn truncated_json_and_cut_off_http_end_early() {
    let sandbox = sandbox().start().await.unwrap();
    let script = Script::default()
        .step(Step::truncate())
        .step(Step::cut_off().after_storing());
    sandbox.set_script(script).unwrap();

    let truncated = send(&sandbox, &["a"]).await;
    assert_eq!((truncated.status(), truncated.json()), ("200", Value::Null));
    assert_eq!(
        truncated.header("content-length").unwrap(),
        truncated.body.len().to_string()
    );
    assert!(
        truncated.body.starts_with(r#"{"events_received":"#),
        "{}",
        truncated.body
    );

    let cut_off = send(&sandbox, &["b"]).await;
    let promised: usize = cut_off.header("content-length").unwrap().parse().unwrap();
    assert!(cut_off.body.len() < promised, "{}", cut_off.body);
    assert_eq!(sandbox.events().len(), 1);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_hanging_request_ends_with_the_sandbox() {
    let sandbox = sandbox().start().await.unwrap();
    sandbox
        .set_script(Script::default().step(Step::hang().after_storing()))
        .unwrap();
    let address = sandbox.address();
    let hanging =
        tokio::spawn(async move { call_socket(address, "POST", PATH, &leads(&["a"])).await });
    while sandbox.received() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(send(&sandbox, &["b"]).await.status(), "200");
    assert!(!hanging.is_finished());
    timeout(Duration::from_secs(4), sandbox.shutdown())
        .await
        .unwrap();
    assert_eq!(hanging.await.unwrap().head, "");
}

#[tokio::test]
async fn a_scripted_token_expires_until_the_script_is_replaced() {
    let sandbox = sandbox().start().await.unwrap();
    sandbox
        .set_script(Script::default().token_expired())
        .unwrap();
    let error = send(&sandbox, &["a"]).await.json();
    assert_eq!(
        (&error["error"]["code"], &error["error"]["error_subcode"]),
        (&json!(190), &json!(463))
    );
    sandbox.set_script(Script::default()).unwrap();
    assert_eq!(send(&sandbox, &["a"]).await.status(), "200");
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_scripted_bad_event_refuses_its_whole_request() {
    let sandbox = sandbox().start().await.unwrap();
    sandbox
        .set_script(Script::default().refuse(["x", "y"], 100, Some(2_804_087)))
        .unwrap();
    let error = send(&sandbox, &["a", "y"]).await;
    assert_eq!(
        (error.status(), &error.json()["error"]["error_subcode"]),
        ("400", &json!(2_804_087))
    );
    assert_eq!(send(&sandbox, &["x"]).await.status(), "400");
    assert_eq!(send(&sandbox, &["a"]).await.status(), "200");
    assert_eq!(sandbox.totals().refused_by_code["100/2804087"], 2);

    let once = r#"{"refuse": [{"event_ids": ["a"], "code": 2, "times": 1}]}"#;
    call_socket(sandbox.address(), "PUT", "/faults", once).await;
    assert_eq!(send(&sandbox, &["a"]).await.json()["error"]["code"], 2);
    assert_eq!(send(&sandbox, &["a"]).await.status(), "200");
    sandbox.shutdown().await;
}
