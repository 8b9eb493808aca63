//! `segue map`.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::run::{Files, NOW, event, run, run_with, segue};

#[test]
fn map_writes_one_object_a_line_in_the_order_of_the_input() {
    let files = Files::new();
    let first = files.write(
        "a.ndjson",
        format!(
            "{}\n\n{}",
            event("Order Completed", "m-1"),
            "{\"type\":\"page\"}"
        ),
    );
    let second = files.write("b.ndjson", event("Trial Started", "m-2"));
    let ran = run(&["map", "--now", NOW, &first, &second]);
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    let objects = ran.objects();
    let outcomes: Vec<_> = objects
        .iter()
        .map(|object| object["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["accepted", "skipped", "accepted"]);
    assert_eq!(objects[0]["event"]["event_name"], "Purchase");
    assert_eq!(objects[0]["notes"][0]["from"], "event");
    assert_eq!(objects[1]["reason"], "not_track");
    assert_eq!(objects[2]["event"]["event_id"], "m-2");
}

#[test]
fn long_inputs_keep_their_order() {
    let lines: Vec<_> = (0..5_000)
        .map(|at| event("Lead", &format!("m-{at}")))
        .collect();
    let ran = run_with(
        segue(&["map", "--events-only", "--now", NOW, "-"]),
        lines.join("\n").as_bytes(),
    );
    let ids: Vec<_> = ran
        .objects()
        .iter()
        .map(|event| event["event_id"].clone())
        .collect();
    let expected: Vec<_> = (0..5_000).map(|at| format!("m-{at}")).collect();
    assert_eq!(ids, expected);
    assert_eq!(
        ran.err,
        "5,000 lines read, 5,000 accepted, 0 skipped, 0 rejected\n"
    );
}

#[test]
fn events_only_counts_the_others_on_standard_error() {
    let input = format!(
        "{}\n{{\"type\":\"page\"}}\nnot json\n",
        event("Lead", "m-1")
    );
    let ran = run_with(
        segue(&["map", "--events-only", "--now", NOW]),
        input.as_bytes(),
    );
    assert_eq!(ran.status, Some(0), "outcomes do not matter");
    assert_eq!(ran.objects().len(), 1);
    assert_eq!(
        ran.err,
        "3 lines read, 1 accepted, 1 skipped (not_track 1), 1 rejected (invalid_json 1)\n"
    );
}

#[test]
fn gzip_is_read_from_files_and_standard_input() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(event("Lead", "m-1").as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let files = Files::new();
    let path = files.write("events.ndjson.gz", &gzip);
    for ran in [
        run(&["map", "--now", NOW, &path]),
        run_with(segue(&["map", "--now", NOW]), &gzip),
    ] {
        assert_eq!(ran.objects()[0]["event"]["event_name"], "Lead");
    }
}

#[test]
fn a_closed_output_is_not_an_error() {
    let lines: Vec<_> = (0..20_000)
        .map(|at| event("Lead", &format!("m-{at}")))
        .collect();
    let files = Files::new();
    let path = files.write("events.ndjson", lines.join("\n"));
    let mut child = segue(&["map", "--now", NOW, &path])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut line).unwrap();
    drop(output);
    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}

#[test]
fn lines_of_a_slow_input_are_passed_on_at_once() {
    let mut child = segue(&["map", "--now", NOW])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    for id in ["m-1", "m-2"] {
        writeln!(input, "{}", event("Lead", id)).unwrap();
        let mut line = String::new();
        // The input stays open: without passing on, this would wait for ever.
        output.read_line(&mut line).unwrap();
        assert!(line.contains(id), "{line}");
    }
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn settings_change_the_mapping() {
    let files = Files::new();
    let settings = files.write(
        "segment.json",
        r#"{"standardEvents": {"Signed Up": "Lead"}, "pixelId": ""}"#,
    );
    let events = files.write("events.ndjson", event("signed_up", "m-1"));
    let ran = run(&["map", "--settings", &settings, "--now", NOW, &events]);
    assert_eq!(ran.objects()[0]["event"]["event_name"], "Lead");

    let several = files.write(
        "several.toml",
        "[[destinations]]\nname = 'a'\n[[destinations]]\nname = 'b'\nsend_page = true\n",
    );
    let ran = run(&["map", "--settings", &several, &events]);
    assert_eq!(ran.status, Some(2));
    assert!(
        ran.err.contains("--destination with one of: a, b"),
        "{}",
        ran.err
    );
    let ran = run(&[
        "map",
        "--settings",
        &several,
        "--destination",
        "b",
        "--now",
        NOW,
        &events,
    ]);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
}

#[test]
fn wrong_usage_has_status_two_and_one_sentence() {
    let files = Files::new();
    let settings = files.write("segue.toml", "pixel_idd = '1'\n");
    let cases: [(&[&str], &str); 5] = [
        (
            &["map", "no-such-file.ndjson"],
            "error: cannot read no-such-file.ndjson: there is no such file\n",
        ),
        (
            &["map", "/"],
            "error: cannot read /: it is a folder, not a file\n",
        ),
        (&["map", "--now", "noon"], "expected a time with its zone"),
        (
            &["map", "--settings", "no-such-file.toml"],
            "no-such-file.toml: error: there is no such file\n",
        ),
        (
            &["map", "--settings", &settings],
            "did you mean `pixel_id`?",
        ),
    ];
    for (args, said) in cases {
        let ran = run(args);
        assert_eq!((ran.status, ran.out.as_str()), (Some(2), ""), "{args:?}");
        assert!(ran.err.contains(said), "{args:?}: {}", ran.err);
    }
}
