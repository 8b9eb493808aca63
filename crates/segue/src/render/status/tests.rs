use std::collections::BTreeMap;
use std::path::Path;

use conversions_delivery::{DeadLetterReason, Held, HoldCause, LastError, RetryClass, UnixMillis};
use conversions_disk_log::{DiskLog, DiskLogOptions};
use segue_app::DataFolder;

use super::*;

const NOW: UnixMillis = UnixMillis(1_795_435_200_000);

fn earlier(seconds: i64) -> UnixMillis {
    UnixMillis(NOW.0 - seconds * 1000)
}

/// One destination that is held, one that is well.
fn destinations() -> BTreeMap<String, DestinationStatus> {
    let sentence =
        "The access token has expired. Create a new one; a system user's token need not expire.";
    let held = DestinationStatus {
        backlog: 1204,
        later: 12,
        backlog_bytes: 1_200_000,
        oldest_at: Some(earlier(200)),
        accepted: 5000,
        duplicates: 4,
        delivered: 3796,
        accepted_per_second: 18.04,
        requests: 12,
        in_flight: 1,
        retries: BTreeMap::from([(RetryClass::Transient, 1), (RetryClass::Held, 2)]),
        ambiguous: 1,
        dead_letters: BTreeMap::from([
            (DeadLetterReason::Refused, 2),
            (DeadLetterReason::TooLarge, 1),
        ]),
        held: Some(Held {
            cause: HoldCause::Authentication,
            since: earlier(720),
            sentence: sentence.to_owned(),
        }),
        usage_percent: Some(42.4),
        last_error: Some(LastError {
            is_tried_again: true,
            at: earlier(60),
            sentence: sentence.to_owned(),
            status: Some(400),
            code: Some(190),
            subcode: Some(463),
            fbtrace_id: Some("AbC_1".to_owned()),
        }),
        last_delivery: Some(earlier(721)),
        ..DestinationStatus::default()
    };
    let well = DestinationStatus {
        accepted: 70,
        delivered: 70,
        accepted_per_second: 0.5,
        delivered_per_second: 0.5,
        requests: 9,
        paused_until: Some(UnixMillis(NOW.0 + 90_000)),
        last_delivery: Some(earlier(3)),
        ..DestinationStatus::default()
    };
    BTreeMap::from([("blog".to_owned(), well), ("shop".to_owned(), held)])
}

fn seen(age_seconds: i64) -> DeliveryStatus {
    DeliveryStatus {
        process: Some(Process {
            pid: 4711,
            updated_at: earlier(age_seconds),
            state: if age_seconds < 15 {
                ProcessState::Running
            } else {
                ProcessState::Ended
            },
        }),
        destinations: destinations(),
        log_fault: None,
        damage: Vec::new(),
        awaiting_replay: 0,
        uncounted: None,
        now: NOW,
    }
}

fn plain(seen: &DeliveryStatus) -> String {
    let text = render(seen, &Log::of_folder(Path::new("DIR")));
    anstream::adapter::strip_str(&text).to_string()
}

#[test]
fn text_while_a_process_is_running() {
    insta::assert_snapshot!(plain(&seen(2)));
}

#[test]
fn text_after_the_process_has_ended() {
    let seen = DeliveryStatus {
        awaiting_replay: 2,
        ..seen(11_000)
    };
    insta::assert_snapshot!(plain(&seen));
}

#[test]
fn text_when_the_log_has_failed() {
    let seen = DeliveryStatus {
        destinations: BTreeMap::new(),
        log_fault: Some(
            "the event log cannot be used at the moment: No space left on device".to_owned(),
        ),
        ..seen(1)
    };
    insta::assert_snapshot!(plain(&seen));
}

#[test]
fn json_of_a_running_process() {
    insta::assert_snapshot!(format!("{:#}", seen(2).to_json()));
}

#[tokio::test]
async fn text_before_any_process_has_reported() {
    let data = tempfile::tempdir().expect("a folder");
    let _log = DiskLog::open(data.path(), DiskLogOptions::default()).expect("a log");
    let seen = DataFolder::new(data.path())
        .delivery_status(None, NOW)
        .expect("a status");
    assert_eq!(plain(&seen), "No process has reported yet.\n");
}
