//! `segue send`.

use graph_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::run::{
    Files, event, event_of_now, example, free_port, object, run, run_with, segue, settings_for,
    shown,
};

#[test]
fn the_example_goes_to_the_sandbox_without_any_setup() {
    let ran = run(&["send", "--sandbox", "--format", "json", &example()]);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    let object = object(&ran.out);
    assert_eq!(object["read"], 72);
    assert_eq!(object["delivered"], 55);
    assert_eq!(object["sandbox"]["events_received"], 55);
    assert_eq!(
        object["skipped"],
        json!({"duplicate": 1, "integration_disabled": 2, "not_track": 4})
    );
    assert_eq!(
        object["rejected"].as_object().unwrap().len(),
        10,
        "ten rejects of ten kinds"
    );
    assert!(
        ran.err
            .contains("For the sandbox, it is 2026-11-21T18:30:00Z"),
        "{}",
        ran.err
    );
}

#[test]
fn the_table_is_for_people_on_standard_error() {
    let ran = run(&["send", "--sandbox", &example()]);
    assert_eq!((ran.status, ran.out.as_str()), (Some(0), ""));
    for line in [
        "Lines read",
        "Accepted",
        "delivered",
        "not_track",
        "event_time_too_old",
        "Requests",
        "The sandbox received 55 events",
    ] {
        assert!(ran.err.contains(line), "{line} is missing: {}", ran.err);
    }
    assert!(!ran.err.contains('\u{1b}'), "colours are for terminals");
}

#[test]
fn a_dry_run_sends_nothing_and_leaves_everything_pending() {
    let ran = run(&["send", "--dry-run", "--format", "json", &example()]);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    let object = object(&ran.out);
    assert_eq!(object["dry_run"], true);
    assert_eq!(
        (&object["pending"], &object["requests"]),
        (&object["accepted"], &0.into())
    );
}

#[test]
fn rejects_are_listed_by_line_and_strict_fails_on_them() {
    let files = Files::new();
    let rejects = shown(&files.path("rejects.ndjson"));
    let mut lines = vec![
        r#"{"type":"track","event":"Lead"}"#.to_owned(),
        String::new(),
        "not json".to_owned(),
    ];
    lines.push(event("Lead", "m-1"));
    let path = files.write("events.ndjson", lines.join("\n"));
    let lenient = run(&["send", "--sandbox", "--rejects", &rejects, &path]);
    assert_eq!(lenient.status, Some(0), "{}", lenient.err);
    let written = std::fs::read_to_string(&rejects).unwrap();
    let written: Vec<Value> = written
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(written[0]["line"], 1);
    assert_eq!(written[0]["reason"], "insufficient_customer_information");
    assert_eq!(written[1]["line"], 3);
    assert_eq!(written[1]["reason"], "invalid_json");
    assert!(written[1]["detail"].is_string() && written.len() == 2);

    let overwriting = run(&["send", "--sandbox", "--rejects", &path, &path]);
    assert_eq!(overwriting.status, Some(2));
    assert!(
        std::fs::read_to_string(&path).unwrap().contains("m-1"),
        "the input is unharmed"
    );

    let strict = run(&["send", "--sandbox", "--strict", &path]);
    assert_eq!(strict.status, Some(1));
}

#[test]
fn a_message_that_is_repeated_is_sent_once_and_several_files_are_one_input() {
    let files = Files::new();
    let first = files.write(
        "a.ndjson",
        format!("{}\n{}", event("Lead", "m-1"), event("Lead", "m-2")),
    );
    let second = files.write(
        "b.ndjson",
        format!("{}\n{}", event("Lead", "m-1"), event("Lead", "m-3")),
    );
    let ran = run(&["send", "--sandbox", "--format", "json", &first, &second]);
    let object = object(&ran.out);
    assert_eq!(
        (&object["delivered"], &object["skipped"]["duplicate"]),
        (&3.into(), &1.into())
    );
}

#[test]
fn a_run_can_begin_with_a_later_line() {
    let files = Files::new();
    let lines: Vec<_> = (1..=10)
        .map(|at| event("Lead", &format!("m-{at}")))
        .collect();
    let path = files.write("events.ndjson", lines.join("\n"));
    let ran = run(&[
        "send",
        "--sandbox",
        "--format",
        "json",
        "--from-line",
        "8",
        &path,
    ]);
    assert_eq!(object(&ran.out)["read"], 3);
}

