//! A backfill as an embedder writes it: files in, events and rejects out, and resuming at a line.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use conversions_files::{
    ByteCounter, FileReader, LinePositions, MappedChunk, Origin, RejectsFile, input_digest,
};
use conversions_mapping::{Mapping, OutcomeCounts, Settings};
use conversions_transport::{Frame, Labels};
use flate2::Compression;
use flate2::write::GzEncoder;

fn event(id: usize) -> String {
    format!(
        r#"{{"type":"track","event":"Lead","messageId":"m-{id}","userId":"u","timestamp":"2026-11-20T10:00:00Z"}}"#
    )
}

/// A plain file of three events and a reject, and a gzip file of two events.
fn inputs(folder: &Path) -> Vec<Origin> {
    let plain = folder.join("a.ndjson");
    let lines = [event(1), "[]".to_owned(), event(2), event(3)];
    std::fs::write(&plain, lines.join("\n")).unwrap();
    let gzip = folder.join("b.ndjson.gz");
    let file = std::fs::File::create(&gzip).unwrap();
    let mut encoder = GzEncoder::new(file, Compression::fast());
    write!(encoder, "{}\n{}\n", event(4), event(5)).unwrap();
    encoder.finish().unwrap();
    vec![Origin::File(plain), Origin::File(gzip)]
}

fn read(inputs: Vec<Origin>, first_line: u64) -> Vec<MappedChunk> {
    let mapping = Arc::new(Mapping::new(Settings::default()).unwrap());
    let reader = FileReader {
        inputs,
        counter: ByteCounter::default(),
        destinations: vec![(Arc::from("shop"), mapping)],
        first_line,
    };
    let now = "2026-11-20T12:00:00Z".parse().unwrap();
    let mut chunks = Vec::new();
    let pass_on = |chunk| {
        chunks.push(chunk);
        ControlFlow::Continue(())
    };
    reader.run(move || now, pass_on).unwrap();
    chunks
}

fn ids(chunks: &[MappedChunk]) -> Vec<String> {
    let events = chunks
        .iter()
        .flat_map(|chunk| &chunk.destinations)
        .flat_map(|one| &one.frames)
        .flat_map(Frame::events);
    events
        .filter_map(|event| Labels::of_event(event.json).event_id)
        .collect()
}

#[test]
fn several_files_are_one_input_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let chunks = read(inputs(folder.path()), 1);
    assert_eq!(ids(&chunks), ["m-1", "m-2", "m-3", "m-4", "m-5"]);
    let mut counts = OutcomeCounts::default();
    let mut positions = LinePositions::default();
    for chunk in &chunks {
        positions.begin_input(chunk.input, chunk.lines_before);
        for one in &chunk.destinations {
            counts.merge(&mut one.counts.clone());
        }
    }
    assert_eq!(
        (counts.read, counts.accepted, counts.total_rejected()),
        (6, 5, 1)
    );
    assert_eq!(positions.locate(6), (1, 2));
}

#[test]
fn reading_resumes_at_a_line_of_a_later_file() {
    let folder = tempfile::tempdir().unwrap();
    let chunks = read(inputs(folder.path()), 6);
    assert_eq!(ids(&chunks), ["m-5"]);
}

#[test]
fn a_sink_that_breaks_off_ends_reading_without_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let reader = FileReader {
        inputs: inputs(folder.path()),
        counter: ByteCounter::default(),
        destinations: Vec::new(),
        first_line: 1,
    };
    let now = "2026-11-20T12:00:00Z".parse().unwrap();
    let mut chunks = 0;
    let result = reader.run(
        move || now,
        |_| {
            chunks += 1;
            ControlFlow::Break(())
        },
    );
    assert!(result.is_ok());
    assert_eq!(chunks, 1);
}

#[test]
fn rejects_are_listed_with_file_line_and_reason_and_truncated_on_resume() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = inputs(folder.path());
    let path: PathBuf = folder.path().join("rejects.ndjson");
    let mut file = RejectsFile::open(&path, true, false).unwrap();
    let chunks = read(inputs.clone(), 1);
    for one in chunks.iter().flat_map(|chunk| &chunk.destinations) {
        for reject in &one.rejects {
            file.write(reject, &inputs, "shop").unwrap();
        }
    }
    file.flush().unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(
        text.contains("a.ndjson\",\"line\":2,\"reason\":\"not_an_object\""),
        "{text}"
    );
    assert_eq!(file.length(), text.len() as u64);
    file.resume_at(0).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "");
}

#[test]
fn an_input_is_recognised_by_its_contents() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let digest = |folder: &Path| input_digest(&inputs(folder), &["shop"], 1).unwrap();
    assert_eq!(digest(one.path()), digest(other.path()));
}
