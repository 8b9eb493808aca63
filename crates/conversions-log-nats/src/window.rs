//! Which `messageId`s this process has seen, and which are on their way to the broker.
//!
//! An id is remembered when the broker has its event. Until then it is claimed: another request with the same id waits,
//! since it cannot know yet whether it repeats anything.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use conversions_delivery::UnixMillis;
use conversions_delivery::dedup::{DedupKey, DedupOptions, DedupWindow};
use conversions_transport::Frame;
use tokio::sync::Notify;

#[derive(Debug)]
pub(crate) struct Window {
    state: Mutex<State>,
    released: Notify,
}

#[derive(Debug)]
struct State {
    seen: DedupWindow,
    claimed: HashSet<DedupKey>,
}

/// Ids that a request has claimed. They are free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Claims<'a> {
    window: &'a Window,
    keys: HashSet<DedupKey>,
    /// For each frame, the places of the events that are duplicates, in order.
    pub(crate) duplicates: Vec<Vec<usize>>,
}

impl Window {
    pub(crate) fn new(options: DedupOptions) -> Self {
        Self {
            state: Mutex::new(State {
                seen: DedupWindow::new(options),
                claimed: HashSet::new(),
            }),
            released: Notify::new(),
        }
    }

    /// Claims the ids of frames, all at once; waits while another request has one of them.
    pub(crate) async fn claim(&self, frames: &[Frame], now: UnixMillis) -> Claims<'_> {
        loop {
            let mut released = pin!(self.released.notified());
            // Registered before looking, so that a release in between is not missed.
            released.as_mut().enable();
            if let Some(claims) = self.try_claim(frames, now) {
                return claims;
            }
            released.await;
        }
    }

    /// Remembers the ids of a frame: the broker has its events.
    pub(crate) fn remember(&self, frame: &Frame, now: UnixMillis) {
        self.state().seen.insert_frame(frame, now);
    }

    fn try_claim(&self, frames: &[Frame], now: UnixMillis) -> Option<Claims<'_>> {
        let mut state = self.state();
        let mut keys = HashSet::new();
        if !state.seen.is_on() {
            return Some(Claims {
                window: self,
                keys,
                duplicates: vec![Vec::new(); frames.len()],
            });
        }
        let mut duplicates = Vec::with_capacity(frames.len());
        for frame in frames {
            let mut places = Vec::new();
            for (place, event) in frame.events().enumerate() {
                let Some(key) = event.dedup_key else {
                    continue;
                };
                if state.seen.contains(&key, now) {
                    places.push(place);
                } else if state.claimed.contains(&key) {
                    return None;
                } else if !keys.insert(key) {
                    places.push(place);
                }
            }
            duplicates.push(places);
        }
        state.claimed.extend(&keys);
        Some(Claims {
            window: self,
            keys,
            duplicates,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Claims<'_> {
    fn drop(&mut self) {
        let mut state = self.window.state();
        #[expect(
            clippy::iter_over_hash_type,
            reason = "the order of removal does not show"
        )]
        for key in &self.keys {
            state.claimed.remove(key);
        }
        drop(state);
        self.window.released.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use conversions_transport::{FrameBuilder, NewEvent};

    use super::*;

    fn frame(ids: &[&str]) -> Frame {
        let mut builder = FrameBuilder::new("shop".into());
        for id in ids {
            builder.add_new_event(&NewEvent::new("shop", "{}", 5).with_message_id(Some(id)));
        }
        builder.finish().remove(0)
    }

    #[tokio::test]
    async fn an_id_is_remembered_only_when_its_event_is_stored() {
        let window = Window::new(DedupOptions::default());
        let (now, one) = (UnixMillis(0), [frame(&["a", "b", "a"])]);
        let claims = window.claim(&one, now).await;
        assert_eq!(claims.duplicates, [[2]], "twice in one request");
        drop(claims);
        assert_eq!(
            window.claim(&one, now).await.duplicates,
            [[2]],
            "not stored"
        );
        window.remember(&one[0], now);
        assert_eq!(window.claim(&one, now).await.duplicates, [[0, 1, 2]]);
    }

    #[tokio::test]
    async fn a_request_waits_for_another_one_with_the_same_id() {
        let window = Window::new(DedupOptions::default());
        let (now, first, second) = (UnixMillis(0), [frame(&["a"])], [frame(&["b", "a"])]);
        let claims = window.claim(&first, now).await;
        let mut waiting = pin!(window.claim(&second, now));
        let early = tokio::time::timeout(std::time::Duration::from_millis(20), waiting.as_mut());
        assert!(early.await.is_err());
        assert!(
            window.try_claim(&[frame(&["b"])], now).is_some(),
            "nothing is held while waiting"
        );
        window.remember(&first[0], now);
        drop(claims);
        assert_eq!(waiting.await.duplicates, [[1]]);
    }
}
