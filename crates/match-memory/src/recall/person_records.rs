//! The records that are known of the person of an event, and how much of each may be used.

use std::ops::Range;

use arrayvec::ArrayVec;

use crate::buffer::Buffer;
use crate::fingerprint::Fingerprint;
use crate::learn::PersonKeys;
use crate::record::{MAX_DEVICES, MAX_USERS, entries, tag};
use crate::store::{Scratch, Store};

/// As many ids as one event can ask about: user, four devices, anonymous id, and the user of a device with its four.
const MAX_IDS: usize = 12;
/// As many ids as something is learned of from one event: user and anonymous id.
const MAX_LEARNED: usize = 2;

/// The records of a person's ids, the one to be asked first in front.
#[derive(Default)]
pub(crate) struct PersonRecords {
    bytes: Buffer,
    /// Ids whose records were read when something was learned of them.
    learned: ArrayVec<(Fingerprint, Range<usize>), MAX_LEARNED>,
    parts: ArrayVec<Part, MAX_IDS>,
    scratch: Scratch,
}

struct Part {
    id: Fingerprint,
    range: Range<usize>,
    is_shared: bool,
}

/// What is known of one id.
#[derive(Clone, Copy)]
pub(super) struct PersonRecord<'r> {
    pub(super) record: &'r [u8],
    /// Whether the id is a device of other people too, so that only what is the browser's may be used.
    pub(super) is_shared: bool,
}

impl PersonRecords {
    /// Adds what was learned of an id, and reads its record while it is at hand; `false` if there was no room for it.
    pub(crate) fn learn(&mut self, store: &Store, id: Fingerprint, record: &[u8]) -> bool {
        let start = self.bytes.len();
        if !store.learn_and_look_up(id, record, &mut self.scratch, &mut self.bytes) {
            return false;
        }
        // If there is no place, it is read again.
        let _ = self.learned.try_push((id, start..self.bytes.len()));
        true
    }

    /// Reads those that were not read yet.
    pub(super) fn read(mut self, store: &Store, keys: &PersonKeys<'_>) -> Self {
        let records = &mut self;
        let mut user = keys.user;
        if let (None, Some(anonymous)) = (user, keys.anonymous) {
            // A device with one user is that user's.
            let part = records.add(store, anonymous);
            let links = Links::of(records.record(&part));
            user = links.only_user();
            let is_shared = user.is_none() && !links.users.is_empty();
            records.parts.push(Part { is_shared, ..part });
        }
        let Some(user) = user else { return self };
        let own = records.ask(store, user, user).unwrap_or_default();
        let own = records.bytes.get(own).unwrap_or_default();
        let links = Links::of(own);
        // The user has another id since an Alias call.
        let later_id = links.only_user();
        if keys.user.is_none() {
            // The user id is asked first.
            records.parts.reverse();
        }
        let devices = links.devices.into_iter();
        for id in later_id.into_iter().chain(devices).chain(keys.anonymous) {
            records.ask(store, id, user);
        }
        self
    }

    /// Each record, the one to be asked first in front.
    pub(super) fn iter(&self) -> impl Iterator<Item = PersonRecord<'_>> + Clone {
        self.parts.iter().map(|part| PersonRecord {
            record: self.record(part),
            is_shared: part.is_shared,
        })
    }

    fn record(&self, part: &Part) -> &[u8] {
        self.bytes.get(part.range.clone()).unwrap_or_default()
    }

    /// Reads the record of an id, unless that was done; says where it is.
    fn ask(&mut self, store: &Store, id: Fingerprint, user: Fingerprint) -> Option<Range<usize>> {
        if self.parts.is_full() || self.parts.iter().any(|part| part.id == id) {
            return None;
        }
        let part = self.add(store, id);
        // An id that is the user itself is never shared, even if another user names it as an earlier id.
        let is_shared = id != user && {
            let links = Links::of(self.record(&part));
            links.users.iter().any(|other| *other != user)
        };
        let range = part.range.clone();
        self.parts.push(Part { is_shared, ..part });
        Some(range)
    }

    fn add(&mut self, store: &Store, id: Fingerprint) -> Part {
        let learned = self.learned.iter().find(|(learned, _)| *learned == id);
        let range = learned.map_or_else(
            || {
                let start = self.bytes.len();
                store.look_up(id, &mut self.scratch, &mut self.bytes);
                start..self.bytes.len()
            },
            |(_, range)| range.clone(),
        );
        Part {
            id,
            range,
            is_shared: false,
        }
    }
}

/// The ids that a record names.
struct Links {
    /// Users of a device, in no order.
    users: ArrayVec<Fingerprint, MAX_USERS>,
    /// Devices, and earlier ids, of a user; those last seen first.
    devices: ArrayVec<Fingerprint, MAX_DEVICES>,
}

impl Links {
    fn of(record: &[u8]) -> Self {
        let mut links = Self {
            users: ArrayVec::new(),
            devices: ArrayVec::new(),
        };
        for entry in entries(record) {
            // A record holds no more of them than there is room.
            let _ = match (entry.tag, entry.fingerprint()) {
                (tag::USER, Some(user)) => links.users.try_push(user),
                (tag::DEVICE, Some(device)) => links.devices.try_push(device),
                _ => Ok(()),
            };
        }
        links
    }

    /// The user of a device that has one only.
    fn only_user(&self) -> Option<Fingerprint> {
        match *self.users {
            [user] => Some(user),
            _ => None,
        }
    }
}
