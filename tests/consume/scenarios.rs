//! What can go wrong while records are consumed, and what must hold.

use std::time::{Duration, Instant};

use graph_sandbox::Script;

use crate::broker::Kind;
use crate::consumer::Consumer;
use crate::deployed;
use crate::outages;
use crate::programs::Programs;
use crate::stage::Stage;

/// What happens.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scenario {
    Metrics,
    KilledDelivered,
    KilledStored,
    TokenExpired,
    Refused,
    Leaves,
    Shared,
    BrokerAway,
    NatsLog,
    StoodStill,
    #[cfg(feature = "kafka")]
    Rubbish,
}

impl Scenario {
    /// Those that a broker is put through, the longest first.
    pub(crate) fn all(kind: Kind) -> Vec<Self> {
        let mut all = vec![
            Self::KilledDelivered,
            Self::KilledStored,
            Self::BrokerAway,
            Self::NatsLog,
            Self::Shared,
            Self::TokenExpired,
            Self::Leaves,
            Self::Refused,
            Self::Metrics,
        ];
        match kind {
            Kind::Nats => all.insert(0, Self::StoodStill),
            #[cfg(feature = "kafka")]
            Kind::Kafka => all.push(Self::Rubbish),
        }
        all
    }

    pub(crate) fn name(self, kind: Kind) -> String {
        let broker = match kind {
            Kind::Nats => "nats",
            #[cfg(feature = "kafka")]
            Kind::Kafka => "kafka",
        };
        let scenario = match self {
            Self::Metrics => "metrics",
            Self::KilledDelivered => "killed_delivered",
            Self::KilledStored => "killed_stored",
            Self::TokenExpired => "token_expired",
            Self::Refused => "refused",
            Self::Leaves => "leaves",
            Self::Shared => "shared",
            Self::BrokerAway => "broker_away",
            Self::NatsLog => "nats_log",
            Self::StoodStill => "stood_still",
            #[cfg(feature = "kafka")]
            Self::Rubbish => "rubbish",
        };
        format!("{broker}_{scenario}")
    }

    /// Returns what was seen.
    pub(crate) async fn run(self, kind: Kind, programs: &Programs) -> String {
        let commit = match self {
            Self::NatsLog => return outages::nats_log(kind, programs).await,
            Self::Metrics | Self::KilledStored => "stored",
            _ => "delivered",
        };
        let stage = Stage::start(kind, programs, commit).await;
        match self {
            Self::Metrics => metrics(stage).await,
            Self::KilledDelivered | Self::KilledStored => killed(stage, commit).await,
            Self::TokenExpired => token_expired(stage).await,
            Self::Refused => refused(stage).await,
            Self::Leaves => leaves(stage).await,
            Self::Shared => shared(stage).await,
            Self::BrokerAway => outages::broker_away(stage).await,
            Self::StoodStill => outages::stood_still(stage).await,
            Self::NatsLog => unreachable!("it has a stage of its own"),
            #[cfg(feature = "kafka")]
            Self::Rubbish => crate::rubbish::rubbish(stage).await,
        }
    }
}

