//! A dead letter as a message: a line of JSON about it, and the event's JSON text as it was sent.

use std::time::Duration;

use bytes::Bytes;
use conversions_delivery::{DeadLetter, DeadLetterReason, EventKey, UnixMillis, Verdict};
use serde::{Deserialize, Serialize};

/// Everything but the event's text.
#[derive(Serialize, Deserialize)]
struct Header {
    destination: String,
    /// The key of the event, which is not the number that the letter has in its stream.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    event_key: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    test_event_code: Option<String>,
    event_time: i64,
    max_age_seconds: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    line: Option<u64>,
    reason: DeadLetterReason,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    verdict: Option<Verdict>,
    attempts: u32,
    first_at: UnixMillis,
    last_at: UnixMillis,
}

pub(crate) fn write(letter: &DeadLetter) -> Bytes {
    let header = Header {
        destination: letter.destination.to_string(),
        event_key: Some(letter.id.0),
        test_event_code: letter.test_event_code.as_deref().map(str::to_owned),
        event_time: letter.event_time,
        max_age_seconds: letter.max_age.as_secs(),
        line: letter.line,
        reason: letter.reason,
        verdict: letter.verdict.clone(),
        attempts: letter.attempts,
        first_at: letter.first_at,
        last_at: letter.last_at,
    };
    let mut bytes = serde_json::to_vec(&header).unwrap_or_default();
    bytes.push(b'\n');
    bytes.extend(&letter.event);
    bytes.into()
}

/// Reads what [`write`] wrote, under the id that the letter has in its stream; `None` when it cannot be read.
pub(crate) fn read(id: EventKey, bytes: &Bytes) -> Option<DeadLetter> {
    let (header, event) = split(bytes)?;
    Some(DeadLetter {
        id,
        destination: header.destination.into(),
        test_event_code: header.test_event_code.map(Into::into),
        event,
        event_time: header.event_time,
        max_age: Duration::from_secs(header.max_age_seconds),
        line: header.line,
        reason: header.reason,
        verdict: header.verdict,
        attempts: header.attempts,
        first_at: header.first_at,
        last_at: header.last_at,
    })
}

/// The key that the event of a letter had; `None` in letters of earlier versions.
pub(crate) fn event_key(bytes: &Bytes) -> Option<u64> {
    split(bytes)?.0.event_key
}

fn split(bytes: &Bytes) -> Option<(Header, Bytes)> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let header = serde_json::from_slice(bytes.get(..end)?).ok()?;
    Some((header, bytes.slice(end + 1..)))
}

/// A letter of which nothing can be read, with its bytes as the event.
pub(crate) fn unreadable(sequence: u64, bytes: &Bytes) -> DeadLetter {
    DeadLetter {
        id: EventKey(sequence),
        destination: "".into(),
        test_event_code: None,
        event: bytes.clone(),
        event_time: 0,
        max_age: Duration::ZERO,
        line: None,
        reason: DeadLetterReason::Damaged,
        verdict: None,
        attempts: 0,
        first_at: UnixMillis(0),
        last_at: UnixMillis(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_read_as_they_were_written_whatever_their_event_is() {
        for event in [&b"{\"a\":1}"[..], b"", b"\n\xff\n"] {
            let letter = DeadLetter {
                id: EventKey(7),
                destination: "shop".into(),
                test_event_code: Some("TEST1".into()),
                event: Bytes::copy_from_slice(event),
                event_time: -5,
                max_age: Duration::from_hours(168),
                line: None,
                reason: DeadLetterReason::Refused,
                verdict: Some(Verdict {
                    code: Some(100),
                    ..Verdict::default()
                }),
                attempts: 3,
                first_at: UnixMillis(1),
                last_at: UnixMillis(2),
            };
            let bytes = write(&letter);
            assert_eq!(event_key(&bytes), Some(7));
            assert_eq!(read(EventKey(7), &bytes), Some(letter));
        }
        assert_eq!(read(EventKey(7), &Bytes::from_static(b"rubbish\n{}")), None);
    }
}
