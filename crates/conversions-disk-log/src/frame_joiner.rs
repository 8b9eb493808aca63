//! Joins small frames that are committed together: 64 requests with one event each become one frame.

use std::sync::Arc;

use conversions_delivery::frame_codec::StoredFrame;
use conversions_transport::{Frame, FrameEntry};

/// A joined frame has at most this many events, so that damage and partial settlement stay cheap.
const MAX_EVENTS: usize = 512;
/// A joined frame has at most this many bytes. A larger frame is not joined to others.
const MAX_BYTES: usize = 256 << 10;

/// Joins successive frames whose keys follow each other.
#[derive(Default)]
pub(crate) struct FrameJoiner {
    parts: Vec<StoredFrame>,
    events: usize,
    bytes: usize,
}

impl FrameJoiner {
    /// Adds a frame. When it cannot be joined to those before it, these go to `to`.
    pub(crate) fn push(&mut self, stored: StoredFrame, to: &mut Vec<StoredFrame>) {
        let (events, bytes) = (stored.frame.len(), stored.frame.event_bytes());
        let is_full = self.events + events > MAX_EVENTS || self.bytes + bytes > MAX_BYTES;
        let follows = |last: &StoredFrame| {
            last.keys().range().end == stored.first_key.0
                && last.input == stored.input
                && last.frame.header() == stored.frame.header()
        };
        if is_full || !self.parts.last().is_some_and(follows) {
            self.finish(to);
        }
        self.events += events;
        self.bytes += bytes;
        self.parts.push(stored);
    }

    /// Gives the last frame to `to`.
    pub(crate) fn finish(&mut self, to: &mut Vec<StoredFrame>) {
        let Self { parts, bytes, .. } = std::mem::take(self);
        match join(&parts, bytes) {
            Some(joined) => to.push(joined),
            None => to.extend(parts),
        }
    }
}

/// One frame of several.
fn join(parts: &[StoredFrame], bytes: usize) -> Option<StoredFrame> {
    let [first, _, ..] = parts else {
        return None;
    };
    let events: usize = parts.iter().map(|part| part.frame.len()).sum();
    let mut texts = Vec::with_capacity(bytes + events);
    let mut entries = Vec::with_capacity(events);
    for part in parts {
        for event in part.frame.events() {
            if !entries.is_empty() {
                texts.push(b',');
            }
            texts.extend_from_slice(event.json);
            entries.push(FrameEntry::of(&event, texts.len()));
        }
    }
    let header = Arc::clone(first.frame.header());
    Some(StoredFrame {
        frame: Frame::from_parts(header, texts.into(), entries).ok()?,
        ..first.clone()
    })
}

#[cfg(test)]
mod tests {
    use conversions_delivery::{EventKey, UnixMillis};
    use conversions_transport::{FrameBuilder, NewEvent};

    use super::*;

    fn stored(first_key: u64, text: &str, code: Option<&str>) -> StoredFrame {
        let mut builder = FrameBuilder::new("shop".into());
        builder
            .add_new_event(&NewEvent::new("shop", text.to_owned(), 7).with_test_event_code(code));
        StoredFrame {
            first_key: EventKey(first_key),
            accepted_at: UnixMillis(5),
            input: None,
            frame: builder.finish().remove(0),
        }
    }

    #[test]
    fn frames_whose_keys_follow_each_other_become_one() {
        let long = "x".repeat(MAX_BYTES);
        let mut frames = Vec::new();
        let mut joiner = FrameJoiner::default();
        let parts = [
            stored(1, "1", None),
            stored(2, "2", None),
            stored(4, "4", None),
            stored(5, "5", Some("T")),
            stored(6, "6", Some("T")),
            stored(7, &long, Some("T")),
            stored(8, "8", Some("T")),
        ];
        for part in parts {
            joiner.push(part, &mut frames);
        }
        joiner.finish(&mut frames);
        joiner.finish(&mut frames);
        let seen: Vec<_> = frames
            .iter()
            .map(|one| {
                (
                    one.first_key.0,
                    String::from_utf8_lossy(&one.frame.json()).into_owned(),
                )
            })
            .collect();
        let expected = [(1, "1,2"), (4, "4"), (5, "5,6"), (7, &long), (8, "8")];
        assert_eq!(seen, expected.map(|(key, text)| (key, text.to_owned())));
    }
}
