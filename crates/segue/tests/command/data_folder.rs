//! `segue send --data-dir`.

use graph_sandbox::{Sandbox, Script};

use crate::run::{
    Files, event, event_of_now, free_port, object, run, run_with, segue, settings_for, shown,
};

#[tokio::test(flavor = "multi_thread")]
async fn with_a_data_folder_a_run_resumes_and_counts_the_whole_file() {
    let files = Files::new();
    let folder = shown(&files.path("data"));
    let rejects = shown(&files.path("rejects.ndjson"));
    let lines = [
        event_of_now("m-1"),
        "not json".to_owned(),
        event_of_now("m-2"),
        event_of_now("m-1"),
    ];
    let events = files.write("events.ndjson", lines.join("\n"));
    let send = |settings: &str| {
        let args = [
            "send",
            "--settings",
            settings,
            "--data-dir",
            &folder,
            "--rejects",
            &rejects,
            "--give-up-after",
            "300ms",
            "--format",
            "json",
            &events,
        ];
        let mut command = segue(&args);
        command.env("TOKEN", "secret-token");
        tokio::task::spawn_blocking(move || run_with(command, b""))
    };

    let unreachable = settings_for(&files, &format!("http://127.0.0.1:{}", free_port()));
    let first = send(&unreachable).await.unwrap();
    assert_eq!(first.status, Some(1), "{}", first.err);
    assert_eq!(object(&first.out)["pending"], 2);
    assert!(first.err.contains("2 events are kept in"), "{}", first.err);

    let sandbox = Sandbox::builder().start().await.unwrap();
    let reachable = settings_for(&files, sandbox.url());
    for _ in 0..2 {
        let again = send(&reachable).await.unwrap();
        assert_eq!(again.status, Some(0), "{}", again.err);
        let object = object(&again.out);
        assert_eq!(object["read"], 4, "the whole file is counted");
        assert_eq!(object["delivered"], 2);
        assert_eq!(object["skipped"]["duplicate"], 1);
        assert_eq!(sandbox.received(), 2, "nothing is sent twice");
    }
    let listed = std::fs::read_to_string(&rejects).unwrap();
    assert_eq!(
        listed.lines().count(),
        1,
        "a reject is listed once: {listed}"
    );
}

#[test]
fn sandbox_events_in_a_data_folder_are_never_sent_to_meta() {
    let files = Files::new();
    let folder = shown(&files.path("data"));
    let events = files.write("events.ndjson", event("Lead", "m-1"));
    for expected in [1, 0] {
        let ran = run(&[
            "send",
            "--sandbox",
            "--data-dir",
            &folder,
            "--format",
            "json",
            &events,
        ]);
        assert_eq!(ran.status, Some(0), "{}", ran.err);
        assert_eq!(object(&ran.out)["sandbox"]["events_received"], expected);
    }
    let ran = run(&[
        "send",
        "--sandbox",
        "--data-dir",
        &folder,
        "--restart",
        "--format",
        "json",
        &events,
    ]);
    assert_eq!(
        object(&ran.out)["skipped"]["duplicate"],
        1,
        "read anew, and known by its messageId"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn replayed_letters_are_sent_by_the_next_run_and_counted_separately() {
    let files = Files::new();
    let folder = shown(&files.path("data"));
    let sandbox = Sandbox::builder().start().await.unwrap();
    let settings = settings_for(&files, sandbox.url());
    let run_with_data = |args: &[&str]| {
        let mut command = segue(&[args, &["--data-dir", &folder]].concat());
        command.env("TOKEN", "secret-token");
        tokio::task::spawn_blocking(move || run_with(command, b""))
    };
    let send = |events: &str| run_with_data(&["send", "--settings", &settings, events]);

    let refusing = Script::default().refuse(["m-1"], 100, Some(2_804_050));
    sandbox.set_script(refusing).unwrap();
    let events = files.write("events.ndjson", event_of_now("m-1"));
    let refused = send(&events).await.unwrap();
    assert_eq!(refused.status, Some(1), "{}", refused.err);

    sandbox.set_script(Script::default()).unwrap();
    let replay = run_with_data(&["dead-letters", "replay"]).await.unwrap();
    assert_eq!(replay.status, Some(0), "{}", replay.err);
    let others = files.write("others.ndjson", event_of_now("m-2"));
    let next = send(&others).await.unwrap();
    assert_eq!(next.status, Some(0), "{}", next.err);
    let said = "1 dead letter is sent again.";
    assert!(next.err.contains(said), "{}", next.err);
    let said = "In addition, 1 event of other runs was delivered.";
    assert!(next.err.contains(said), "{}", next.err);
    assert_eq!(sandbox.received(), 2);
}

/// A folder in which not even root may make anything.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_written_is_refused_in_one_sentence() {
    let files = Files::new();
    let unreachable = settings_for(&files, &format!("http://127.0.0.1:{}", free_port()));
    let events = files.write("events.ndjson", event_of_now("m-1"));
    let args = [
        "send",
        "--settings",
        &unreachable,
        "--data-dir",
        "/sys/segue",
        &events,
    ];
    let addresses = ["--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0"];
    let serve = [
        &["serve", "--sandbox", "--data-dir", "/sys/segue"],
        &addresses[..],
    ]
    .concat();
    for args in [&args[..], &serve] {
        let mut command = segue(args);
        command.env("TOKEN", "secret-token");
        let refused = run_with(command, b"");
        assert_eq!((refused.status, refused.out.as_str()), (Some(2), ""));
        assert!(refused.err.contains("/sys/segue"), "{}", refused.err);
        let why = ["permission denied", "Read-only file system"];
        assert!(
            why.iter().any(|why| refused.err.contains(why)),
            "{}",
            refused.err
        );
    }
}
