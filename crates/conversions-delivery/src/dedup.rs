//! The window in which a repeated `messageId` is a duplicate. Every log has one; most programs only set its
//! [options](DedupOptions).

use std::collections::VecDeque;
use std::collections::hash_map::{Entry, HashMap};
use std::time::Duration;

pub use conversions_transport::DedupKey;
use conversions_transport::Frame;

use crate::time::UnixMillis;

/// How long, and how many, `messageId`s are remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DedupOptions {
    /// A repetition within this time is a duplicate. Zero turns the search for duplicates off.
    pub window: Duration,
    /// At most this many ids are remembered, the latest; about 40 bytes of memory each.
    pub entries: usize,
}

impl Default for DedupOptions {
    /// 48 hours and 450,000 ids. Meta de-duplicates within 48 hours too, but only a browser's event against a server's:
    /// it does not recognise two server events with the same `event_id`, so this window is what keeps a repeated
    /// message from being counted twice.
    fn default() -> Self {
        Self {
            window: Duration::from_hours(48),
            entries: 450_000,
        }
    }
}

impl DedupOptions {
    /// Whether what was seen then (Unix seconds) is still within the window.
    fn is_fresh(&self, seen_at: u32, now: UnixMillis) -> bool {
        let age = seconds(now).saturating_sub(seen_at);
        u64::from(age) <= self.window.as_secs()
    }
}

/// The ids that are remembered, oldest first.
#[derive(Debug)]
pub struct DedupWindow {
    options: DedupOptions,
    /// When each id was seen, Unix seconds. The digests are spread evenly already; the hasher is seeded at random, so
    /// that senders, who choose the ids, cannot choose some whose digests meet in one place of the table.
    seen: HashMap<DedupKey, u32, foldhash::fast::RandomState>,
    /// The same in the order of sight. An id that came back after its window may stand here twice for a while.
    order: VecDeque<(DedupKey, u32)>,
}

impl DedupWindow {
    /// An empty window.
    #[must_use]
    pub fn new(options: DedupOptions) -> Self {
        Self {
            options,
            seen: HashMap::default(),
            order: VecDeque::new(),
        }
    }

    /// Whether anything is remembered at all.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.options.entries > 0 && !self.options.window.is_zero()
    }

    /// Whether this id was seen within the window. A time of sight that lies ahead, because the clock was set back,
    /// counts as within.
    #[must_use]
    pub fn contains(&self, key: &DedupKey, now: UnixMillis) -> bool {
        self.seen
            .get(key)
            .is_some_and(|seen_at| self.options.is_fresh(*seen_at, now))
    }

    /// Remembers an id; returns how many of the oldest were forgotten for it.
    pub fn insert(&mut self, key: DedupKey, now: UnixMillis) -> usize {
        if !self.is_on() {
            return 0;
        }
        // First, so that an id that has left the window is there once.
        let forgotten = self.forget(now);
        self.seen.insert(key, seconds(now));
        self.order.push_back((key, seconds(now)));
        forgotten + self.forget(now)
    }

    /// Remembers the ids of a frame. Returns the places of the events whose ids were remembered already, in order.
    pub fn insert_frame(&mut self, frame: &Frame, now: UnixMillis) -> Vec<usize> {
        let mut duplicates = Vec::new();
        if !self.is_on() {
            return duplicates;
        }
        let seen_at = seconds(now);
        for (index, event) in frame.events().enumerate() {
            let Some(key) = event.dedup_key else {
                continue;
            };
            // One look-up an event: in a table of this size each of them waits for memory.
            match self.seen.entry(key) {
                Entry::Occupied(seen) if self.options.is_fresh(*seen.get(), now) => {
                    duplicates.push(index);
                    continue;
                }
                Entry::Occupied(mut seen) => {
                    seen.insert(seen_at);
                }
                Entry::Vacant(unseen) => {
                    unseen.insert(seen_at);
                }
            }
            self.order.push_back((key, seen_at));
            self.forget(now);
        }
        duplicates
    }

    /// How many ids are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether no id is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Forgets what is over the bound or has left the window.
    fn forget(&mut self, now: UnixMillis) -> usize {
        let mut forgotten = 0;
        while let Some((key, seen_at)) = self.order.front().copied() {
            if self.order.len() <= self.options.entries && self.options.is_fresh(seen_at, now) {
                break;
            }
            if let Entry::Occupied(seen) = self.seen.entry(key)
                && *seen.get() == seen_at
            {
                seen.remove();
            }
            self.order.pop_front();
            forgotten += 1;
        }
        forgotten
    }
}

