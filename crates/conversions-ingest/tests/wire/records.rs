//! Records of a broker are mapped as requests are, but for what only HTTP knows.

use conversions_ingest::{MappedRecords, RecordTarget, SourceRecord};
use conversions_transport::Frame;
use serde_json::Value;

use crate::support::{Endpoint, ORDER, plain};

const WEB: RecordTarget<'_> = RecordTarget {
    source: "web",
    destination: None,
};

fn map(endpoint: &Endpoint, target: RecordTarget<'_>, payloads: &[&[u8]]) -> MappedRecords {
    let written_at = "2026-11-23T10:00:00Z".parse().ok();
    let records: Vec<_> = payloads
        .iter()
        .map(|payload| SourceRecord {
            payload,
            written_at,
        })
        .collect();
    let mapped = endpoint.ingest.map_records(target, &records);
    mapped.expect("a source of this name")
}

/// Its place in a batch, and why.
type Rejected = (Option<usize>, &'static str);

/// For each record: its events, and what was rejected of it.
fn outcomes(mapped: &MappedRecords) -> Vec<(usize, Vec<Rejected>)> {
    let records = mapped.records.iter().map(|record| {
        let rejected = record.rejected.iter();
        let rejected = rejected.map(|one| (one.index, one.refusal.code()));
        (record.events, rejected.collect())
    });
    records.collect()
}

fn events(mapped: &MappedRecords) -> Vec<Value> {
    let events = mapped.frames.iter().flat_map(Frame::events);
    events
        .map(|event| serde_json::from_slice(event.json).expect("JSON"))
        .collect()
}

#[test]
fn messages_batches_and_rubbish_are_told_apart_record_by_record() {
    let endpoint = plain();
    let batch = format!(
        r#"{{"batch":[{ORDER},7,{}],"writeKey":"x"}}"#,
        ORDER.replace("m1", "m2")
    );
    let large = format!(
        r#"{{"event":"E","userId":"u","properties":{{"x":"{}"}}}}"#,
        "x".repeat(40_000)
    );
    let huge = vec![b' '; 600_000];
    let mentions_batch = ORDER.replace("\"revenue\"", "\"batch\":[1],\"revenue\"");
    let with_kind = |text: &str| text.replacen('{', "{\"type\":\"track\",", 1);
    let single = with_kind(ORDER);
    let batch = batch.replace("{\"event\"", "{\"type\":\"track\",\"event\"");
    let mentions_batch = with_kind(&mentions_batch);
    let mapped = map(
        &endpoint,
        WEB,
        &[
            single.as_bytes(),
            batch.as_bytes(),
            b"not JSON",
            b"\xff\xfe",
            b"",
            large.as_bytes(),
            &huge,
            br#"{"batch":[]}"#,
            br#"{"type":"track","event":"E"}"#,
            mentions_batch.as_bytes(),
        ],
    );
    assert_eq!(
        outcomes(&mapped),
        [
            (1, vec![]),
            (2, vec![(Some(1), "not_an_object")]),
            (0, vec![(None, "bad_request")]),
            (0, vec![(None, "bad_request")]),
            (0, vec![(None, "bad_request")]),
            (0, vec![(None, "message_too_large")]),
            (0, vec![(None, "payload_too_large")]),
            (0, vec![(None, "empty_batch")]),
            (0, vec![(None, "no_user_anon_id")]),
            (1, vec![]),
        ]
    );
    assert_eq!(mapped.records[1].rejected[0].text.as_deref(), Some("7"));
    assert_eq!(events(&mapped).len(), 4);
}

#[test]
fn a_record_keeps_its_times_and_gets_that_of_writing_where_it_has_none() {
    let endpoint = plain();
    let timed = r#"{"type":"track","event":"A","userId":"u","timestamp":"2026-11-22T08:00:00Z","sentAt":"2026-11-22T08:00:00Z"}"#;
    let untimed = r#"{"type":"track","event":"B","userId":"u"}"#;
    let mapped = map(&endpoint, WEB, &[timed.as_bytes(), untimed.as_bytes()]);
    let event_times: Vec<_> = events(&mapped)
        .iter()
        .map(|event| event["event_time"].as_i64())
        .collect();
    // The first is a day older than its record: a clock that is a day slow would be corrected over HTTP.
    assert_eq!(event_times, [Some(1_795_334_400), Some(1_795_428_000)]);
}

#[test]
fn only_the_wanted_destination_of_a_known_source_is_mapped_for() {
    let endpoint = plain();
    let only = |destination| RecordTarget {
        source: "web",
        destination: Some(destination),
    };
    let single = ORDER.replacen('{', "{\"type\":\"track\",", 1);
    let all = map(&endpoint, WEB, &[single.as_bytes()]);
    let first = all.frames[0].destination().to_string();
    let wanted = map(&endpoint, only(&first), &[single.as_bytes()]);
    assert_eq!(wanted.frames.len(), 1);
    assert!(
        map(&endpoint, only("nowhere"), &[single.as_bytes()])
            .frames
            .is_empty()
    );
    let unknown = RecordTarget {
        source: "unknown",
        destination: None,
    };
    assert!(endpoint.ingest.map_records(unknown, &[]).is_none());
}

#[test]
fn what_became_of_messages_is_reported_when_it_is_stored_and_not_before() {
    let endpoint = plain();
    let single = ORDER.replacen('{', "{\"type\":\"track\",", 1);
    let mapped = map(&endpoint, WEB, &[single.as_bytes(), b"rubbish"]);
    assert!(endpoint.sink.outcomes().is_empty());
    mapped.outcomes.stored(&[Some(1)]);
    let told = [("accepted", 1), ("rejected: bad_request", 1)];
    assert_eq!(
        endpoint.sink.outcomes(),
        told.map(|(outcome, count)| (outcome.to_owned(), count))
    );
    drop(map(&endpoint, WEB, &[single.as_bytes()]));
    assert!(endpoint.sink.outcomes().is_empty());
}
