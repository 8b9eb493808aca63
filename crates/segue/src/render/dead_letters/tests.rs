use std::path::Path;

use conversions_delivery::{
    DeadLetter, DeadLetterReason, DeadLetterStore as _, DurableLog as _, EventKey, EventLog,
    Replay, UnixMillis, Verdict, Wanted,
};
use conversions_disk_log::{DiskLog, DiskLogOptions};
use conversions_transport::NewEvent;

use std::ops::ControlFlow;

use conversions_delivery::Filter;
use conversions_disk_log::DeadLetters;
use segue_app::DataFolder;
use segue_insight::dead_letters::{Selection, find, replay as replay_letters};

use super::*;
use crate::cli::data_folder::Log;

/// Noon of 23 November 2026.
const NOW: UnixMillis = UnixMillis(1_795_435_200_000);

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

fn event(name: &str, id: &str) -> String {
    format!(
        r#"{{"event_name":"{name}","event_time":1795431600,"event_id":"{id}","action_source":"website","user_data":{{"em":["62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"],"client_ip_address":"203.0.113.77","client_user_agent":"Mozilla/5.0"}},"custom_data":{{"value":19.90,"currency":"EUR"}}}}"#
    )
}

/// What becomes a dead letter.
struct Given {
    destination: &'static str,
    event: NewEvent,
    reason: DeadLetterReason,
    verdict: Option<Verdict>,
}

/// Two letters in each of two destinations.
fn given() -> [Given; 4] {
    let accepted = |destination: &str, event: String, age_days: i64| {
        let time = NOW.0 - age_days * DAY - 60 * MINUTE;
        NewEvent::new(destination, event, UnixMillis(time).seconds()).with_line(12)
    };
    let refused = Verdict {
        status: Some(400),
        code: Some(100),
        subcode: Some(2_804_050),
        message: Some("(#100) Invalid parameter".to_owned()),
        error_user_title: Some("Too little customer information".to_owned()),
        error_user_msg: Some("Send more\u{1b}[2J of it.".to_owned()),
        fbtrace_id: Some("AbC_1".to_owned()),
    };
    let unknown = Verdict {
        status: Some(500),
        code: Some(1),
        ..Verdict::default()
    };
    let given = |destination, event, reason, verdict| Given {
        destination,
        event,
        reason,
        verdict,
    };
    let purchase =
        accepted("shop", event("Purchase", "m-1"), 0).with_test_event_code(Some("TEST9"));
    let lead = accepted("shop", event("Lead", "m-2"), 8);
    let call = accepted("blog", event("Call 5105550188", "m-3"), 8);
    let damaged = accepted("blog", "\u{1}\u{2}".to_owned(), 0);
    [
        given("shop", purchase, DeadLetterReason::Refused, Some(refused)),
        given("shop", lead, DeadLetterReason::EventTimeTooOld, None),
        given(
            "blog",
            call.with_action_source(facebook_conversions::ActionSource::PhysicalStore),
            DeadLetterReason::RetriesExhausted,
            Some(unknown),
        ),
        given("blog", damaged, DeadLetterReason::Damaged, None),
    ]
}

/// A log in this folder, with dead letters 1 to 4.
async fn log_with_letters(folder: &Path) -> DiskLog {
    let log = DiskLog::open(folder, DiskLogOptions::default()).expect("a log");
    for given in given() {
        let accepted_at = UnixMillis(NOW.0 - 30 * MINUTE);
        log.append(vec![given.event].into(), accepted_at)
            .await
            .expect("room");
        let wanted = Wanted {
            destination: given.destination,
            events: 1,
            bytes: 1,
        };
        let leased = log.lease(wanted, NOW).await.expect("a lease");
        let event = leased.events().next().expect("an event");
        let given_up_at = UnixMillis(NOW.0 - 5 * MINUTE);
        let letter = DeadLetter {
            verdict: given.verdict,
            attempts: 3,
            ..DeadLetter::new(given.destination.into(), event, given.reason, given_up_at)
        };
        log.dead_letter(vec![letter], NOW).await.expect("kept");
    }
    log
}

/// A data folder whose log is open in another place.
struct Stage {
    folder: tempfile::TempDir,
    log: DiskLog,
}

