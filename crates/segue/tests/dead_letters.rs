//! `segue dead-letters` and `segue status` through the real binary, while this process has the log open.
#![expect(
    clippy::expect_used,
    reason = "a test says what went wrong by panicking"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use conversions_delivery::{
    DeadLetter, DeadLetterReason, DeadLetterStore, DestinationStatus, DurableLog, EventLog, Status,
    UnixMillis, Verdict, Wanted,
};
use conversions_disk_log::{DiskLog, DiskLogOptions};
use conversions_transport::NewEvent;
use serde_json::{Value, json};

/// The first second of 2026.
const THEN: UnixMillis = UnixMillis(1_767_225_600_000);

/// Exit status and output of a run.
struct RunOutput {
    status: Option<i32>,
    out: String,
    err: String,
}

impl RunOutput {
    fn object(&self) -> Value {
        serde_json::from_str(&self.out).expect("one object")
    }

    /// It ended with status 2, nothing on standard output, and one sentence.
    fn failed_with(&self, words: &str) {
        assert_eq!((self.status, self.out.as_str()), (Some(2), ""));
        assert!(self.err.starts_with("error: "), "{}", self.err);
        assert_eq!(self.err.lines().count(), 1, "{}", self.err);
        assert!(self.err.contains(words), "{}", self.err);
    }
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_segue"));
    command.args(args).env_clear().stdin(Stdio::null());
    command
}

fn ran(mut command: Command) -> RunOutput {
    let output = command.output().expect("it runs");
    RunOutput {
        status: output.status.code(),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}

/// A data folder whose log is open here, with a dead letter of now and one that is too old.
struct Data {
    folder: tempfile::TempDir,
    log: DiskLog,
}

impl Data {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let log =
            DiskLog::open(&folder.path().join("data"), DiskLogOptions::default()).expect("a log");
        let verdict = Verdict {
            status: Some(400),
            code: Some(100),
            subcode: Some(2_804_050),
            message: Some("(#100) Invalid parameter".to_owned()),
            ..Verdict::default()
        };
        let data = Self { folder, log };
        data.give_up(
            "m-1",
            now().seconds(),
            DeadLetterReason::Refused,
            Some(verdict),
        )
        .await;
        data.give_up("m-2", THEN.seconds(), DeadLetterReason::TooLarge, None)
            .await;
        data
    }

    async fn give_up(
        &self,
        event_id: &str,
        event_time: i64,
        reason: DeadLetterReason,
        verdict: Option<Verdict>,
    ) {
        let event = json!({
            "event_name": "Purchase", "event_time": event_time, "event_id": event_id,
            "action_source": "website", "event_source_url": "https://shop.example/",
            "custom_data": {"value": 19.9, "currency": "EUR"},
            "user_data": {"client_ip_address": "203.0.113.77", "client_user_agent": "Mozilla/5.0"}
        });
        let event = NewEvent::new("shop", event.to_string(), event_time);
        let appended = self.log.append(vec![event].into(), THEN).await;
        appended.expect("room");
        let wanted = Wanted {
            destination: "shop",
            events: 1,
            bytes: 1,
        };
        let leased = self.log.lease(wanted, now()).await.expect("a lease");
        let event = leased.events().next().expect("an event");
        let letter = DeadLetter {
            verdict,
            attempts: 2,
            ..DeadLetter::new("shop".into(), event, reason, UnixMillis(THEN.0 + 1500))
        };
        self.log
            .dead_letter(vec![letter], now())
            .await
            .expect("kept");
    }

    fn path(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    /// Runs the command on this folder.
    fn run(&self, args: &[&str]) -> RunOutput {
        let path = self.path();
        ran(command(&[args, &["--data-dir", &path]].concat()))
    }
}

fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    UnixMillis::from_seconds(i64::try_from(since.expect("after 1970").as_secs()).expect("not far"))
}

