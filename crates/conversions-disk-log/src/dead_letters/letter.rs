//! A dead letter as bytes: a checksum (CRC-32, 4 bytes, of the id and everything that follows), a line of JSON about
//! it, and the event's JSON text as it was sent.

use std::sync::Arc;

use bytes::Bytes;
use conversions_delivery::{DeadLetter, DeadLetterReason, EventKey, UnixMillis, Verdict};
use serde::{Deserialize, Serialize};

use crate::max_age;

/// Everything but the event's text.
#[derive(Serialize, Deserialize)]
struct Header {
    destination: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    test_event_code: Option<String>,
    event_time: i64,
    #[serde(default)]
    sixty_two_days: bool,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    line: Option<u64>,
    reason: DeadLetterReason,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    verdict: Option<Verdict>,
    attempts: u32,
    first_at: UnixMillis,
    last_at: UnixMillis,
}

pub(super) fn write(letter: &DeadLetter) -> Vec<u8> {
    let header = Header {
        destination: letter.destination.to_string(),
        test_event_code: letter.test_event_code.as_deref().map(str::to_owned),
        event_time: letter.event_time,
        sixty_two_days: max_age::is_extended(letter.max_age),
        line: letter.line,
        reason: letter.reason,
        verdict: letter.verdict.clone(),
        attempts: letter.attempts,
        first_at: letter.first_at,
        last_at: letter.last_at,
    };
    let mut body = serde_json::to_vec(&header).unwrap_or_default();
    body.push(b'\n');
    body.extend(&letter.event);
    let mut bytes = checksum(letter.id, &body).to_vec();
    bytes.extend(body);
    bytes
}

/// Reads what [`write`] wrote; `None` when it is damaged.
pub(super) fn read(id: EventKey, bytes: &[u8]) -> Option<DeadLetter> {
    let (sum, body) = bytes.split_first_chunk()?;
    if *sum != checksum(id, body) {
        return None;
    }
    let mut parts = body.splitn(2, |byte| *byte == b'\n');
    let header: Header = serde_json::from_slice(parts.next()?).ok()?;
    Some(DeadLetter {
        id,
        destination: header.destination.into(),
        test_event_code: header.test_event_code.map(Into::into),
        event: Bytes::copy_from_slice(parts.next()?),
        event_time: header.event_time,
        max_age: max_age::from_bit(header.sixty_two_days),
        line: header.line,
        reason: header.reason,
        verdict: header.verdict,
        attempts: header.attempts,
        first_at: header.first_at,
        last_at: header.last_at,
    })
}

/// Stands for a letter that cannot be read, so that it can be listed and purged.
pub(super) fn unreadable(id: EventKey) -> DeadLetter {
    DeadLetter {
        id,
        destination: Arc::from(""),
        test_event_code: None,
        event: Bytes::new(),
        event_time: 0,
        max_age: max_age::from_bit(false),
        line: None,
        reason: DeadLetterReason::Damaged,
        verdict: None,
        attempts: 0,
        first_at: UnixMillis(0),
        last_at: UnixMillis(0),
    }
}

fn checksum(EventKey(id): EventKey, body: &[u8]) -> [u8; 4] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&id.to_le_bytes());
    hasher.update(body);
    hasher.finalize().to_le_bytes()
}
