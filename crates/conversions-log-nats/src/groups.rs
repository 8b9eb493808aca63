//! Small requests that come at the same time share a message, which costs the broker little more than one with a single event.
//!
//! A request goes out at once while few messages are on their way. The others wait for each other until one of those is
//! confirmed, as requests wait for the journal of a disk. Whoever waits gets the answer of the shared message.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{BufMut as _, BytesMut};
use conversions_delivery::UnixMillis;
use conversions_transport::{Frame, FrameEntry, FrameHeader, NotAFrame};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::message::{MAX_BYTES, MAX_EVENTS};
use crate::publish::{Confirmed, Refused};

/// More events than these have a message of their own: sharing would save little.
const SMALL: usize = 16;
/// So many messages of a kind are on their way before requests wait for each other.
const ON_THE_WAY: usize = 2;

/// What is collected, for each kind of event: its destination, its source, its test code.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    kinds: Mutex<HashMap<Arc<FrameHeader>, Kind>>,
}

#[derive(Debug, Default)]
struct Kind {
    waiting: Group,
    on_the_way: usize,
}

/// Requests that share a message.
#[derive(Debug, Default)]
pub(crate) struct Group {
    pub(crate) members: Vec<Member>,
    events: usize,
    bytes: usize,
}

/// A request with events of one kind.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) piece: Frame,
    pub(crate) now: UnixMillis,
    pub(crate) since: Instant,
    pub(crate) answer: oneshot::Sender<Answer>,
}

/// What became of the message, and which place in it the first event of the request has.
pub(crate) type Answer = Result<(Confirmed, u64), Refused>;

/// Whether a piece of a frame may share a message. What is sent again keeps its own: it stands under the key that it had.
pub(crate) fn may_share(piece: &Frame) -> bool {
    piece.len() <= SMALL && piece.header().replay_of.is_none()
}

/// One frame with the events of all pieces, which are of one kind.
pub(crate) fn joined<'a>(
    pieces: impl Iterator<Item = &'a Frame> + Clone,
) -> Result<Frame, NotAFrame> {
    let Some(first) = pieces.clone().next() else {
        return Err(NotAFrame);
    };
    let bytes = pieces
        .clone()
        .map(|piece| piece.event_bytes() + piece.len());
    let mut json = BytesMut::with_capacity(bytes.sum());
    let mut entries: Vec<FrameEntry> = Vec::with_capacity(pieces.clone().map(Frame::len).sum());
    for event in pieces.flat_map(Frame::events) {
        if !entries.is_empty() {
            json.put_u8(b',');
        }
        json.put_slice(event.json);
        entries.push(FrameEntry::of(&event, json.len()));
    }
    Frame::from_parts(Arc::clone(first.header()), json.freeze(), entries)
}

impl Groups {
    /// Adds a request. Returns a group that is to be published now: its own, or the one in front of it, which is full.
    pub(crate) fn join(&self, member: Member) -> Option<Group> {
        let mut kinds = self.lock();
        let kind = kinds.entry(Arc::clone(member.piece.header())).or_default();
        let full = (!kind.waiting.has_room(&member.piece)).then(|| kind.take());
        kind.waiting.add(member);
        if full.is_some() || kind.on_the_way >= ON_THE_WAY {
            return full;
        }
        Some(kind.take())
    }

    /// A message is confirmed or given up. Returns what has waited for that.
    pub(crate) fn done(&self, header: &FrameHeader) -> Option<Group> {
        let mut kinds = self.lock();
        let kind = kinds.get_mut(header)?;
        kind.on_the_way -= 1;
        if kind.waiting.members.is_empty() {
            if kind.on_the_way == 0 {
                kinds.remove(header);
            }
            return None;
        }
        (kind.on_the_way < ON_THE_WAY).then(|| kind.take())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<FrameHeader>, Kind>> {
        self.kinds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kind {
    fn take(&mut self) -> Group {
        self.on_the_way += 1;
        std::mem::take(&mut self.waiting)
    }
}

impl Group {
    fn has_room(&self, piece: &Frame) -> bool {
        self.members.is_empty()
            || (self.events + piece.len() <= MAX_EVENTS
                && self.bytes + piece.event_bytes() <= MAX_BYTES)
    }

    fn add(&mut self, member: Member) {
        self.events += member.piece.len();
        self.bytes += member.piece.event_bytes();
        self.members.push(member);
    }
}

#[cfg(test)]
mod tests {
    use conversions_transport::{FrameBuilder, NewEvent};

    use super::*;

    fn piece(ids: &[&str], bytes: usize) -> Frame {
        let mut builder = FrameBuilder::new("shop".into());
        for id in ids {
            let json = format!(r#"{{"event_id":"{id}","x":"{}"}}"#, "x".repeat(bytes));
            builder.add_new_event(&NewEvent::new("shop", json, 5).with_message_id(Some(id)));
        }
        builder.finish().remove(0)
    }

    fn member(piece: Frame) -> (Member, oneshot::Receiver<Answer>) {
        let (answer, answered) = oneshot::channel();
        let member = Member {
            piece,
            now: UnixMillis(0),
            since: Instant::now(),
            answer,
        };
        (member, answered)
    }

    /// How many requests are to be published now, after one with an event of so many bytes.
    fn joining(groups: &Groups, bytes: usize) -> Option<usize> {
        let (member, _) = member(piece(&["a"], bytes));
        groups.join(member).map(|group| group.members.len())
    }

    #[test]
    fn requests_wait_for_each_other_while_messages_are_on_their_way() {
        let (groups, kind) = (Groups::default(), piece(&["a"], 0));
        let done = || groups.done(kind.header()).map(|group| group.members.len());
        assert_eq!(
            (joining(&groups, 0), joining(&groups, 0)),
            (Some(1), Some(1))
        );
        for _ in 0..3 {
            assert_eq!(joining(&groups, 0), None);
        }
        assert_eq!(done(), Some(3), "they take the way that is free");
        assert_eq!(joining(&groups, 0), None);
        assert_eq!((done(), done(), done()), (Some(1), None, None));
        assert!(groups.lock().is_empty(), "a kind that rests is forgotten");
    }

    #[test]
    fn a_full_group_goes_at_once() {
        let groups = Groups::default();
        for _ in 0..ON_THE_WAY {
            assert_eq!(joining(&groups, 0), Some(1));
        }
        for _ in 0..MAX_EVENTS {
            assert_eq!(joining(&groups, 0), None);
        }
        assert_eq!(joining(&groups, 0), Some(MAX_EVENTS));
        assert_eq!(joining(&groups, MAX_BYTES), Some(1), "so many bytes too");
    }

    #[test]
    fn a_shared_frame_has_the_events_of_all_in_order() {
        let pieces = [piece(&["a", "b"], 3), piece(&["c"], 0)];
        let whole = joined(pieces.iter()).expect("a frame");
        let of_pieces = pieces.iter().flat_map(Frame::events);
        assert!(whole.events().eq(of_pieces));
        assert_eq!(whole.header(), pieces[0].header());
        assert!(joined([].iter()).is_err());
    }
}
