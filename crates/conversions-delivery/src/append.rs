//! Groups of events that are appended together, and what became of each event.

use bytes::Bytes;
use conversions_transport::{Frame, FrameBuilder, NewEvent};

use crate::event::EventKey;

/// Events that are appended together: all of them or none, and durable together.
#[derive(Clone, Debug, Default)]
pub struct AppendGroup {
    /// The events, in order; several destinations may mix.
    pub frames: Vec<Frame>,
    /// How far an input has been read when these events are in, if it is to be resumed.
    pub offset: Option<InputOffset>,
}

impl AppendGroup {
    /// A group without an input offset.
    #[must_use]
    pub fn new(frames: Vec<Frame>) -> Self {
        Self {
            frames,
            offset: None,
        }
    }

    /// Number of all events together.
    #[must_use]
    pub fn event_count(&self) -> usize {
        self.frames.iter().map(Frame::len).sum()
    }

    /// Bytes of all events together.
    #[must_use]
    pub fn event_bytes(&self) -> u64 {
        self.frames
            .iter()
            .map(|frame| u64::try_from(frame.event_bytes()).unwrap_or(u64::MAX))
            .fold(0, u64::saturating_add)
    }
}

impl From<Vec<Frame>> for AppendGroup {
    fn from(frames: Vec<Frame>) -> Self {
        Self::new(frames)
    }
}

/// Copies single events into frames. Successive events of one destination, source and test code share one.
impl From<Vec<NewEvent>> for AppendGroup {
    fn from(events: Vec<NewEvent>) -> Self {
        let same_frame =
            |a: &NewEvent, b: &NewEvent| a.destination == b.destination && a.source == b.source;
        let frames = events.chunk_by(same_frame).flat_map(|events| {
            let Some(first) = events.first() else {
                return Vec::new();
            };
            let mut builder = FrameBuilder::new(first.destination.clone());
            if let Some(source) = &first.source {
                builder = builder.with_source(source.clone());
            }
            for event in events {
                builder.add_new_event(event);
            }
            builder.finish()
        });
        Self::new(frames.collect())
    }
}

/// How far an input has been read. The log keeps it in the same step as the events, so an interrupted run resumes
/// behind it, and appends nothing twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputOffset {
    /// What identifies the input, for instance a digest of its content.
    pub input: InputId,
    /// The last line that is dealt with, counted from 1: appended, skipped or rejected.
    pub line: u64,
    /// What the reader needs to go on, for instance its counts so far. Returned as it is.
    pub note: Bytes,
}

/// What identifies an input across runs: a digest of 128 bits or more, cut to 128.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InputId(pub [u8; 16]);

/// What became of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    /// For each frame of the group, in order; for several pieces of one where the log has cut it.
    pub frames: Vec<AppendedFrame>,
}

/// What became of a frame, or of a piece of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppendedFrame {
    /// The key of its first event. The others have the keys that follow, also those that are duplicates.
    pub first_key: EventKey,
    /// Number of its events, duplicates too.
    pub events: usize,
    /// Which of its events are duplicates and not in the log: their places in the frame, in order.
    pub duplicates: Vec<usize>,
}

impl AppendedFrame {
    /// How many of its events are in the log.
    #[must_use]
    pub fn stored(&self) -> usize {
        self.events.saturating_sub(self.duplicates.len())
    }

    /// What became of each event, in order.
    pub fn outcomes(&self) -> impl Iterator<Item = AppendOutcome> {
        let mut duplicates = self.duplicates.iter().copied().peekable();
        (0..self.events)
            .zip(self.first_key.0..)
            .map(move |(index, key)| {
                if duplicates.next_if_eq(&index).is_some() {
                    AppendOutcome::Duplicate
                } else {
                    AppendOutcome::Stored(EventKey(key))
                }
            })
    }
}

impl Appended {
    /// What became of each event of the group, in order.
    pub fn outcomes(&self) -> impl Iterator<Item = AppendOutcome> {
        self.frames.iter().flat_map(AppendedFrame::outcomes)
    }

    /// How many events are in the log.
    #[must_use]
    pub fn stored(&self) -> usize {
        self.frames.iter().map(AppendedFrame::stored).sum()
    }

    /// How many were duplicates.
    #[must_use]
    pub fn duplicates(&self) -> usize {
        self.frames.iter().map(|frame| frame.duplicates.len()).sum()
    }
}

/// What became of one event of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppendOutcome {
    /// It is in the log.
    Stored(EventKey),
    /// Its `messageId` was there already for its destination, within the window.
    Duplicate,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_stand_in_the_order_of_the_events() {
        use AppendOutcome::{Duplicate, Stored};
        let frame = |first_key, events, duplicates| AppendedFrame {
            first_key: EventKey(first_key),
            events,
            duplicates,
        };
        let appended = Appended {
            frames: vec![frame(7, 4, vec![0, 2]), frame(11, 1, vec![])],
        };
        let stored = |key| Stored(EventKey(key));
        let expected = [Duplicate, stored(8), Duplicate, stored(10), stored(11)];
        assert!(appended.outcomes().eq(expected));
        assert_eq!((appended.stored(), appended.duplicates()), (3, 2));
    }

    #[test]
    fn single_events_become_frames_in_their_order() {
        let event = |to: &str, id: &str| NewEvent::new(to, id.to_owned(), 0);
        let events = vec![
            event("shop", "1"),
            event("shop", "2"),
            event("ads", "3"),
            event("shop", "4").with_test_event_code(Some("T")),
            event("shop", "5").with_source("web".into()),
        ];
        let group = AppendGroup::from(events);
        let texts: Vec<_> = group
            .frames
            .iter()
            .map(|frame| (&**frame.destination(), frame.json()))
            .collect();
        let expected = [("shop", "1,2"), ("ads", "3"), ("shop", "4"), ("shop", "5")];
        assert_eq!(texts, expected.map(|(to, json)| (to, json.into())));
        assert_eq!((group.event_count(), group.event_bytes()), (5, 5));
    }
}
