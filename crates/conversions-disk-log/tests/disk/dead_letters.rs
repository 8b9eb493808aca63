//! Dead letters: listed, replayed and purged by another process than the one that delivers.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use conversions_delivery::{
    DeadLetter, DeadLetterReason, DeadLetterStore, EventKey, EventLog, Filter, LogError, UnixMillis,
};
use conversions_disk_log::{DeadLetterOptions, DeadLetters, DiskLog, DiskLogOptions};

use crate::stage::{NOW, drain, event, events, id, lease, options, refused};

async fn log_with_letters(folder: &Path, count: usize) -> DiskLog {
    let log = DiskLog::open(folder, options()).expect("a log");
    log.append(events(count).into(), NOW).await.expect("room");
    let leased = lease(&log, count).await;
    let letters = leased
        .events()
        .zip(0_u64..)
        .map(|(event, number)| DeadLetter {
            last_at: NOW.plus(Duration::from_secs(number)),
            reason: if number % 2 == 0 {
                DeadLetterReason::Refused
            } else {
                DeadLetterReason::TooLarge
            },
            ..refused(event)
        });
    log.dead_letter(letters.collect(), NOW).await.expect("kept");
    log
}

fn operator(folder: &Path) -> DeadLetters {
    DeadLetters::open(folder, DeadLetterOptions::default()).expect("may be shared")
}

fn list(letters: &DeadLetters, filter: &Filter) -> Vec<String> {
    let mut ids = Vec::new();
    let visited = letters.visit(filter, &mut |letter| {
        ids.extend(letter.labels().event_id);
        ControlFlow::Continue(())
    });
    assert_eq!(visited.expect("readable"), ids.len() as u64);
    ids
}

#[tokio::test]
async fn an_operator_lists_shows_and_purges_while_the_engine_has_the_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = log_with_letters(folder.path(), 600).await;
    let letters = operator(folder.path());
    assert_eq!(list(&letters, &Filter::all()).len(), 600);
    assert_eq!(
        list(&letters, &Filter::all().reason(DeadLetterReason::TooLarge)).len(),
        300
    );
    let early = Filter::all().until(NOW.plus(Duration::from_secs(2)));
    assert_eq!(list(&letters, &early), ["e0", "e1"]);
    assert_eq!(
        list(&letters, &Filter::all().destination("nowhere")).len(),
        0
    );
    assert_eq!(list(&letters, &Filter::all().ids([EventKey(3)])), ["e2"]);
    let shown = letters.get(EventKey(3)).expect("readable").expect("there");
    assert_eq!(
        (shown.reason, shown.first_at),
        (DeadLetterReason::Refused, NOW)
    );
    assert_eq!(letters.get(EventKey(9999)).expect("readable"), None);

    let large = Filter::all().reason(DeadLetterReason::TooLarge);
    assert_eq!(letters.purge(&large, true).expect("counted"), 300);
    assert_eq!(letters.purge(&large, false).expect("purged"), 300);
    let left = log.dead_letters().counts().expect("counts");
    assert_eq!(
        left["shop"].clone().into_iter().collect::<Vec<_>>(),
        [(DeadLetterReason::Refused, 300)]
    );
}

#[tokio::test]
async fn a_replay_is_checked_and_requeued_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = log_with_letters(folder.path(), 6).await;
    let letters = operator(folder.path());
    let filter = Filter::all().reason(DeadLetterReason::Refused);
    let validate = |letter: &DeadLetter| match letter.id {
        EventKey(5) => Err("missing_purchase_value".to_owned()),
        _ => Ok(()),
    };
    let tried = letters
        .replay(&filter, NOW, true, &mut validate.clone())
        .expect("readable");
    assert_eq!(tried.requested, [EventKey(1), EventKey(3)]);
    assert_eq!(tried.refused[0].reason, "missing_purchase_value");
    assert_eq!(
        letters.awaiting_replay().expect("readable"),
        0,
        "a dry run asks for nothing"
    );

    let asked = letters
        .replay(&filter, NOW, false, &mut validate.clone())
        .expect("asked");
    assert_eq!(asked, tried);
    assert_eq!(letters.awaiting_replay().expect("readable"), 2);
    assert!(
        drain(&log).await.is_empty(),
        "not before the engine's next beat"
    );
    assert!(log.maintain(NOW).await, "events were added");
    assert!(!log.maintain(NOW).await, "and once only");
    assert_eq!(drain(&log).await, ["e0", "e2"]);
    assert_eq!(list(&letters, &Filter::all()), ["e1", "e3", "e4", "e5"]);
    assert_eq!(letters.awaiting_replay().expect("readable"), 0);
    drop(log);
    let log = DiskLog::open(folder.path(), options()).expect("a log");
    assert_eq!(drain(&log).await, ["e0", "e2"], "they are events again");
}

