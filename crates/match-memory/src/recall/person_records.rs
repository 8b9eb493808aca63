//! The records that are known of the person of an event, and how much of each may be used.

use std::ops::Range;

use arrayvec::ArrayVec;

use crate::fingerprint::Fingerprint;
use crate::learn::PersonKeys;
use crate::record::{Entry, entries, tag};
use crate::store::Store;

/// As many ids as one event can ask about: user, four devices, anonymous id, and the user of a device with its four.
const MAX_IDS: usize = 12;

/// The records of a person's ids, the one to be asked first in front.
pub(super) struct PersonRecords {
    bytes: Vec<u8>,
    parts: ArrayVec<Part, MAX_IDS>,
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
    /// Reads them.
    pub(super) fn read(store: &Store, keys: &PersonKeys<'_>) -> Self {
        let mut records = Self {
            bytes: Vec::with_capacity(2048),
            parts: ArrayVec::new(),
        };
        let mut user = keys.user;
        if let (None, Some(anonymous)) = (user, keys.anonymous) {
            // A device with one user is that user's.
            let part = records.add(store, anonymous);
            let record = records.record(&part);
            user = only_user(record);
            let is_shared = user.is_none() && has_users(record);
            records.parts.push(Part { is_shared, ..part });
        }
        let Some(user) = user else { return records };
        let own = records.ask(store, user, user).unwrap_or_default();
        let own = records.bytes.get(own).unwrap_or_default();
        // The user has another id since an Alias call.
        let later_id = only_user(own);
        let devices: ArrayVec<_, 8> = devices(own).take(8).collect();
        if keys.user.is_none() {
            // The user id is asked first.
            records.parts.reverse();
        }
        for id in later_id.into_iter().chain(devices).chain(keys.anonymous) {
            records.ask(store, id, user);
        }
        records
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
        let is_others =
            |entry: Entry<'_>| entry.tag == tag::USER && entry.fingerprint() != Some(user);
        // An id that is the user itself is never shared, even if another user names it as an earlier id.
        let is_shared = id != user && entries(self.record(&part)).any(is_others);
        let range = part.range.clone();
        self.parts.push(Part { is_shared, ..part });
        Some(range)
    }

    fn add(&mut self, store: &Store, id: Fingerprint) -> Part {
        let start = self.bytes.len();
        store.look_up(id, &mut self.bytes);
        Part {
            id,
            range: start..self.bytes.len(),
            is_shared: false,
        }
    }
}

fn has_users(record: &[u8]) -> bool {
    entries(record).any(|entry| entry.tag == tag::USER)
}

/// The user of a device that has one only.
fn only_user(record: &[u8]) -> Option<Fingerprint> {
    let mut users = entries(record).filter(|entry| entry.tag == tag::USER);
    let first = users.next()?;
    if users.next().is_some() {
        return None;
    }
    first.fingerprint()
}

/// The devices, and earlier ids, of a user; those last seen first.
fn devices(record: &[u8]) -> impl Iterator<Item = Fingerprint> {
    let devices = entries(record).filter(|entry| entry.tag == tag::DEVICE);
    devices.filter_map(|entry| entry.fingerprint())
}
