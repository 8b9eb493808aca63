//! Dead letters and the status of a data folder, as a user interface sees them.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

use std::ops::ControlFlow;

use conversions_delivery::{
    DeadLetter, DeadLetterReason, DeadLetterStore as _, DestinationStatus, EventLog as _, Filter,
    Status, UnixMillis, Verdict, Wanted,
};
use conversions_disk_log::{DeadLetters, DiskLog, DiskLogOptions};
use conversions_transport::NewEvent;
use segue_app::DataFolder;
use segue_insight::dead_letters::{
    ClientData, DeadLetterDetails, DeadLetterRow, DeadLettersError, PurgePlan, Selection, export,
    find, replay,
};
use serde_json::{Value, json};

/// Noon of 23 November 2026.
const NOW: UnixMillis = UnixMillis(1_795_435_200_000);

/// A data folder with one refused event, and its log.
async fn folder_with_a_letter() -> (tempfile::TempDir, DiskLog) {
    let folder = tempfile::tempdir().unwrap();
    let log = DiskLog::open(folder.path(), DiskLogOptions::default()).unwrap();
    let event = r#"{"event_name":"Lead","event_time":1795431600,"event_id":"m-1","action_source":"website","user_data":{"external_id":"u","client_ip_address":"203.0.113.77","client_user_agent":"Mozilla/5.0"}}"#;
    let event = NewEvent::new("shop", event, 1_795_431_600);
    log.append(vec![event].into(), NOW).await.unwrap();
    let wanted = Wanted {
        destination: "shop",
        events: 1,
        bytes: 1,
    };
    let lease = log.lease(wanted, NOW).await.unwrap();
    let leased = lease.events().next().unwrap();
    let verdict = Verdict {
        status: Some(400),
        code: Some(100),
        subcode: Some(2_804_050),
        ..Verdict::default()
    };
    let letter = DeadLetter {
        verdict: Some(verdict),
        ..DeadLetter::new("shop".into(), leased, DeadLetterReason::Refused, NOW)
    };
    log.dead_letter(vec![letter], NOW).await.unwrap();
    (folder, log)
}

fn letters(folder: &tempfile::TempDir) -> DeadLetters {
    DeadLetters::open(folder.path(), DiskLogOptions::default().dead_letters).unwrap()
}

#[tokio::test]
async fn a_letter_is_listed_and_shown_without_client_data() {
    let (folder, _log) = folder_with_a_letter().await;
    let letters = letters(&folder);
    let mut rows = Vec::new();
    let visited = Selection::default().visit(&letters, |letter| {
        rows.push(DeadLetterRow::of(&letter));
        ControlFlow::Continue(())
    });
    visited.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].code_text().as_deref(), Some("100/2804050"));
    let details = DeadLetterDetails::of(&find(&letters, rows[0].id).unwrap());
    let json = serde_json::to_string(&details).unwrap();
    assert!(
        !json.contains("203.0.113") && !json.contains("Mozilla"),
        "{json}"
    );
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["reason"], "refused");
    assert_eq!(json["last_at"], "2026-11-23T12:00:00Z");
    assert_eq!(json["event"]["event_name"], "Lead");
}

#[tokio::test]
async fn client_data_is_exported_only_on_request() {
    let (folder, _log) = folder_with_a_letter().await;
    let exported = |client_data| {
        let mut output = Vec::new();
        let counts = export(
            &letters(&folder),
            &Selection::default(),
            client_data,
            &mut output,
        );
        assert_eq!(counts.unwrap().events, 1);
        let event: Value = serde_json::from_slice(&output).unwrap();
        event["user_data"].clone()
    };
    assert_eq!(exported(ClientData::LeftOut), json!({"external_id": "u"}));
    assert_eq!(
        exported(ClientData::Included)["client_ip_address"],
        "203.0.113.77"
    );
}

