//! What a new user meets first: each is answered by a sentence that helps.

use std::net::TcpListener;
use std::process::Command;

use graph_sandbox::Sandbox;

use crate::run::{Files, RunOutput, event_of_now, run, run_with, segue, settings_for};

/// Runs in a folder of its own.
fn run_in(files: &Files, args: &[&str]) -> RunOutput {
    let mut command = segue(args);
    command.current_dir(files.path(""));
    run_with(command, b"")
}

/// The error of a command that could not start.
fn refused(mut command: Command) -> String {
    command.env("TOKEN", "token");
    let ran = run_with(command, b"");
    assert_eq!((ran.status, ran.out.as_str()), (Some(2), ""), "{}", ran.err);
    ran.err
}

#[test]
fn without_a_command_the_first_steps_are_shown() {
    let ran = run(&[]);
    assert_eq!((ran.status, ran.out.as_str()), (Some(2), ""));
    for step in [
        "segue serve --sandbox",
        "segue init",
        "segue send --sandbox",
    ] {
        assert!(ran.err.contains(step), "{step}: {}", ran.err);
    }
    assert!(ran.err.lines().all(|line| line.chars().count() <= 100));
}

#[test]
fn without_settings_serve_and_send_name_the_ways_to_get_some() {
    let files = Files::new();
    for args in [&["serve"][..], &["send", "events.ndjson"]] {
        let ran = run_in(&files, args);
        assert_eq!(ran.status, Some(2), "{args:?}");
        for way in ["--settings FILE", "`segue init` writes one", "--sandbox"] {
            assert!(ran.err.contains(way), "{way}: {}", ran.err);
        }
        assert!(!ran.err.contains("segue.toml"), "{}", ran.err);
    }
    assert_eq!(run_in(&files, &["init"]).status, Some(0));
    for args in [&["serve"][..], &["send", "events.ndjson"]] {
        let ran = run_in(&files, args);
        assert!(ran.err.contains("add --settings segue.toml"), "{}", ran.err);
    }
    let missing = run_in(&files, &["serve", "--settings", "sgue.toml"]);
    assert!(missing.err.contains("`segue init`"), "{}", missing.err);
}

