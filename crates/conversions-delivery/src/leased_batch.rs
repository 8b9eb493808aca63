//! Leased events that are sent together.

use conversions_transport::{Frame, FrameEvent};

use crate::event::EventKey;
use crate::key_set::KeyRange;
use crate::leased::{LeasedEvent, LeasedFrame};

/// Leased events that are sent together: slices of frames, in order. None of them is empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct LeasedBatch {
    frames: Vec<LeasedFrame>,
    len: usize,
    bytes: usize,
}

impl LeasedBatch {
    pub(crate) fn push(&mut self, frame: LeasedFrame) {
        if frame.frame.is_empty() {
            return;
        }
        self.len += frame.frame.len();
        self.bytes += frame.frame.event_bytes();
        self.frames.push(frame);
    }

    /// Number of events.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Bytes of the events.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn frames(&self) -> &[LeasedFrame] {
        &self.frames
    }

    /// What the events are in a request.
    pub(crate) fn request_frames(&self) -> Vec<Frame> {
        self.frames.iter().map(|one| one.frame.clone()).collect()
    }

    /// The keys, as few ranges.
    pub(crate) fn keys(&self) -> Vec<KeyRange> {
        let mut ranges = Vec::with_capacity(self.frames.len());
        for frame in &self.frames {
            frame.keys().push_to(&mut ranges);
        }
        ranges
    }

    /// The keys one by one.
    #[cfg(test)]
    pub(crate) fn event_keys(&self) -> Vec<EventKey> {
        let ranges = self.frames.iter().map(LeasedFrame::keys);
        ranges.flat_map(KeyRange::keys).collect()
    }

    /// The events one by one.
    pub(crate) fn events(&self) -> impl Iterator<Item = LeasedEvent> {
        self.frames.iter().flat_map(LeasedFrame::events)
    }

    /// Takes out the events for which `leaves` holds.
    pub(crate) fn take_out(&mut self, leaves: impl Fn(&FrameEvent<'_>) -> bool) -> Self {
        let any_leaves = |one: &LeasedFrame| one.frame.events().any(|event| leaves(&event));
        if !self.frames.iter().any(any_leaves) {
            return Self::default();
        }
        let (mut out, mut stay) = (Self::default(), Self::default());
        for one in &self.frames {
            let mut start = 0;
            let decisions: Vec<bool> = one.frame.events().map(|event| leaves(&event)).collect();
            for run in decisions.chunk_by(|a, b| a == b) {
                let end = start + run.len();
                let side = if run.first() == Some(&true) {
                    &mut out
                } else {
                    &mut stay
                };
                side.push(one.slice(start..end));
                start = end;
            }
        }
        *self = stay;
        out
    }

    /// Removes the events with keys for which `is_gone` holds.
    pub(crate) fn remove_keys(&mut self, is_gone: impl Fn(EventKey) -> bool) {
        let mut stay = Self::default();
        for one in std::mem::take(self).frames {
            let decisions: Vec<bool> = one.keys().keys().map(&is_gone).collect();
            let mut start = 0;
            for run in decisions.chunk_by(|a, b| a == b) {
                let end = start + run.len();
                if run.first() == Some(&false) {
                    stay.push(one.slice(start..end));
                }
                start = end;
            }
        }
        *self = stay;
    }

    /// Splits off the events from the one at `at` on.
    pub(crate) fn split_off(&mut self, at: usize) -> Self {
        let (mut first, mut second) = (Self::default(), Self::default());
        let mut left = at;
        for frame in std::mem::take(self).frames {
            let len = frame.frame.len();
            let here = left.min(len);
            left -= here;
            match here {
                0 => second.push(frame),
                _ if here == len => first.push(frame),
                _ => {
                    first.push(frame.slice(0..here));
                    second.push(frame.slice(here..len));
                }
            }
        }
        *self = first;
        second
    }
}

#[cfg(test)]
mod tests {
    use conversions_transport::{FrameBuilder, NewEvent};

    use super::*;
    use crate::time::UnixMillis;

    /// Frames with these numbers of events, whose keys and times count on.
    fn batch(sizes: &[usize]) -> LeasedBatch {
        let mut batch = LeasedBatch::default();
        let mut next = 1_u64;
        for size in sizes {
            let mut builder = FrameBuilder::new("shop".into());
            let first_key = EventKey(next);
            for _ in 0..*size {
                let time = i64::try_from(next).unwrap();
                builder.add_new_event(&NewEvent::new("shop", next.to_string(), time));
                next += 1;
            }
            batch.push(LeasedFrame {
                first_key,
                accepted_at: UnixMillis(0),
                frame: builder.finish().remove(0),
            });
            next += 10;
        }
        batch
    }

    fn texts(batch: &LeasedBatch) -> Vec<String> {
        let texts = batch
            .events()
            .map(|event| String::from_utf8_lossy(&event.event).into_owned());
        texts.collect()
    }

    #[test]
    fn a_batch_is_split_anywhere() {
        let whole = batch(&[3, 1, 4]);
        assert_eq!(whole.keys().len(), 3);
        for at in 0..=9 {
            let mut first = whole.clone();
            let second = first.split_off(at);
            assert_eq!(first.len(), at.min(8));
            assert_eq!([texts(&first), texts(&second)].concat(), texts(&whole));
            assert_eq!(first.bytes() + second.bytes(), whole.bytes());
            assert!(
                first
                    .events()
                    .chain(second.events())
                    .all(|event| event.event == event.key.0.to_string())
            );
        }
    }

    #[test]
    fn events_are_taken_out_with_their_keys() {
        let whole = batch(&[3, 1, 4]);
        let mut stay = whole.clone();
        let out = stay.take_out(|event| event.event_time % 2 == 0);
        assert!(out.event_keys().iter().all(|key| key.0 % 2 == 0));
        assert!(stay.event_keys().iter().all(|key| key.0 % 2 == 1));
        assert_eq!(out.len() + stay.len(), whole.len());
        assert_eq!(out.bytes() + stay.bytes(), whole.bytes());
        let mut all = stay.clone();
        assert!(all.take_out(|_| false).is_empty());
        assert_eq!(texts(&all), texts(&stay));
    }
}