#[tokio::test]
async fn a_dry_run_changes_nothing_and_a_purge_removes_what_was_planned() {
    let (folder, _log) = folder_with_a_letter().await;
    let letters = letters(&folder);
    let all = Selection::default();
    let tried = replay(&letters, &all, NOW, true).unwrap();
    assert_eq!(tried.requested.len(), 1);
    let plan = PurgePlan::make(&letters, &all).unwrap();
    assert_eq!(plan.counts.total(), 1);
    assert_eq!(plan.run(&letters, false).unwrap(), 1);
    assert!(PurgePlan::make(&letters, &all).unwrap().is_empty());
}

#[tokio::test]
async fn an_unknown_id_is_an_error() {
    let (folder, _log) = folder_with_a_letter().await;
    let found = find(&letters(&folder), 99);
    assert!(
        matches!(found, Err(DeadLettersError::NotFound(99))),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_selection_needs_every_condition() {
    let (folder, _log) = folder_with_a_letter().await;
    let count = |selection: Selection| {
        let plan = PurgePlan::make(&letters(&folder), &selection);
        plan.unwrap().counts.total()
    };
    let shop = || Selection {
        destination: Some("shop".to_owned()),
        ..Selection::default()
    };
    assert_eq!(count(shop()), 1);
    for (selection, selected) in [
        (
            Selection {
                ids: vec![1],
                ..shop()
            },
            1,
        ),
        (
            Selection {
                since: Some(NOW),
                ..shop()
            },
            1,
        ),
        (
            Selection {
                until: Some(NOW),
                ..shop()
            },
            0,
        ),
        (
            Selection {
                reason: Some(DeadLetterReason::Refused),
                ..shop()
            },
            1,
        ),
        (
            Selection {
                reason: Some(DeadLetterReason::TooLarge),
                ..shop()
            },
            0,
        ),
        (
            Selection {
                destinations: Some(["blog".to_owned()].into()),
                ..shop()
            },
            0,
        ),
    ] {
        let shown = format!("{selection:?}");
        assert_eq!(count(selection), selected, "{shown}");
    }
}

fn write_status(folder: &tempfile::TempDir, status: &Status) {
    let text = serde_json::to_vec(status).unwrap();
    std::fs::write(folder.path().join("status.json"), text).unwrap();
}

#[tokio::test]
async fn letters_that_were_purged_since_the_process_ended_are_not_counted() {
    let (folder, _log) = folder_with_a_letter().await;
    let shop = DestinationStatus {
        dead_letters: [(DeadLetterReason::Refused, 1)].into(),
        ..DestinationStatus::default()
    };
    let status = Status {
        pid: std::process::id(),
        updated_at: NOW,
        written_at: None,
        log_fault: None,
        damage: Vec::new(),
        destinations: [("shop".to_owned(), shop)].into(),
    };
    write_status(&folder, &status);
    let counted = |now| {
        let status = DataFolder::new(folder.path()).delivery_status(None, now);
        let destinations = status.unwrap().destinations;
        let letters = destinations
            .values()
            .flat_map(|one| one.dead_letters.values());
        letters.sum::<u64>()
    };
    assert_eq!(counted(NOW), 1);
    letters(&folder).purge(&Filter::all(), false).unwrap();
    assert_eq!(counted(NOW), 1, "a running process reports its own counts");
    assert_eq!(counted(UnixMillis(NOW.0 + 60_000)), 0);
}

#[test]
fn the_status_of_a_sandbox_run_is_as_old_as_its_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("format.json"), r#"{"format":3}"#).unwrap();
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = i64::try_from(since_1970.unwrap().as_millis()).unwrap();
    let is_recent = |name: &str| {
        let status = Status {
            pid: 4711,
            updated_at: UnixMillis(1_000_000_000),
            written_at: None,
            log_fault: None,
            damage: Vec::new(),
            destinations: [(name.to_owned(), DestinationStatus::default())].into(),
        };
        write_status(&folder, &status);
        let seen = DataFolder::new(folder.path()).delivery_status(None, UnixMillis(now));
        seen.unwrap().now.0 - 1_000_000_000 < 3_600_000
    };
    assert!(is_recent("sandbox") && is_recent("sandbox-shop"));
    assert!(!is_recent("shop"), "delivery to Meta uses the real time");
}
