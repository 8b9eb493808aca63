//! A disk that is full, and one that does not answer.

use std::collections::BTreeMap;

use conversions_delivery::{AppendError, DurableLog, EventLog, InputId, LogError};

use crate::disk::{Fault, Powered};
use crate::stage::{Disks, NOW, drain, event, events, lease};

#[tokio::test]
async fn a_full_disk_refuses_what_is_new_and_keeps_what_is_there() {
    let disks = Disks::new(1);
    let log = disks.open();
    log.append(events(10).into(), NOW).await.expect("room");
    let leased = lease(&log, 4).await;

    disks.set_fault(Some(Fault::NoSpace));
    let refused = log.append(vec![event("late")].into(), NOW).await;
    let Err(AppendError::Log(LogError::Unavailable { reason })) = refused else {
        panic!("refused for now, not {refused:?}");
    };
    assert!(reason.contains("no storage space"), "{reason}");
    let acknowledged = log.acknowledge("shop", &leased.keys(), NOW).await;
    assert!(matches!(acknowledged, Err(LogError::Unavailable { .. })));

    disks.set_fault(None);
    log.acknowledge("shop", &leased.keys(), NOW)
        .await
        .expect("room again");
    log.append(vec![event("late")].into(), NOW)
        .await
        .expect("room again");
    assert_eq!(
        drain(&log).await,
        ["e4", "e5", "e6", "e7", "e8", "e9", "late"]
    );
    drop(log);
    assert_eq!(
        drain(&disks.open()).await.len(),
        7,
        "the same after opening anew"
    );
}

#[tokio::test]
async fn a_failed_sync_is_fatal_until_the_log_is_opened_again() {
    let disks = Disks::new(1);
    let log = disks.open();
    log.append(events(3).into(), NOW).await.expect("room");
    disks.set_fault(Some(Fault::NoSync));
    let failed = log.append(vec![event("unsafe")].into(), NOW).await;
    assert!(
        matches!(failed, Err(AppendError::Log(LogError::Failed { .. }))),
        "{failed:?}"
    );

    disks.set_fault(None);
    let again = log.append(vec![event("later")].into(), NOW).await;
    assert!(
        matches!(again, Err(AppendError::Log(LogError::Failed { .. }))),
        "never as if nothing had happened"
    );

    drop(log);
    disks.lose_power();
    let ids = drain(&disks.open()).await;
    assert_eq!(
        ids[..3],
        ["e0", "e1", "e2"],
        "what was acknowledged is there"
    );
    assert!(!ids.contains(&"later".to_owned()));
}

/// The disk fails at every operation in turn, once: whatever was acknowledged is there afterwards.
#[tokio::test]
async fn no_moment_of_failure_loses_what_was_acknowledged() {
    let mut seen = BTreeMap::new();
    for moment in 0..120 {
        let disks = Disks::new(u64::from(moment));
        let log = disks.open();
        let disk: &dyn Powered = if moment % 2 == 0 {
            &*disks.events
        } else {
            &*disks.journal
        };
        disk.lose_power_after(moment / 2);
        let mut acknowledged = Vec::new();
        for number in 0..8 {
            let id = format!("e{number}");
            if log.append(vec![event(&id)].into(), NOW).await.is_ok() {
                acknowledged.push(id);
            }
            // Now and then everything goes into the tables.
            if number % 3 == 2 {
                let _ = log.resumption(InputId([0; 16])).await;
            }
        }
        drop(log);
        disks.lose_power();
        let ids = drain(&disks.open()).await;
        assert_eq!(ids[..acknowledged.len()], acknowledged);
        assert!(
            ids.len() <= acknowledged.len() + 1,
            "one may have been on its way"
        );
        *seen.entry(acknowledged.len()).or_insert(0) += 1;
    }
    assert!(seen.len() > 3, "the moments differ: {seen:?}");
}
