//! Dead letters in a data folder, as a user interface sees them.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

use std::ops::ControlFlow;

use conversions_delivery::{
    DeadLetter, DeadLetterReason, EventLog as _, UnixMillis, Verdict, Wanted,
};
use conversions_disk_log::{DeadLetters, DiskLog, DiskLogOptions};
use conversions_transport::NewEvent;
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
    let leased = log.lease(wanted, NOW).await.unwrap().events.remove(0);
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