#[test]
fn each_destination_gets_its_own_events() {
    let files = Files::new();
    let settings = files.write(
        "segue.toml",
        "[[destinations]]\nname = 'shop'\npixel_id = '1'\n[[destinations]]\nname = 'leads'\npixel_id = '2'\nallow_events = ['Lead']\n",
    );
    let path = files.write(
        "events.ndjson",
        format!(
            "{}\n{}",
            event("Lead", "m-1"),
            event("Order Completed", "m-2")
        ),
    );
    let ran = run(&[
        "send",
        "--sandbox",
        "--format",
        "json",
        "--settings",
        &settings,
        &path,
    ]);
    let object = object(&ran.out);
    assert_eq!(object["destinations"]["shop"]["delivered"], 2);
    assert_eq!(object["destinations"]["leads"]["skipped"]["filtered"], 1);
    assert_eq!(object["delivered"], 3);
}

#[test]
fn missing_settings_are_reported_in_one_sentence() {
    let files = Files::new();
    let events = files.write("events.ndjson", event("Lead", "m-1"));
    let without_token = files.write("a.toml", "pixel_id = '1'\n");
    let unset = files.write(
        "b.toml",
        "pixel_id = '1'\naccess_token = { env = 'NOT_SET' }\n",
    );
    let broken = files.write(
        "c.toml",
        "pixel_id = '1'\naccess_token = { file = 'token.txt' }\n",
    );
    files.write("token.txt", "two words");
    let cases: [(&[&str], &str); 5] = [
        (
            &["send", &events],
            "`pixel_id` and `access_token` are missing",
        ),
        (
            &["send", "--settings", &without_token, &events],
            "`access_token` is missing",
        ),
        (
            &["send", "--settings", &unset, &events],
            "the environment variable NOT_SET is not set",
        ),
        (
            &["send", "--settings", &broken, &events],
            "its character 4 is a blank",
        ),
        (
            &["send", "--sandbox", "nowhere.ndjson"],
            "cannot read nowhere.ndjson: there is no such file",
        ),
    ];
    for (args, said) in cases {
        let ran = run(args);
        assert_eq!((ran.status, ran.out.as_str()), (Some(2), ""), "{args:?}");
        assert!(ran.err.contains(said), "{args:?}: {}", ran.err);
        assert!(!ran.err.contains("two words"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_ends_the_run_at_once_and_says_what_to_do() {
    let sandbox = Sandbox::builder()
        .access_token("right")
        .start()
        .await
        .unwrap();
    let files = Files::new();
    let settings = settings_for(&files, sandbox.url());
    let send = |token: &'static str| {
        let mut command = segue(&["send", "--settings", &settings, "--format", "json"]);
        command.env("TOKEN", token);
        tokio::task::spawn_blocking(move || run_with(command, event_of_now("m-1").as_bytes()))
    };
    let ran = send("wrong-token").await.unwrap();
    assert_eq!(ran.status, Some(1));
    assert_eq!(object(&ran.out)["pending"], 1);
    assert!(
        ran.err
            .contains("Nothing more was sent: The access token is not accepted."),
        "{}",
        ran.err
    );
    assert!(!ran.err.contains("wrong-token"));

    let ran = send("right").await.unwrap();
    assert_eq!(
        (ran.status, ran.err.as_str()),
        (Some(0), ""),
        "quiet when all is well"
    );
    assert_eq!(object(&ran.out)["delivered"], 1);
    assert_eq!(sandbox.received(), 1);
}

#[test]
fn send_gives_up_when_no_server_listens() {
    let files = Files::new();
    let settings = settings_for(&files, &format!("http://127.0.0.1:{}", free_port()));
    let mut command = segue(&[
        "send",
        "--settings",
        &settings,
        "--give-up-after",
        "300ms",
        "--format",
        "json",
    ]);
    command.env("TOKEN", "secret-token");
    let ran = run_with(command, event_of_now("m-1").as_bytes());
    assert_eq!(ran.status, Some(1), "{}", ran.err);
    assert_eq!(object(&ran.out)["pending"], 1);
    assert!(
        ran.err.contains("Nothing listens at the base address"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("Run the same command again to resume."),
        "{}",
        ran.err
    );
    assert!(!ran.err.contains("secret-token"));
}

#[test]
fn from_line_beyond_the_end_of_the_input_is_reported() {
    let files = Files::new();
    let events = files.write("events.ndjson", event("Lead", "m-1"));
    let ran = run(&["send", "--sandbox", "--from-line", "7", &events]);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    let said = "the input has fewer lines than --from-line";
    assert!(ran.err.contains(said), "{}", ran.err);
}