#[test]
fn a_pixel_that_is_missing_is_named_with_its_destination() {
    let files = Files::new();
    assert_eq!(run_in(&files, &["init"]).status, Some(0));
    let ran = run_in(&files, &["serve", "--settings", "segue.toml"]);
    assert_eq!(ran.status, Some(2));
    assert!(
        ran.err
            .contains("`pixel_id` is missing: add what is missing to the destination meta"),
        "{}",
        ran.err
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pixel_that_does_not_exist_is_explained_by_what_to_check() {
    let sandbox = Sandbox::builder().pixel_id("42").start().await.unwrap();
    let files = Files::new();
    let settings = settings_for(&files, sandbox.url());
    let ran = tokio::task::spawn_blocking(move || {
        let mut command = segue(&["send", "--settings", &settings]);
        command.env("TOKEN", "token");
        run_with(command, event_of_now("m-1").as_bytes())
    });
    let ran = ran.await.unwrap();
    assert_eq!(ran.status, Some(1), "{}", ran.err);
    assert!(ran.err.contains("Check the pixel id"), "{}", ran.err);
}

#[test]
fn an_address_that_cannot_be_used_is_answered_with_one_that_can() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let serve = |listen: &str, ops: &str| {
        segue(&[
            "serve",
            "--sandbox",
            "--listen",
            listen,
            "--ops-listen",
            ops,
        ])
    };
    let cases = [
        (
            serve(&taken, "127.0.0.1:0"),
            "--listen",
            "choose another port, or 0",
        ),
        (
            serve("127.0.0.1:0", &taken),
            "--ops-listen",
            "choose another port, or 0",
        ),
        (
            serve("8080", "127.0.0.1:0"),
            "--listen",
            "like 127.0.0.1:8080",
        ),
        (
            serve("203.0.113.9:8080", "127.0.0.1:0"),
            "--listen",
            "127.0.0.1 is for this machine only",
        ),
    ];
    for (command, option, advice) in cases {
        let said = refused(command);
        assert!(said.contains(option) && said.contains(advice), "{said}");
    }
}

#[test]
fn line_ends_and_marks_of_windows_are_understood() {
    let files = Files::new();
    let settings = files.write(
        "segue.toml",
        "\u{feff}pixel_id = \"1234567890\"\r\naccess_token = { file = \"token\" }\r\n\r\n[standard_events]\r\n\"Signed Up\" = \"Lead\"\r\n",
    );
    let checked = run(&["check", "--settings", &settings]);
    assert_eq!(checked.status, Some(0), "{}", checked.err);
    assert!(checked.out.contains("Signed Up"), "{}", checked.out);
    let utf_16: Vec<u8> = "pixel_id"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let settings = files.write("wide.toml", [&b"\xff\xfe"[..], &utf_16].concat());
    let refused = run(&["check", "--settings", &settings]);
    assert_eq!(refused.status, Some(2));
    assert!(refused.err.contains("save it as UTF-8"), "{}", refused.err);
}

/// A build with the feature takes the settings.
#[cfg(not(feature = "otel"))]
#[test]
fn a_collector_is_refused_by_a_build_without_opentelemetry() {
    let files = Files::new();
    let settings = files.write(
        "segue.toml",
        "pixel_id = '1'\naccess_token = { env = 'TOKEN' }\n[otel]\nendpoint = 'http://127.0.0.1:4318'\n",
    );
    for subcommand in ["serve", "check"] {
        let said = refused(segue(&[subcommand, "--settings", &settings]));
        for part in ["[otel]", "--features otel", "take `endpoint` out"] {
            assert!(said.contains(part), "{subcommand}: {said}");
        }
    }
    let without = "pixel_id = '1'\n[otel]\nservice_name = 'checkout'\n";
    let settings = files.write("without.toml", without);
    let checked = run(&["check", "--settings", &settings]);
    assert_eq!(checked.status, Some(0), "{}", checked.err);
    assert!(checked.out.contains("checkout"), "{}", checked.out);
}

#[test]
fn colours_are_for_those_who_want_them() {
    let files = Files::new();
    let broken = files.write("segue.toml", "pixel_idd = 1\n");
    let shown = |variables: &[(&str, &str)]| {
        let mut command = segue(&["check", "--settings", &broken]);
        command.envs(variables.iter().copied());
        run_with(command, b"").err
    };
    let forced = ("CLICOLOR_FORCE", "1");
    assert!(shown(&[forced]).contains('\u{1b}'));
    // Without a terminal, and where the user has said so.
    assert!(!shown(&[]).contains('\u{1b}'));
    assert!(!shown(&[forced, ("NO_COLOR", "1")]).contains('\u{1b}'));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_real_event_goes_with_the_test_code_and_says_where_to_look() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let files = Files::new();
    let settings = settings_for(&files, sandbox.url());
    let ran = tokio::task::spawn_blocking(move || {
        let mut command = segue(&[
            "send",
            "--settings",
            &settings,
            "--test-event-code",
            "TEST7",
        ]);
        command.env("TOKEN", "token");
        run_with(command, event_of_now("m-1").as_bytes())
    });
    let ran = ran.await.unwrap();
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    for word in ["Events Manager", "Test Events", "TEST7"] {
        assert!(ran.err.contains(word), "{word}: {}", ran.err);
    }
    let codes: Vec<_> = sandbox
        .events()
        .iter()
        .map(|event| event.test_event_code.as_deref().map(str::to_owned))
        .collect();
    assert_eq!(codes, [Some("TEST7".to_owned())]);

    let wrong = run(&["send", "--sandbox", "--test-event-code", "TEST 7"]);
    assert_eq!(wrong.status, Some(2));
    assert!(wrong.err.contains("one word"), "{}", wrong.err);
}
