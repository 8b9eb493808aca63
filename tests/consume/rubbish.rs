//! Records of Kafka that are no messages.

use std::collections::BTreeMap;

use crate::broker::Broker;
use crate::stage::{Stage, message};

/// What is not JSON, too large, or without a value goes to the topic of rejected records, with its position and a reason.
/// The positions pass it, and the messages around it arrive.
pub(crate) async fn rubbish(mut stage: Stage) -> String {
    let Broker::Kafka(broker) = &mut stage.broker else {
        panic!("records of Kafka")
    };
    let large = message("large").replace("u1", &"u".repeat(10_000_000));
    let rubbish = [
        Some(vec![0xff, 0, b'{', 0xc3, 0x28]),
        Some(large.into_bytes()),
        None,
        Some(Vec::new()),
    ];
    let places = broker.publish(&rubbish).await;
    let names: Vec<String> = places.iter().map(|place| broker.name_of(*place)).collect();
    stage.publish(40).await;
    let mut consumer = stage.consumer("a");
    consumer.start().await;
    assert_eq!(stage.wait_for_all(&consumer).await, 0);
    stage.wait_until_passed().await;
    let Broker::Kafka(broker) = &mut stage.broker else {
        panic!("records of Kafka")
    };
    let dead = broker.dead().await;
    assert_eq!(dead.len(), rubbish.len(), "{dead:?}");
    let reasons: BTreeMap<_, _> = dead
        .iter()
        .map(|dead| (dead.position.as_str(), dead.reason.as_str()))
        .collect();
    let reasons: Vec<_> = names
        .iter()
        .map(|name| reasons.get(name.as_str()).copied())
        .collect();
    let report = consumer.stop().await;
    assert_eq!(report["rejected"], 4, "{report}");
    assert_eq!(
        reasons,
        [
            Some("bad_request"),
            Some("payload_too_large"),
            Some("tombstone"),
            Some("bad_request")
        ]
    );
    format!(
        "4 records rejected, {} messages arrived",
        stage.published.len()
    )
}