/// Killed at random, under load: everything arrives, and no position moves over what has not.
async fn killed(mut stage: Stage, commit: &str) -> String {
    let mut consumer = stage.consumer("a");
    let mut random = random(commit);
    let mut kills = 0;
    let started = Instant::now();
    consumer.start().await;
    while kills < 3 || started.elapsed() < Duration::from_secs(8) {
        // Only a member that has got to work can be killed at it.
        let arrived = stage.arrived().len();
        stage.publish(50).await;
        stage.wait_for_more(arrived, &consumer).await;
        let until = Instant::now() + Duration::from_millis(random(0, 2000));
        while Instant::now() < until {
            stage.publish(50).await;
            if commit == "delivered" {
                stage.check_positions().await;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        consumer.kill().await;
        kills += 1;
        if commit == "delivered" {
            stage.check_positions().await;
        }
        consumer.start().await;
    }
    let repeats = stage.wait_for_all(&consumer).await;
    stage.wait_until_passed().await;
    consumer.stop().await;
    let count = stage.published.len();
    format!("{count} messages arrived, {repeats} of them again, {kills} kills")
}

/// The token is expired for a while: the positions stand, nothing is lost and nothing sent twice.
async fn token_expired(mut stage: Stage) -> String {
    let mut consumer = stage.consumer("a");
    let set = |stage: &Stage, script| stage.sandbox.set_script(script).expect("a script");
    set(&stage, Script::default().token_expired());
    consumer.start().await;
    stage.publish(200).await;
    let held = "segue_destination_held{destination=\"shop\"} 1";
    let started = Instant::now();
    while !consumer.page("/metrics").await.contains(held) {
        assert!(started.elapsed().as_secs() < 30, "it is not held");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    for _ in 0..24 {
        tokio::time::sleep(Duration::from_millis(250)).await;
        assert_eq!(stage.passed().await, 0, "a position moved");
    }
    // A new process with a good token: what nobody has settled comes to it.
    set(&stage, Script::default());
    consumer.stop().await;
    assert_eq!(stage.check_positions().await, 0);
    consumer.start().await;
    let repeats = stage.wait_for_all(&consumer).await;
    assert_eq!(repeats, 0);
    stage.wait_until_passed().await;
    format!("{} messages waited and arrived once", stage.published.len())
}

/// Meta refuses one of ten events: it is put aside with the broker, the others arrive, and the positions pass it.
async fn refused(mut stage: Stage) -> String {
    let script = Script::default().refuse(["m5"], 100, Some(2_804_050));
    stage.sandbox.set_script(script).expect("a script");
    let mut consumer = stage.consumer("a");
    let rubbish = [Some(b"rubbish".to_vec()), Some(b"{}".to_vec())];
    stage.broker.publish(&rubbish).await;
    stage.publish(10).await;
    consumer.start().await;
    stage.wait_until_passed().await;
    assert_eq!(stage.arrived().len(), 9);
    let dead = stage.broker.dead().await;
    let report = consumer.stop().await;
    assert_eq!(report["rejected"], 2, "{report}");
    assert_eq!(report["dead_lettered"], 1, "{report}");
    assert_eq!(dead, 3, "records and letters that the broker has");
    "2 records and 1 event are put aside, 9 events arrived".to_owned()
}

/// Asked to end under load: what is in hand is settled, and another member goes on at once.
async fn leaves(mut stage: Stage) -> String {
    let (mut first, mut second) = (stage.consumer("a"), stage.consumer("b"));
    first.start().await;
    stage.publish(50).await;
    stage.wait_for_more(0, &first).await;
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
    stage.wait_until_passed().await;
    assert!(begun.elapsed() < Duration::from_secs(15), "it waited");
    second.stop().await;
    format!("{} messages arrived once", stage.published.len())
}

/// A second process joins under load, and the first leaves: both have worked, and everything arrives once.
async fn shared(mut stage: Stage) -> String {
    let (mut first, mut second) = (stage.consumer("a"), stage.consumer("b"));
    first.start().await;
    stage.publish(50).await;
    stage.wait_for_more(0, &first).await;
    second.start().await;
    let started = Instant::now();
    while settled(&second).await == 0 {
        assert!(started.elapsed().as_secs() < 60, "{}", second.said());
        stage.publish(50).await;
        stage.check_positions().await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for _ in 0..20 {
        stage.publish(50).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let of_first = first.stop().await;
    stage.publish(50).await;
    let repeats = stage.wait_for_all(&second).await;
    stage.wait_until_passed().await;
    let of_second = second.stop().await;
    assert_eq!(repeats, 0, "{of_first} {of_second}");
    let records = [&of_first, &of_second].map(|report| report["settled"].as_u64().unwrap_or(0));
    let count = stage.published.len();
    assert!(records.iter().all(|records| *records > 0), "{records:?}");
    format!("{count} messages arrived once, settled by {records:?}")
}

/// Number of records that it has settled.
async fn settled(consumer: &Consumer) -> u64 {
    let page = consumer.page("/metrics").await;
    let lines = page
        .lines()
        .filter(|line| line.starts_with("segue_consume_records_total"));
    let numbers = lines.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok());
    numbers.sum()
}

/// The dashboard and the alerts ask for metrics that there are.
async fn metrics(mut stage: Stage) -> String {
    let mut consumer = stage.consumer("a");
    stage.broker.publish(&[Some(b"rubbish".to_vec())]).await;
    stage.publish(10).await;
    consumer.start().await;
    stage.wait_for_all(&consumer).await;
    stage.wait_until_passed().await;
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
