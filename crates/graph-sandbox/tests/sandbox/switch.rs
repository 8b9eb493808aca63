//! Replacing and using up the script of faults.

use std::time::Duration;

use axum::{body::Body, http::Request};
use graph_sandbox::{Outcome, Script, ScriptError, Step};
use serde_json::json;
use tokio::time::Instant;
use tower::ServiceExt;

use crate::support::{PATH, call_socket, leads, sandbox, send};

#[tokio::test]
async fn the_script_is_shown_replaced_and_removed_over_http() {
    let sandbox = sandbox().start().await.unwrap();
    let address = sandbox.address();
    let script = json!({"delay_ms": 1, "steps": [
        {"times": 2, "action": {"graph_error": {"code": 4, "status": 429, "headers": {"retry-after": "1"}}}},
        {"at": "after_storing", "action": "reset"},
    ]});
    assert_eq!(
        call_socket(address, "PUT", "/faults", &script.to_string())
            .await
            .status(),
        "200"
    );
    let got = send(&sandbox, &["a"]).await;
    assert_eq!(
        (got.status(), got.header("retry-after")),
        ("429", Some("1"))
    );

    for (wrong, reason) in [
        (r#"{"latency": 1}"#, "unknown field `latency`"),
        (
            r#"{"steps": [{"action": "explode"}]}"#,
            "unknown variant `explode`",
        ),
        (
            r#"{"steps": [{"action": {"answer": {"status": 99}}}]}"#,
            "step 1 has a status",
        ),
        ("", "EOF"),
    ] {
        let got = call_socket(address, "PUT", "/faults", wrong).await;
        assert_eq!(got.status(), "400");
        assert!(
            got.json()["error"].as_str().unwrap().contains(reason),
            "{}",
            got.body
        );
    }
    let left = call_socket(address, "GET", "/faults", "").await.json();
    assert_eq!(
        (&left["delay_ms"], &left["steps"][0]["times"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(left["steps"].as_array().unwrap().len(), 2);
    assert_eq!(
        call_socket(address, "DELETE", "/faults", "").await.status(),
        "204"
    );
    assert_eq!(sandbox.edge().script(), Script::default());

    send(&sandbox, &["b"]).await;
    send(&sandbox, &["b"]).await;
    let statistics = call_socket(address, "GET", "/stats", "").await.json();
    insta::assert_json_snapshot!(statistics["requests"][0], @r#"
    {
      "arrived_at": 1790000000000,
      "bytes": 156,
      "detail": "4",
      "events": 0,
      "number": 1,
      "outcome": "scripted",
      "pixel_id": "1234"
    }
    "#);
    assert_eq!(
        statistics["repeated_event_ids"],
        json!([{"pixel_id": "1234", "event_id": "b", "times": 2}])
    );
    let ids = call_socket(address, "GET", "/event-ids", "").await.body;
    assert_eq!(
        ids,
        "{\"pixel_id\":\"1234\",\"event_id\":\"b\",\"times\":2}\n"
    );
    sandbox.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn delays_come_before_handling_and_before_the_answer() {
    let edge = sandbox().build();
    let ms = Duration::from_millis;
    let request = || Request::post(PATH).body(Body::from(leads(&["a"]))).unwrap();

    edge.set_script(Script::default().delay(ms(100)).answer_delay(ms(1000)))
        .unwrap();
    let start = Instant::now();
    let answer = tokio::spawn(edge.router().oneshot(request()));
    tokio::time::sleep(ms(99)).await;
    assert_eq!(edge.received(), 0);
    tokio::time::sleep(ms(2)).await;
    assert_eq!(edge.received(), 1);
    assert_eq!(edge.statistics().requests[0].outcome, Outcome::Unanswered);
    answer.await.unwrap().unwrap();
    assert_eq!(start.elapsed(), ms(1100));
    assert_eq!(edge.statistics().requests[0].outcome, Outcome::Accepted);

    edge.set_script(Script::default().delay(ms(100)).jitter(ms(50)))
        .unwrap();
    let mut delays = Vec::new();
    for _ in 0..20 {
        let start = Instant::now();
        edge.router().oneshot(request()).await.unwrap();
        delays.push(start.elapsed());
    }
    assert!(
        delays
            .iter()
            .all(|delay| (ms(100)..=ms(150)).contains(delay)),
        "{delays:?}"
    );
    delays.sort_unstable();
    delays.dedup();
    assert!(delays.len() > 10, "{delays:?}");
}

#[test]
fn a_script_with_an_invalid_status_or_header_is_refused_and_the_old_one_stays() {
    let edge = sandbox().build();
    edge.set_script(Script::default().token_expired()).unwrap();
    let wrong = |step: Step| edge.set_script(Script::default().step(Step::pass()).step(step));
    assert_eq!(
        wrong(Step::empty(101)),
        Err(ScriptError::Status { step: 2 })
    );
    assert_eq!(
        wrong(Step::empty(600)),
        Err(ScriptError::Status { step: 2 })
    );
    assert_eq!(
        wrong(Step::empty(200).header("a b", "c")),
        Err(ScriptError::Header { step: 2 })
    );
    assert_eq!(
        wrong(Step::empty(200).header("a", "b\r\nc")),
        Err(ScriptError::Header { step: 2 })
    );
    assert!(edge.script().token_expired);
}
