//! What is leased: slices of frames, and single events of them.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use conversions_transport::Frame;

use crate::event::EventKey;
use crate::key_set::KeyRange;
use crate::time::UnixMillis;

/// Consecutive events of an appended frame, which the caller has to settle or to release.
#[derive(Clone, Debug)]
pub struct LeasedFrame {
    /// The key of the first event. The others have the keys that follow.
    pub first_key: EventKey,
    /// When they were appended.
    pub accepted_at: UnixMillis,
    /// The events.
    pub frame: Frame,
}

impl LeasedFrame {
    /// The keys of the events.
    #[must_use]
    pub fn keys(&self) -> KeyRange {
        let count = u64::try_from(self.frame.len()).unwrap_or(u64::MAX);
        KeyRange::new(self.first_key, count)
    }

    /// Some of the events; a range that reaches beyond the end is cut.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        let skipped = u64::try_from(range.start).unwrap_or(u64::MAX);
        Self {
            first_key: EventKey(self.first_key.0.saturating_add(skipped)),
            accepted_at: self.accepted_at,
            frame: self.frame.slice(range),
        }
    }

    /// The events one by one.
    pub fn events(&self) -> impl Iterator<Item = LeasedEvent> {
        let numbered = self.keys().keys().zip(self.frame.events());
        numbered
            .enumerate()
            .map(|(index, (key, event))| LeasedEvent {
                key,
                accepted_at: self.accepted_at,
                test_event_code: self.frame.test_event_code().cloned(),
                event: self.frame.event_json(index),
                event_time: event.event_time,
                max_age: event.max_age,
                line: event.line,
            })
    }
}

/// One event that the caller has to settle or to release.
#[derive(Clone)]
pub struct LeasedEvent {
    /// Its key.
    pub key: EventKey,
    /// When it was appended.
    pub accepted_at: UnixMillis,
    /// `test_event_code` under which it is to be sent.
    pub test_event_code: Option<Arc<str>>,
    /// The JSON text of the server event.
    pub event: Bytes,
    /// `event_time`: Unix seconds.
    pub event_time: i64,
    /// How old it may be when it is sent.
    pub max_age: Duration,
    /// The line of the input that it came from.
    pub line: Option<u64>,
}

/// Key and sizes, never the event.
impl std::fmt::Debug for LeasedEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LeasedEvent")
            .field("key", &self.key)
            .field("event_bytes", &self.event.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_a_slice_have_the_keys_that_follow() {
        let mut builder = conversions_transport::FrameBuilder::new("shop".into());
        for (text, line) in [("1", 1), ("2", 3), ("3", 4)] {
            let event = conversions_transport::NewEvent::new("shop", text, 7).with_line(line);
            builder.add_new_event(&event);
        }
        let leased = LeasedFrame {
            first_key: EventKey(40),
            accepted_at: UnixMillis(5),
            frame: builder.finish().remove(0),
        };
        let slice = leased.slice(1..9);
        assert_eq!(slice.keys(), KeyRange::new(EventKey(41), 2));
        let seen: Vec<_> = slice
            .events()
            .map(|one| (one.key.0, one.event, one.line))
            .collect();
        assert_eq!(seen, [(41, "2".into(), Some(3)), (42, "3".into(), Some(4))]);
    }
}