#[tokio::test]
async fn the_json_list_has_the_documented_members() {
    let ran = Data::new()
        .await
        .run(&["dead-letters", "list", "--format", "json"]);
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    insta::assert_snapshot!(ran.out, @r#"
    {"id":1,"event_id":"m-1","event_name":"Purchase","destination":"shop","reason":"refused","code":100,"subcode":2804050,"attempts":2,"first_at":"2026-01-01T00:00:00Z","last_at":"2026-01-01T00:00:01.5Z"}
    {"id":2,"event_id":"m-2","event_name":"Purchase","destination":"shop","reason":"too_large","code":null,"subcode":null,"attempts":2,"first_at":"2026-01-01T00:00:00Z","last_at":"2026-01-01T00:00:01.5Z"}
    "#);
}

#[tokio::test]
async fn an_empty_list_for_programs_is_empty() {
    let data = Data::new().await;
    let ran = data.run(&[
        "dead-letters",
        "list",
        "--format",
        "json",
        "--reason",
        "damaged",
    ]);
    assert_eq!(
        (ran.status, ran.out.as_str(), ran.err.as_str()),
        (Some(0), "", "")
    );
}

#[tokio::test]
async fn the_folder_may_be_named_by_the_environment() {
    let data = Data::new().await;
    let mut list = command(&["dead-letters", "list"]);
    list.env("SEGUE_DATA_DIR", data.path());
    let ran = ran(list);
    assert_eq!(ran.status, Some(0));
    assert!(
        ran.out.contains(" segue dead-letters show ID   "),
        "{}",
        ran.out
    );
}

#[tokio::test]
async fn replay_requeues_valid_letters_and_refuses_the_rest() {
    let data = Data::new().await;
    let replay = ["dead-letters", "replay", "--format", "json"];
    let tried = data.run(&[&replay[..], &["--dry-run"]].concat());
    let object = json!({
        "put_back": [1],
        "refused": [{"id": 2, "reason": "event_time_too_old"}],
        "dry_run": true
    });
    assert_eq!((tried.status, tried.object()), (Some(0), object));
    assert_eq!(
        data.log.requeue_replays(now()).await,
        Ok(0),
        "nothing was asked for"
    );

    let asked = data.run(&replay);
    assert_eq!(asked.status, Some(1), "not all of it was done");
    assert_eq!(asked.object()["put_back"], json!([1]));
    assert_eq!(data.log.requeue_replays(now()).await, Ok(1));
    assert_eq!(data.log.backlog("shop").await.expect("known").events, 1);

    let none = data.run(&["dead-letters", "replay", "--reason", "refused"]);
    assert_eq!(none.status, Some(0));
    assert_eq!(none.out, "No dead letters match: nothing is put back.\n");
}

#[tokio::test]
async fn an_export_is_private_and_never_overwrites_a_file() {
    let data = Data::new().await;
    let file = data.folder.path().join("letters.ndjson");
    let path = file.display().to_string();
    let to_file = ["dead-letters", "export", "--output", &path];
    let exported = data.run(&to_file);
    assert_eq!((exported.status, exported.out.as_str()), (Some(0), ""));
    let mode = fs::metadata(&file).expect("written").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = fs::read_to_string(&file).expect("text");
    assert!(
        text.lines().count() == 2 && text.contains("203.0.113.77"),
        "{text}"
    );
    data.run(&to_file)
        .failed_with("there is a file of that name already");

    let exported = data.run(&["dead-letters", "export", "--id", "2"]);
    assert_eq!(exported.status, Some(0));
    assert_eq!(
        exported.object()["user_data"],
        json!({}),
        "not for all to see"
    );
    assert!(
        exported.err.starts_with("1 event exported, without IP"),
        "{}",
        exported.err
    );
}

#[tokio::test]
async fn nothing_is_purged_without_confirmation() {
    let data = Data::new().await;
    let purge = ["dead-letters", "purge", "--reason", "too_large"];
    data.run(&purge).failed_with("add --yes");
    let tried = data.run(&[&purge[..], &["--dry-run", "--format", "json"]].concat());
    assert_eq!(tried.object(), json!({"purged": 1, "dry_run": true}));
    let purged = data.run(&[&purge[..], &["--yes"]].concat());
    assert_eq!(purged.status, Some(0));
    assert_eq!(
        purged.out,
        "1 dead letter was removed for good (too_large 1).\n"
    );
    let left = data.run(&["dead-letters", "list", "--format", "json"]);
    assert_eq!(left.object()["id"], 1);
}

#[tokio::test]
async fn missing_ids_and_folders_are_reported() {
    let data = Data::new().await;
    data.run(&["dead-letters", "show", "99"])
        .failed_with("there is no dead letter 99");
    data.run(&["dead-letters", "purge", "--yes", "--id", "1,99"])
        .failed_with("there is no dead letter 99");
    assert_eq!(
        data.log.dead_letters().counts().expect("readable")["shop"].len(),
        2
    );
    for args in [
        &["dead-letters", "list"][..],
        &["dead-letters", "replay"],
        &["status"],
    ] {
        let elsewhere = |folder: &Path| {
            let folder = folder.display().to_string();
            ran(command(&[args, &["--data-dir", &folder]].concat()))
        };
        let empty = tempfile::tempdir().expect("a folder");
        elsewhere(empty.path()).failed_with("nothing has been sent with --data-dir");
        elsewhere(&empty.path().join("nowhere")).failed_with("there is no folder");
        elsewhere(data.folder.path()).failed_with("is not a data folder of segue");
        assert_eq!(
            fs::read_dir(empty.path()).expect("there").count(),
            0,
            "looking leaves no trace"
        );

        let unnamed = ran(command(args));
        assert_eq!(unnamed.status, Some(2));
        assert!(unnamed.err.contains("--data-dir <DIR>"), "{}", unnamed.err);
    }
}

#[tokio::test]
async fn dead_letters_locked_by_another_process_are_reported() {
    let data = Data::new().await;
    let copy = data.folder.path().join("copy");
    fs::create_dir(&copy).expect("made");
    for file in ["format.json", "dead-letters.redb"] {
        fs::copy(Path::new(&data.path()).join(file), copy.join(file)).expect("copied");
    }
    let file = fs::File::open(copy.join("dead-letters.redb")).expect("there");
    file.lock().expect("locked");
    let folder = copy.display().to_string();
    ran(command(&["dead-letters", "list", "--data-dir", &folder]))
        .failed_with("in use by another process");
}

#[tokio::test]
async fn status_works_with_and_without_a_running_process() {
    let data = Data::new().await;
    let none = data.run(&["status"]);
    assert_eq!(none.status, Some(0));
    assert!(
        none.out.starts_with("No process has reported"),
        "{}",
        none.out
    );
    assert!(
        none.out
            .contains("Dead letters   2   refused 1, too_large 1"),
        "{}",
        none.out
    );

    let status = Status {
        pid: std::process::id(),
        updated_at: now(),
        destinations: [("shop".to_owned(), DestinationStatus::default())].into(),
        ..Status::default()
    };
    let text = serde_json::to_vec(&status).expect("JSON");
    fs::write(Path::new(&data.path()).join("status.json"), text).expect("written");
    let running = data.run(&["status", "--format", "json"]);
    assert_eq!((running.status, running.err.as_str()), (Some(0), ""));
    let object = running.object();
    assert_eq!(
        (&object["running"], &object["pid"]),
        (&json!(true), &json!(status.pid))
    );
    assert_eq!(object["destinations"]["shop"]["backlog"], 0);
    assert!(object["age_seconds"].as_f64().is_some_and(|age| age < 15.0));
}
