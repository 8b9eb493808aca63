//! A dead letter as bytes: a line of JSON about it, then the event's JSON text as it was sent.
//!
//! Its id is not among them: the place where a letter is kept gives it. [`read`] takes what earlier versions wrote.
//!
//! ```
//! use bytes::Bytes;
//! use conversions_delivery::{DeadLetterReason, EventKey, letter_codec};
//!
//! let text = r#"{"destination":"shop","event_time":5,"reason":"refused","attempts":1,"first_at":0,"last_at":0}"#;
//! let letter = letter_codec::read(EventKey(7), &Bytes::from(format!("{text}\n{{}}"))).expect("a letter");
//! assert_eq!(letter.reason, DeadLetterReason::Refused);
//! assert_eq!(letter_codec::read(EventKey(7), &letter_codec::write(&letter).into()), Some(letter));
//! ```

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use facebook_conversions::ActionSource;
use serde::{Deserialize, Serialize};

use crate::dead_letter::{DeadLetter, DeadLetterReason, Verdict};
use crate::event::EventKey;
use crate::time::UnixMillis;

/// Everything but the event's text.
#[derive(Serialize, Deserialize)]
struct Header {
    destination: String,
    /// The key of the event, where a letter has another number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    event_key: Option<EventKey>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    test_event_code: Option<String>,
    event_time: i64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    max_age_seconds: Option<u64>,
    /// How logs on disk say that an event may be older than most.
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

/// The bytes of a letter.
#[must_use]
pub fn write(letter: &DeadLetter) -> Vec<u8> {
    let header = Header {
        destination: letter.destination.to_string(),
        event_key: Some(letter.id),
        test_event_code: letter.test_event_code.as_deref().map(str::to_owned),
        event_time: letter.event_time,
        max_age_seconds: Some(letter.max_age.as_secs()),
        sixty_two_days: letter.max_age > ActionSource::Website.max_age(),
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
    bytes
}

/// Reads what [`write()`] wrote, under this id; `None` when it cannot be read.
#[must_use]
pub fn read(id: EventKey, bytes: &Bytes) -> Option<DeadLetter> {
    let (header, event) = split(bytes)?;
    let source = if header.sixty_two_days {
        ActionSource::PhysicalStore
    } else {
        ActionSource::Website
    };
    let max_age = header.max_age_seconds.map(Duration::from_secs);
    Some(DeadLetter {
        id,
        destination: header.destination.into(),
        test_event_code: header.test_event_code.map(Into::into),
        event,
        event_time: header.event_time,
        max_age: max_age.unwrap_or_else(|| source.max_age()),
        line: header.line,
        reason: header.reason,
        verdict: header.verdict,
        attempts: header.attempts,
        first_at: header.first_at,
        last_at: header.last_at,
    })
}

/// The key that the letter had as its id when it was written; `None` in letters of earlier versions.
#[must_use]
pub fn event_key(bytes: &Bytes) -> Option<EventKey> {
    split(bytes)?.0.event_key
}

fn split(bytes: &Bytes) -> Option<(Header, Bytes)> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let header = serde_json::from_slice(bytes.get(..end)?).ok()?;
    Some((header, bytes.slice(end + 1..)))
}

/// Stands for a letter that cannot be read, so that it can be listed and purged. `event` is what there is of it.
#[must_use]
pub fn unreadable(id: EventKey, event: Bytes) -> DeadLetter {
    DeadLetter {
        id,
        destination: Arc::from(""),
        test_event_code: None,
        event,
        event_time: 0,
        max_age: ActionSource::Website.max_age(),
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
                max_age: ActionSource::PhysicalStore.max_age(),
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
            let bytes = write(&letter).into();
            assert_eq!(event_key(&bytes), Some(EventKey(7)));
            assert_eq!(read(EventKey(7), &bytes), Some(letter));
        }
        assert_eq!(read(EventKey(7), &Bytes::from_static(b"rubbish\n{}")), None);
    }

    #[test]
    fn letters_that_logs_on_disk_wrote_earlier_keep_their_age() {
        for (text, source) in [
            ("true", ActionSource::PhysicalStore),
            ("false", ActionSource::Website),
        ] {
            let text = format!(
                "{{\"destination\":\"shop\",\"event_time\":5,\"sixty_two_days\":{text},\"reason\":\"damaged\",\
                 \"attempts\":0,\"first_at\":1,\"last_at\":2}}\n{{}}"
            );
            let letter = read(EventKey(1), &Bytes::from(text)).expect("a letter");
            assert_eq!(letter.max_age, source.max_age());
        }
    }
}
