//! Bad input: every line has an outcome, and its neighbours are unharmed.

use serde_json::Value;

use crate::run::{Files, NOW, RunOutput, event, run, run_with, segue};

/// Maps lines between two good ones.
fn between_good_ones(lines: &[u8]) -> RunOutput {
    let mut input = event("Lead", "before").into_bytes();
    input.push(b'\n');
    input.extend_from_slice(lines);
    input.push(b'\n');
    input.extend_from_slice(event("Lead", "after").as_bytes());
    let ran = run_with(segue(&["map", "--now", NOW]), &input);
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    ran
}

fn middle(lines: &[u8]) -> Value {
    let mut objects = between_good_ones(lines).objects();
    assert_eq!(objects.len(), 3, "one outcome a line");
    assert_eq!(objects[0]["event"]["event_id"], "before");
    assert_eq!(objects[2]["event"]["event_id"], "after");
    objects.swap_remove(1)
}

#[test]
fn lines_that_are_no_events_are_rejected_with_a_reason() {
    let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let cases: [(&[u8], &str); 9] = [
        (b"not json", "invalid_json"),
        (br#"{"type":"track","event":"#, "invalid_json"),
        (b"{\"event\":\"\xff\xfe\"}", "invalid_json"),
        (b"\x00\x01\x02", "invalid_json"),
        (br#"{"event":"a"} {"event":"b"}"#, "invalid_json"),
        (deep.as_bytes(), "invalid_json"),
        (b"[1,2]", "not_an_object"),
        (b"{}", "not_a_message"),
        (br#"{"type":"track","event":["a"]}"#, "missing_event_name"),
    ];
    for (line, reason) in cases {
        let object = middle(line);
        assert_eq!(
            object["reason"],
            reason,
            "{}",
            String::from_utf8_lossy(line)
        );
        assert_eq!(object["outcome"], "rejected");
    }
}

#[test]
fn a_line_of_a_hundred_megabytes_is_one_reject() {
    let mut line = br#"{"type":"track","event":"Lead","userId":""#.to_vec();
    line.resize(100_000_000, b'x');
    assert_eq!(middle(&line)["reason"], "line_too_long");
}

#[test]
fn byte_order_mark_blank_lines_and_line_ends_are_skipped() {
    let mut input = b"\xef\xbb\xbf".to_vec();
    input.extend_from_slice(event("Lead", "m-1").as_bytes());
    input.extend_from_slice(b"\r\n\r\n   \n");
    input.extend_from_slice(event("Lead", "m-2").as_bytes());
    let ran = run_with(segue(&["map", "--now", NOW]), &input);
    let ids: Vec<_> = ran
        .objects()
        .iter()
        .map(|object| object["event"]["event_id"].clone())
        .collect();
    assert_eq!(ids, ["m-1", "m-2"]);
}

#[test]
fn an_empty_input_has_no_outcomes() {
    let ran = run_with(segue(&["map"]), b"");
    assert_eq!(
        (ran.status, ran.out.as_str(), ran.err.as_str()),
        (Some(0), "", "")
    );
}

#[test]
fn a_damaged_archive_is_reported_after_its_readable_lines() {
    let files = Files::new();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let lines: Vec<_> = (0..20_000)
        .map(|at| event("Lead", &format!("m-{at}")))
        .collect();
    std::io::Write::write_all(&mut gzip, lines.join("\n").as_bytes()).unwrap();
    let whole = gzip.finish().unwrap();
    let path = files.write("cut.gz", &whole[..whole.len() / 2]);
    let ran = run(&["map", "--now", NOW, &path]);
    assert_eq!(ran.status, Some(2));
    assert!(
        ran.err.ends_with("cut.gz: the gzip data ends too early\n"),
        "{}",
        ran.err
    );
    assert!(ran.objects().len() > 1_000, "what could be read is there");
}
