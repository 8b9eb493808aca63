//! Ctrl-C, and inputs that can be opened only once.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

use crate::run::{Files, event, event_of_now, run, segue, shown};

fn signal(id: u32) {
    let status = Command::new("kill")
        .args(["-INT", &id.to_string()])
        .status();
    assert!(status.unwrap().success());
}

/// Interrupts a run whose standard input stays open, some time after it was given events.
fn interrupted(arguments: &[&str], lines: usize, pause: u64) -> (Option<i32>, String, String) {
    let mut child = segue(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    for line in 0..lines {
        writeln!(stdin, "{}", event("Lead", &format!("m-{line}"))).unwrap();
    }
    // The moment of the signal is what the test is about: it is tried at several.
    std::thread::sleep(std::time::Duration::from_millis(pause));
    signal(child.id());
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn a_run_that_is_interrupted_while_it_reads_never_looks_complete() {
    for mode in ["--sandbox", "--dry-run"] {
        for round in 0..4 {
            let arguments = ["send", mode, "--format", "json"];
            let (status, out, err) = interrupted(&arguments, 40, 400 + round * 150);
            assert_eq!(status, Some(1), "{mode}: {err}");
            assert!(err.contains("Interrupted before"), "{mode}: {err}");
            assert!(err.contains("--from-line"), "{mode}: {err}");
            if !out.is_empty() {
                assert!(out.contains("\"resume\":\"--from-line"), "{mode}: {out}");
            }
        }
    }
}

#[test]
fn named_pipes_are_read_once_and_whole() {
    for arguments in [
        &["map"][..],
        &["explain", "--format", "json"],
        &["send", "--dry-run", "--format", "json"],
    ] {
        let files = Files::new();
        let pipe = files.path("pipe");
        assert!(
            Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        let name = shown(&pipe);
        let writer = std::thread::spawn(move || {
            let mut pipe = std::fs::OpenOptions::new().write(true).open(pipe).unwrap();
            pipe.write_all(event_of_now("m-1").as_bytes()).unwrap();
        });
        let mut child = segue(arguments)
            .arg(&name)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = String::new();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        reader.read_line(&mut out).unwrap();
        reader.read_to_string(&mut out).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{arguments:?}");
        writer.join().unwrap();
        assert!(
            out.contains("Lead") || out.contains("\"accepted\":1"),
            "{out}"
        );
    }
}

#[test]
fn text_of_an_event_cannot_control_the_terminal() {
    let files = Files::new();
    let line = r#"{"type":"track","event":"L\u001b[31m\u202eead","messageId":"m\u0007\u009b","timestamp":"2026-11-23T11:59:30Z","context":{"ip":"203.0.113.9","userAgent":"x/1"},"userId":"u\u001b]0;\u0007","properties":{"k\u001b[2J\r\n\u2066":"v\u001b\u2028"}}"#;
    let path = files.write("events.ndjson", line);
    let ran = run(&["explain", "--now", crate::run::NOW, &path]);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    let raw = ran.out.chars().find(|found| {
        found.is_control() && *found != '\n'
            || matches!(found, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    });
    assert_eq!(raw, None, "{}", ran.out);
    assert!(ran.out.contains("\\u{1b}"), "{}", ran.out);
}