impl Stage {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let log = log_with_letters(folder.path()).await;
        Self { folder, log }
    }

    fn letters(&self) -> DeadLetters {
        let folder = DataFolder::new(self.folder.path());
        folder.dead_letters().expect("dead letters")
    }

    fn data_folder(&self) -> Log {
        Log::of_folder(self.folder.path())
    }

    /// A text with the folder's name taken out, and colours.
    fn plain(&self, text: &str) -> String {
        let text = anstream::adapter::strip_str(text).to_string();
        text.replace(&self.folder.path().display().to_string(), "DIR")
    }

    fn list(&self, change: impl FnOnce(&mut Selection), rows: usize) -> String {
        let selection = selection(change);
        let list = list::List::read(&self.letters(), &selection, rows).expect("readable");
        let awaiting = self.letters().awaiting_replay().expect("readable");
        self.plain(&list.render(&self.data_folder(), selection.is_restricted(), awaiting))
    }

    fn ids(&self, change: impl FnOnce(&mut Selection)) -> Vec<u64> {
        let mut ids = Vec::new();
        let visited = selection(change).visit(&self.letters(), |letter| {
            ids.push(letter.id.0);
            ControlFlow::Continue(())
        });
        visited.expect("readable");
        ids
    }

    fn replay(&self, dry_run: bool) -> (Replay, String) {
        let replay = replay_letters(&self.letters(), &Selection::default(), NOW, dry_run);
        let replay = replay.expect("readable");
        let sender = replay::Sender::of(&self.data_folder());
        let said = replay::render(&replay, dry_run, false, &sender);
        (replay, self.plain(&said))
    }
}

fn selection(change: impl FnOnce(&mut Selection)) -> Selection {
    let mut selection = Selection::default();
    change(&mut selection);
    selection
}

#[tokio::test]
async fn the_list_has_reasons_and_next_commands() {
    let stage = Stage::new().await;
    insta::assert_snapshot!(stage.list(|_| (), 100));
}

#[tokio::test]
async fn a_long_list_shows_the_latest_and_counts_all() {
    let stage = Stage::new().await;
    let said = stage.list(|_| (), 1);
    assert!(said.contains("the latest 1 of 4 dead letters;"), "{said}");
    assert!(said.contains("\n  4   2026-"), "{said}");
    assert!(!said.contains("\n  1   2026-"), "{said}");
}

#[tokio::test]
async fn an_empty_list_is_reported() {
    let stage = Stage::new().await;
    let too_large = |args: &mut Selection| args.reason = Some(DeadLetterReason::TooLarge);
    assert!(
        stage
            .list(too_large, 9)
            .starts_with("No dead letters match.")
    );
    let all = Filter::all();
    stage.letters().purge(&all, false).expect("purged");
    assert!(
        stage
            .list(|_| (), 9)
            .starts_with("There are no dead letters")
    );
}

#[tokio::test]
async fn settings_select_their_destinations() {
    let stage = Stage::new().await;
    let settings = stage.folder.path().join("segue.toml");
    std::fs::write(
        &settings,
        "[[destinations]]\nname = \"shop\"\npixel_id = \"1\"\n",
    )
    .expect("written");
    let names = crate::cli::dead_letters::destination_names(Some(&settings)).expect("settings");
    assert_eq!(stage.ids(|args| args.destinations = names), [1, 2]);
}

#[tokio::test]
async fn details_show_everything_but_client_data() {
    let stage = Stage::new().await;
    let letter = find(&stage.letters(), 1).expect("there");
    let shown = details::render(&letter, &stage.data_folder(), NOW);
    insta::assert_snapshot!(stage.plain(&shown));
    assert!(
        !shown.contains("203.0.113") && !shown.contains("Mozilla"),
        "{shown}"
    );
}

#[tokio::test]
async fn a_damaged_letter_is_shown_too() {
    let stage = Stage::new().await;
    let letter = find(&stage.letters(), 4).expect("there");
    let shown = details::render(&letter, &stage.data_folder(), NOW);
    insta::assert_snapshot!(stage.plain(&shown));
}

#[tokio::test]
async fn a_replay_says_which_letters_are_sent_again_and_which_stay() {
    let stage = Stage::new().await;
    let (tried, said) = stage.replay(true);
    assert_eq!(tried.requested, [EventKey(1), EventKey(3)]);
    insta::assert_snapshot!(said);
    assert_eq!(stage.letters().awaiting_replay().expect("readable"), 0);

    let (asked, said) = stage.replay(false);
    assert_eq!(asked, tried);
    insta::assert_snapshot!(said);
    assert!(
        stage
            .list(|_| (), 9)
            .contains("2 dead letters are put back: the next")
    );
    assert_eq!(stage.log.requeue_replays(NOW).await, Ok(2));
    assert_eq!(stage.ids(|_| ()), [2, 4], "the others are events again");
}

#[test]
fn an_export_says_what_was_left_out() {
    let exported = ExportedCounts {
        events: 3,
        damaged: 1,
    };
    insta::assert_snapshot!(export_sentence(exported, None), @"3 events exported, without IP addresses and user agents: --output FILE includes them. 1 damaged one was left out, because no event can be read. They are still dead letters; `purge` with the same options removes them.");
}