fn seconds(time: UnixMillis) -> u32 {
    u32::try_from(time.seconds().max(0)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use conversions_transport::{FrameBuilder, NewEvent};

    use super::*;

    const HOUR: i64 = 3600;

    fn at(seconds: i64) -> UnixMillis {
        UnixMillis::from_seconds(1_767_225_600 + seconds)
    }

    #[test]
    fn an_id_is_remembered_for_the_window_and_no_longer() {
        let mut window = DedupWindow::new(DedupOptions::default());
        let key = DedupKey::new("shop", "m-1");
        assert!(!window.contains(&key, at(0)));
        window.insert(key, at(0));
        assert!(window.contains(&key, at(48 * HOUR)));
        assert!(!window.contains(&key, at(48 * HOUR + 1)));
        assert!(
            window.contains(&key, at(-24 * HOUR)),
            "the clock was set back"
        );
    }

    #[test]
    fn the_oldest_make_room() {
        let mut window = DedupWindow::new(DedupOptions {
            entries: 3,
            ..DedupOptions::default()
        });
        let keys = ["a", "b", "c", "d", "e"].map(|id| DedupKey::new("shop", id));
        let forgotten: Vec<usize> = keys.iter().map(|key| window.insert(*key, at(0))).collect();
        assert_eq!(forgotten, [0, 0, 0, 1, 1]);
        assert_eq!(window.len(), 3);
        assert_eq!(
            keys.map(|key| window.contains(&key, at(1))),
            [false, false, true, true, true]
        );
    }

    #[test]
    fn an_id_that_came_back_after_its_window_is_remembered_anew() {
        let mut window = DedupWindow::new(DedupOptions::default());
        let (old, other) = (DedupKey::new("shop", "a"), DedupKey::new("shop", "b"));
        window.insert(old, at(0));
        window.insert(old, at(49 * HOUR));
        assert_eq!(window.len(), 1, "the first sight has left the window");
        window.insert(other, at(50 * HOUR));
        assert!(window.contains(&old, at(60 * HOUR)));
    }

    #[test]
    fn a_frame_is_treated_as_its_events_one_by_one() {
        let mut random = fastrand::Rng::with_seed(11);
        let options = DedupOptions {
            window: Duration::from_secs(20),
            entries: 12,
        };
        let (mut frames, mut singles) = (DedupWindow::new(options), DedupWindow::new(options));
        let mut now = 0;
        for step in 0..3000 {
            now += random.i64(0..8);
            let ids: Vec<_> = (0..random.usize(..6)).map(|_| random.u8(..24)).collect();
            let mut builder = FrameBuilder::new("shop".into());
            for id in &ids {
                let event = NewEvent::new("shop", "{}", 0);
                builder.add_new_event(&event.with_message_id(Some(&id.to_string())));
            }
            let mut expected = Vec::new();
            for (place, id) in ids.iter().enumerate() {
                let key = DedupKey::new("shop", &id.to_string());
                if singles.contains(&key, at(now)) {
                    expected.push(place);
                } else {
                    singles.insert(key, at(now));
                }
            }
            let built = builder.finish();
            let found = built
                .first()
                .map(|frame| frames.insert_frame(frame, at(now)));
            assert_eq!(found.unwrap_or_default(), expected, "step {step}");
        }
    }
}
