//! Finds events by reading all segments, twice: first for the events, then for what became of them.

use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::block::End;
use crate::trace::event::{TraceSearch, TracedEvent};
use crate::trace::record::{
    EVENT, REPLAY, Replay, has_id, read_event, read_happened, read_replay, records,
};
use crate::trace::segments::{Segment, numbers};

/// Events that a search lists at most.
const LISTED: usize = 100;

/// One search at a time: each of them reads some hundred megabytes.
static RUNNING: Mutex<()> = Mutex::new(());

pub(super) fn search(folder: &Path, fingerprint: u64) -> io::Result<TraceSearch> {
    let _running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    let segments = numbers(folder)?;
    let mut found = TraceSearch::default();
    let mut events: Vec<TracedEvent> = Vec::new();
    let mut is_replayed = false;
    for number in &segments {
        let end = read_segment(folder, *number, |bytes| {
            let ours =
                records(bytes).filter(|record| record.kind == EVENT && has_id(record, fingerprint));
            events.extend(ours.filter_map(|record| read_event(&record)));
            is_replayed |= records(bytes)
                .filter_map(|record| read_replay(&record))
                .any(|replay| replay.has_id(fingerprint));
            if events.len() > LISTED {
                found.is_cut = true;
                events.truncate(LISTED);
            }
        })?;
        let Some((segment, end)) = end else { continue };
        found.traced_events += segment.events;
        found.reaches_back_to = found.reaches_back_to.or(segment.first_at);
        if matches!(end, End::Damaged | End::OtherFormat) {
            found
                .notes
                .push("a part of the trace cannot be read: events may be missing".to_owned());
        }
    }
    if is_replayed || events.iter().any(|event| event.key.is_some()) {
        for number in &segments {
            read_segment(folder, *number, |bytes| {
                add_what_happened(bytes, fingerprint, &mut events);
            })?;
        }
    }
    for event in &mut events {
        let before = event.replays.iter_mut().map(|replay| &mut replay.attempts);
        for attempts in before.chain([&mut event.attempts]) {
            attempts.sort_by_key(|attempt| attempt.at);
        }
    }
    events.sort_by_key(|event| event.at);
    found.events = events;
    Ok(found)
}

/// Reads a segment; `None` if it was removed meanwhile.
fn read_segment(
    folder: &Path,
    number: u64,
    take: impl FnMut(&[u8]),
) -> io::Result<Option<(Segment, End)>> {
    match Segment::read(folder, number, take) {
        Ok(read) => Ok(Some(read)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn add_what_happened(bytes: &[u8], fingerprint: u64, events: &mut Vec<TracedEvent>) {
    for record in records(bytes).filter(|record| record.kind != EVENT) {
        if record.kind == REPLAY {
            if let Some(replay) = read_replay(&record) {
                add_replay(&replay, fingerprint, events);
            }
            continue;
        }
        let Some(happened) = read_happened(&record) else {
            continue;
        };
        for event in events.iter_mut() {
            let is_meant = event.destination == happened.destination
                && event.key.is_some_and(|key| happened.keys.contains(key));
            if is_meant {
                happened.what.add_to(event);
            }
        }
    }
}

/// Adds a replay to the event that it is about. If the trace has forgotten that one, the replay is where it begins.
fn add_replay(replay: &Replay<'_>, fingerprint: u64, events: &mut Vec<TracedEvent>) {
    let is_known = events
        .iter_mut()
        .any(|event| event.was_replayed_by(replay) || event.replay(replay));
    if !is_known && replay.has_id(fingerprint) && events.len() < LISTED {
        events.push(TracedEvent::of_replay(replay));
    }
}
