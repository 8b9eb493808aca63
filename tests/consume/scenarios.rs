//! What can go wrong while records are consumed, and what must hold.

use std::time::{Duration, Instant};

use graph_sandbox::Script;

use crate::Programs;
use crate::deployed;
use crate::stage::Stage;

/// What happens.
#[derive(Clone, Copy)]
pub(crate) enum Scenario {
    Metrics,
    KilledDelivered,
    KilledStored,
    TokenExpired,
    Rejected,
    Leaves,
}

impl Scenario {
    pub(crate) const ALL: [Self; 6] = [
        Self::Metrics,
        Self::Rejected,
        Self::TokenExpired,
        Self::Leaves,
        Self::KilledDelivered,
        Self::KilledStored,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Metrics => "metrics",
            Self::KilledDelivered => "killed_delivered",
            Self::KilledStored => "killed_stored",
            Self::TokenExpired => "token_expired",
            Self::Rejected => "rejected",
            Self::Leaves => "leaves",
        }
    }

    pub(crate) async fn run(self, programs: &Programs) -> String {
        match self {
            Self::Metrics => metrics(programs).await,
            Self::KilledDelivered => killed(programs, "delivered").await,
            Self::KilledStored => killed(programs, "stored").await,
            Self::TokenExpired => token_expired(programs).await,
            Self::Rejected => rejected(programs).await,
            Self::Leaves => leaves(programs).await,
        }
    }
}

/// Killed at random, under load: everything arrives, and no position moves over what has not.
async fn killed(programs: &Programs, commit: &str) -> String {
    let mut stage = Stage::start(programs, commit).await;
    let mut consumer = stage.consumer("a");
    let mut random = random(commit);
    let mut kills = 0;
    let started = Instant::now();
    consumer.start().await;
    while started.elapsed() < Duration::from_secs(8) {
        let until = Instant::now() + Duration::from_millis(random(400, 2500));
        while Instant::now() < until {
            stage.publish(50).await;
            if commit == "delivered" {
                stage.check_position().await;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        consumer.kill().await;
        kills += 1;
        if commit == "delivered" {
            stage.check_position().await;
        }
        consumer.start().await;
    }
    let repeats = stage.wait_for_all(&consumer).await;
    stage.wait_for_floor().await;
    consumer.stop().await;
    let count = stage.published.len();
    format!("{count} messages arrived, {repeats} of them again, {kills} kills")
}

/// The token is expired for a while: the position stands, nothing is lost and nothing sent twice.
async fn token_expired(programs: &Programs) -> String {
    let mut stage = Stage::start(programs, "delivered").await;
    let mut consumer = stage.consumer("a");
    let set = |stage: &Stage, script| stage.sandbox.set_script(script).expect("a script");
    set(&stage, Script::default().token_expired());
    consumer.start().await;
    stage.publish(200).await;
    for _ in 0..40 {
        tokio::time::sleep(Duration::from_millis(250)).await;
        assert_eq!(stage.floor().await, 0, "the position moved");
    }
    let held = consumer.page("/metrics").await;
    assert!(
        held.contains("segue_destination_held{destination=\"shop\"} 1"),
        "{held}"
    );
    // A new process with a good token: what nobody has settled comes to it.
    set(&stage, Script::default());
    consumer.stop().await;
    assert_eq!(stage.check_position().await, 0);
    consumer.start().await;
    let repeats = stage.wait_for_all(&consumer).await;
    assert_eq!(repeats, 0);
    stage.wait_for_floor().await;
    format!("{} messages waited and arrived once", stage.published.len())
}

/// Rubbish and a refused event go to the dead subject, and the position passes them.
async fn rejected(programs: &Programs) -> String {
    let mut stage = Stage::start(programs, "delivered").await;
    let script = Script::default().refuse(["m5"], 100, Some(2_804_050));
    stage.sandbox.set_script(script).expect("a script");
    let mut consumer = stage.consumer("a");
    let rubbish = ["rubbish".to_owned(), "{}".to_owned()];
    let last = *stage.client.publish(&rubbish).await.last().expect("two");
    stage.publish(10).await;
    consumer.start().await;
    stage.wait_for_floor().await;
    assert_eq!(stage.arrived().len(), 9);
    let dead = stage.client.messages("SEGMENT-segue-dead").await;
    let report = consumer.stop().await;
    assert_eq!(report["rejected"], 2, "{report}");
    assert_eq!(report["dead_lettered"], 1, "{report}");
    assert_eq!(dead, 3, "records and letters on the dead subject");
    format!("2 records and 1 event are put aside, {last} is passed")
}

/// Asked to end under load: what is in hand is settled, and another member goes on at once.
async fn leaves(programs: &Programs) -> String {
    let mut stage = Stage::start(programs, "delivered").await;
    let (mut first, mut second) = (stage.consumer("a"), stage.consumer("b"));
    first.start().await;
    for _ in 0..20 {
        stage.publish(50).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let report = first.stop().await;
    assert_eq!(report["pending"], 0, "{report}");
    assert!(report["settled"].as_u64() > Some(0), "{report}");
    stage.publish(50).await;
    let begun = Instant::now();
    second.start().await;
    let repeats = stage.wait_for_all(&second).await;
    assert_eq!(repeats, 0, "{report}");
    stage.wait_for_floor().await;
    assert!(begun.elapsed() < Duration::from_secs(15), "it waited");
    second.stop().await;
    format!("{} messages arrived once", stage.published.len())
}

/// The dashboard and the alerts ask for metrics that there are.
async fn metrics(programs: &Programs) -> String {
    let mut stage = Stage::start(programs, "stored").await;
    let mut consumer = stage.consumer("a");
    let rubbish = ["rubbish".to_owned()];
    stage.client.publish(&rubbish).await;
    stage.publish(10).await;
    consumer.start().await;
    stage.wait_for_all(&consumer).await;
    stage.wait_for_floor().await;
    let started = Instant::now();
    loop {
        let page = consumer.page("/metrics").await;
        let missing: Vec<_> = deployed::expressions()
            .into_iter()
            .filter(|name| !page.contains(name.as_str()))
            .collect();
        if missing.is_empty() && page.contains("segue_consume_rejected_total{input=\"orders\"") {
            break;
        }
        assert!(
            started.elapsed().as_secs() < 20,
            "{missing:?} not in {page}"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(consumer.page("/readyz").await.trim(), "ready");
    let report = consumer.stop().await;
    assert_eq!(report["records"], 11, "{report}");
    format!("{} names, {report}", deployed::expressions().len())
}

/// Numbers that are the same each time.
fn random(seed: &str) -> impl FnMut(u64, u64) -> u64 {
    let mut state = seed
        .bytes()
        .fold(7u64, |state, byte| state * 31 + u64::from(byte));
    move |least, most| {
        // A linear congruential generator: good enough for moments.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        least + (state >> 33) % (most - least)
    }
}