#[tokio::test]
async fn a_letter_that_is_too_old_by_now_is_not_replayed() {
    let folder = tempfile::tempdir().expect("a folder");
    let _log = log_with_letters(folder.path(), 2).await;
    let letters = operator(folder.path());
    let next_week = NOW.plus(Duration::from_hours(8 * 24));
    let replay = letters
        .replay(&Filter::all(), next_week, false, &mut |_| Ok(()))
        .expect("readable");
    assert!(replay.requested.is_empty());
    assert!(
        replay
            .refused
            .iter()
            .all(|refused| refused.reason == "event_time_too_old")
    );
}

#[tokio::test]
async fn letters_beyond_the_limit_are_refused_and_stay_events() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = DiskLogOptions {
        dead_letters: DeadLetterOptions {
            letters: 2,
            ..DeadLetterOptions::default()
        },
        ..options()
    };
    let log = DiskLog::open(folder.path(), options).expect("a log");
    log.append(events(3).into(), NOW).await.expect("room");
    let leased = lease(&log, 3).await;
    let all: Vec<_> = leased.events().map(refused).collect();
    let full = log.dead_letter(all.clone(), NOW).await;
    assert_eq!(full, Err(LogError::DeadLettersFull { limit: 2 }));
    log.dead_letter(all[..2].to_vec(), NOW)
        .await
        .expect("two fit");
    let backlog = log.backlog("shop").await.expect("a backlog");
    assert_eq!(backlog.events, 1, "the third is still an event");
    log.dead_letter(all[..1].to_vec(), NOW)
        .await
        .expect("the same again takes no room");
}

#[tokio::test]
async fn letters_expire_after_their_retention() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = log_with_letters(folder.path(), 3).await;
    let days = |days: u64| NOW.plus(Duration::from_hours(days * 24));
    let left = |log: &DiskLog| list(log.dead_letters(), &Filter::all()).len();
    log.maintain(days(89)).await;
    assert_eq!(left(&log), 3);
    log.maintain(UnixMillis(days(90).0 + 2000)).await;
    assert_eq!(left(&log), 1);
}

#[tokio::test]
async fn a_letter_keeps_every_fact_of_its_event() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = DiskLog::open(folder.path(), options()).expect("a log");
    let store = event("store")
        .with_test_event_code(Some("TEST9"))
        .with_action_source(facebook_conversions::ActionSource::PhysicalStore)
        .with_line(12);
    log.append(vec![store].into(), NOW).await.expect("room");
    let event = lease(&log, 1).await.events().next().expect("an event");
    assert_eq!(id(&event), "store");
    let letter = DeadLetter {
        attempts: 4,
        verdict: Some(conversions_delivery::Verdict {
            status: Some(400),
            code: Some(100),
            subcode: Some(2_804_050),
            message: Some("(#100) no".to_owned()),
            fbtrace_id: Some("Axyz".to_owned()),
            ..conversions_delivery::Verdict::default()
        }),
        ..refused(event)
    };
    log.dead_letter(vec![letter.clone()], NOW)
        .await
        .expect("kept");
    let read = operator(folder.path())
        .get(letter.id)
        .expect("readable")
        .expect("there");
    assert_eq!(read, letter);
}
