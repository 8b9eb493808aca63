//! Brokers that are away for a while, processes that stand still, and a log that several machines share.

use std::time::{Duration, Instant};

use conversions_nats::test_server::TestServer;
use graph_sandbox::{Script, Step};
use rustix::process::Signal;
use serde_json::json;

use crate::broker::Kind;
use crate::programs::Programs;
use crate::stage::Stage;

/// A consumer that operators made. What it gave out goes to another member after this long.
const ACK_WAIT: Duration = Duration::from_secs(10);

/// The broker is away twice under load: everything arrives once, and no position moves over what has not.
pub(crate) async fn broker_away(mut stage: Stage) -> String {
    let mut consumer = stage.consumer("a");
    consumer.start().await;
    for pause in [1, 4] {
        let arrived = stage.arrived().len();
        for _ in 0..10 {
            stage.publish(50).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        stage.wait_for_more(arrived, &consumer).await;
        stage.broker.interrupt(Duration::from_secs(pause)).await;
        stage.check_positions().await;
    }
    stage.publish(50).await;
    let repeats = stage.wait_for_all(&consumer).await;
    assert_eq!(repeats, 0, "{}", consumer.said());
    stage.wait_until_passed().await;
    consumer.stop().await;
    format!("{} messages arrived once", stage.published.len())
}

/// What one process has read and stored on a cluster, another one delivers after the first was killed.
pub(crate) async fn nats_log(kind: Kind, programs: &Programs) -> String {
    let Some(program) = &programs.nats_server else {
        return "not run, since there is no NATS server".to_owned();
    };
    let cluster = TestServer::of_program(program, "");
    let log = json!({
        "engine": "nats", "servers": [cluster.url()], "replicas": 1, "allow_weak": true,
        "max_bytes": 50_000_000, "dead_letter_bytes": 5_000_000, "ack_wait_seconds": 10,
    });
    let mut stage = Stage::with_log(kind, programs, "stored", Some(log)).await;
    stage.create_log().await;
    // Nothing is delivered while the first process is there.
    fail_all(&stage);
    let (mut first, mut second) = (stage.consumer("a"), stage.consumer("b").that_delivers());
    first.start().await;
    stage.publish(300).await;
    stage.wait_until_passed().await;
    first.kill().await;
    assert_eq!(stage.arrived().len(), 0);
    stage
        .sandbox
        .set_script(Script::default())
        .expect("a script");
    second.start().await;
    let repeats = stage.wait_for_all(&second).await;
    assert_eq!(repeats, 0);
    second.kill().await;
    format!(
        "{} messages were stored by one process and delivered by another",
        stage.published.len()
    )
}

/// A process stands still with messages in hand. Another one delivers them; the first sends none when it goes on.
pub(crate) async fn stood_still(mut stage: Stage) -> String {
    let group = stage.group;
    stage.broker.nats().create_consumer(group, ACK_WAIT).await;
    fail_all(&stage);
    let (mut first, mut second) = (stage.consumer("a"), stage.consumer("b"));
    first.start().await;
    stage.publish(100).await;
    let started = Instant::now();
    while stage.broker.nats().in_hand(group).await < 100 {
        assert!(started.elapsed().as_secs() < 30, "{}", first.said());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    first.signal(Signal::STOP);
    stage
        .sandbox
        .set_script(Script::default())
        .expect("a script");
    tokio::time::sleep(ACK_WAIT).await;
    second.start().await;
    assert_eq!(stage.wait_for_all(&second).await, 0);
    first.signal(Signal::CONT);
    let started = Instant::now();
    while !first
        .said()
        .contains("others may have these records by now")
    {
        assert!(started.elapsed().as_secs() < 90, "{}", first.said());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    stage.publish(100).await;
    assert_eq!(stage.wait_for_all(&second).await, 0, "{}", first.said());
    stage.wait_until_passed().await;
    let report = first.stop().await;
    assert_eq!(report["pending"], 0, "{report}");
    second.stop().await;
    assert_eq!(stage.wait_for_all(&second).await, 0);
    format!("{} messages arrived once", stage.published.len())
}

/// Meta answers nothing but temporary errors.
fn fail_all(stage: &Stage) {
    let failing = Script::default().step(Step::graph_error(2, None).always());
    stage.sandbox.set_script(failing).expect("a script");
}
