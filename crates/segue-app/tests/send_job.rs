//! A send job as an embedder runs it: to a sandbox, without and with a data folder, and interrupted.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use conversions_delivery::Progress;
use conversions_files::Origin;
use segue_app::destinations::Mode;
use segue_app::send::{SendJob, SendObserver, SendOptions, SendReport};
use segue_app::{AppError, Notice, Shutdown};
use segue_settings::Settings;

/// Keeps the notices.
#[derive(Default)]
struct Notices(Mutex<Vec<Notice>>);

impl SendObserver for Notices {
    fn notice(&self, notice: &Notice) {
        self.0.lock().unwrap().push(notice.clone());
    }

    fn progress(&self, _: Option<&Progress>) {}

    fn finished(&self) {}
}

fn write_events(folder: &Path) -> Origin {
    let path = folder.join("events.ndjson");
    let event = |id: u32| {
        format!(
            r#"{{"type":"track","event":"Lead","messageId":"m-{id}","userId":"u","timestamp":"2026-11-20T10:00:00Z"}}"#
        )
    };
    std::fs::write(
        &path,
        [event(1), event(1), "[]".to_owned(), event(2)].join("\n"),
    )
    .unwrap();
    Origin::File(path)
}

fn options(input: Origin, mode: Mode) -> SendOptions {
    SendOptions {
        destinations: Settings::default().destinations,
        memory: Settings::default().memory,
        mode,
        inputs: vec![input],
        settings_file: None,
        rejects: None,
        data_dir: None,
        restart: false,
        from_line: 1,
        give_up_after: Duration::from_mins(1),
    }
}

async fn run(options: SendOptions, notices: &Arc<Notices>) -> SendReport {
    let job = SendJob::plan(options, &**notices).unwrap();
    let (_handle, shutdown) = Shutdown::new();
    let observer = Arc::clone(notices) as Arc<dyn SendObserver>;
    job.run(shutdown, observer).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn events_reach_the_sandbox_once_and_every_line_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let notices = Arc::default();
    let input = write_events(folder.path());
    let report = run(options(input, Mode::Sandbox), &notices).await;
    let figures = report.figures();
    assert_eq!(figures.totals.delivered, 2);
    assert_eq!(figures.counts.skipped.get("duplicate"), Some(&1));
    assert_eq!(figures.counts.rejected.get("not_an_object"), Some(&1));
    assert_eq!(report.sandbox.as_ref().unwrap().events_received, 2);
    assert!(report.is_complete(false) && !report.is_complete(true));
    let told = notices.0.lock().unwrap();
    assert!(
        matches!(told.as_slice(), [Notice::SandboxTime(_)]),
        "{told:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_data_folder_the_same_input_is_read_once() {
    let folder = tempfile::tempdir().unwrap();
    let input = write_events(folder.path());
    let with_folder = || SendOptions {
        data_dir: Some(folder.path().join("data")),
        ..options(input.clone(), Mode::Sandbox)
    };
    let notices = Arc::default();
    let first = run(with_folder(), &notices).await;
    assert_eq!(first.sandbox.as_ref().unwrap().events_received, 2);
    let second = run(with_folder(), &notices).await;
    assert_eq!(second.sandbox.as_ref().unwrap().events_received, 0);
    assert_eq!(second.figures().totals.delivered, 2, "of both runs");
    let told = notices.0.lock().unwrap();
    assert!(told.contains(&Notice::Resumed { line: 4 }), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_counts_and_sends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let input = write_events(folder.path());
    let report = run(options(input, Mode::DryRun), &Arc::default()).await;
    let figures = report.figures();
    assert_eq!((figures.counts.read, figures.totals.delivered), (4, 0));
    let json = report.to_json(str::to_owned);
    assert_eq!(json["dry_run"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_shut_down_says_where_to_resume() {
    let folder = tempfile::tempdir().unwrap();
    let input = write_events(folder.path());
    let job = SendJob::plan(options(input, Mode::Sandbox), &Notices::default()).unwrap();
    let (handle, shutdown) = Shutdown::new();
    handle.request();
    let report = job
        .run(shutdown, Arc::new(Notices::default()))
        .await
        .unwrap();
    assert!(!report.is_complete(false));
    assert_eq!(report.resume_line(), Some(1));
    assert_eq!(report.resume_options(1, str::to_owned), "--from-line 1");
}

#[test]
fn missing_credentials_are_reported_before_anything_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let input = write_events(folder.path());
    let planned = SendJob::plan(options(input, Mode::Meta), &Notices::default());
    let error = planned.map(drop).unwrap_err();
    assert!(matches!(error, AppError::Configuration(_)), "{error:?}");
    assert!(
        error
            .sentence()
            .starts_with("`pixel_id` and `access_token` are missing")
    );
}
