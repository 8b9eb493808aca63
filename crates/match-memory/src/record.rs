//! What is kept of one id: a list of entries, in the form in which it is stored.
//!
//! An entry is a tag (1 byte), a time (6 bytes, Unix milliseconds), the length of its value (2 bytes) and the value,
//! numbers in little-endian order. Entries are sorted by tag. Everything that is known of an id is a record, and so is
//! everything that one message adds to it: records merge ([`merge`]).

mod click;
mod expire;
mod merge;
mod tags;
mod update;
mod value;

pub(crate) use click::{Click, is_derived_at};
pub(crate) use expire::{expire, is_fresh};
pub(crate) use merge::merge;
pub(crate) use tags::{Tags, push_part};
pub(crate) use update::update_in_place;
pub(crate) use value::{push_hash, read_hashes};

use crate::fingerprint::Fingerprint;

/// What an entry says. The numbers are part of the format on disk.
pub(crate) mod tag {
    use crate::field::Field;

    /// Everything older is forgotten. Time and value are empty.
    pub(crate) const RESET: u8 = 0;
    /// The time at which the id was last seen.
    pub(crate) const SEEN: u8 = 1;
    /// A click: the time at which it was first seen.
    pub(crate) const CLICK: u8 = 20;
    /// A device, or an earlier id, of this user: its fingerprint.
    pub(crate) const DEVICE: u8 = 21;
    /// A user of this device: the fingerprint.
    pub(crate) const USER: u8 = 22;
    /// More users than one device can have: the id says nothing about anybody.
    pub(crate) const CROWDED: u8 = 23;

    /// A field of which the latest value is kept.
    pub(crate) const fn of_field(field: Field) -> u8 {
        match field {
            Field::Em => 2,
            Field::Ph => 3,
            Field::Fn => 4,
            Field::Ln => 5,
            Field::Db => 6,
            Field::Ge => 7,
            Field::Ct => 8,
            Field::St => 9,
            Field::Zp => 10,
            Field::Country => 11,
            Field::ExternalId => 12,
            Field::Fbp => 13,
            Field::ClientIpAddress => 14,
            Field::ClientUserAgent => 15,
            Field::Fbc => CLICK,
        }
    }

    /// The field that a tag tells of.
    pub(crate) const fn any_field(tag: u8) -> Option<Field> {
        match tag {
            CLICK => Some(Field::Fbc),
            _ => field(tag),
        }
    }

    /// The field of which a tag tells the latest value.
    pub(crate) const fn field(tag: u8) -> Option<Field> {
        Some(match tag {
            2 => Field::Em,
            3 => Field::Ph,
            4 => Field::Fn,
            5 => Field::Ln,
            6 => Field::Db,
            7 => Field::Ge,
            8 => Field::Ct,
            9 => Field::St,
            10 => Field::Zp,
            11 => Field::Country,
            12 => Field::ExternalId,
            13 => Field::Fbp,
            14 => Field::ClientIpAddress,
            15 => Field::ClientUserAgent,
            _ => return None,
        })
    }
}

/// Clicks that are kept of one id, the latest.
pub(crate) const MAX_CLICKS: usize = 8;
/// Devices that are kept of one user, those last seen.
pub(crate) const MAX_DEVICES: usize = 4;
/// Users that one device can have. A family shares a tablet; what has more is a kiosk, a bot or a mistake.
pub(crate) const MAX_USERS: usize = 3;
/// The longest value of an entry. Longer ones are not remembered.
pub(crate) const MAX_VALUE: usize = 512;

/// Bytes in front of a value.
const HEAD: usize = 1 + TIME + 2;
const TIME: usize = 6;
/// The latest time that six bytes hold.
const MAX_TIME: u64 = (1 << 48) - 1;

/// One thing that is known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry<'a> {
    pub(crate) tag: u8,
    /// Unix milliseconds.
    pub(crate) time: u64,
    pub(crate) value: &'a [u8],
}

impl Entry<'_> {
    /// Bytes that it takes in a record.
    pub(crate) fn encoded_len(&self) -> usize {
        HEAD + self.value.len()
    }

    pub(crate) fn fingerprint(&self) -> Option<Fingerprint> {
        Fingerprint::from_slice(self.value)
    }
}

/// The entries of a record. Ends at the first byte that belongs to none.
#[derive(Clone)]
pub(crate) struct Entries<'a> {
    rest: &'a [u8],
}

/// Reads the entries of a record.
pub(crate) fn entries(record: &[u8]) -> Entries<'_> {
    Entries { rest: record }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    #[inline]
    fn next(&mut self) -> Option<Entry<'a>> {
        let ([tag, time @ .., low, high], rest) = self.rest.split_first_chunk::<HEAD>()?;
        let (value, rest) =
            rest.split_at_checked(usize::from(u16::from_le_bytes([*low, *high])))?;
        self.rest = rest;
        let mut long = [0; 8];
        long[..TIME].copy_from_slice(time);
        Some(Entry {
            tag: *tag,
            time: u64::from_le_bytes(long),
            value,
        })
    }
}

/// Appends an entry. The caller keeps the order of tags.
pub(crate) fn push(record: &mut Vec<u8>, entry: Entry<'_>) {
    let Ok(length) = u16::try_from(entry.value.len()) else {
        return;
    };
    let mut head = [entry.tag; HEAD];
    head[1..=TIME].copy_from_slice(&entry.time.min(MAX_TIME).to_le_bytes()[..TIME]);
    head[TIME + 1..].copy_from_slice(&length.to_le_bytes());
    record.extend_from_slice(&head);
    record.extend_from_slice(entry.value);
}

/// Appends an entry whose value `write` appends; nothing, if the value is empty or too long. The caller keeps the order of
/// tags.
pub(crate) fn push_with(
    record: &mut Vec<u8>,
    tag: u8,
    time: u64,
    write: impl FnOnce(&mut Vec<u8>),
) {
    let start = record.len();
    push(
        record,
        Entry {
            tag,
            time,
            value: &[],
        },
    );
    let value_at = record.len();
    write(record);
    let length = record.len() - value_at;
    match (
        u16::try_from(length),
        record.get_mut(value_at - 2..value_at),
    ) {
        (Ok(length), Some(bytes)) if (1..=MAX_VALUE).contains(&usize::from(length)) => {
            bytes.copy_from_slice(&length.to_le_bytes());
        }
        _ => record.truncate(start),
    }
}

/// The time at which the id was last seen; 0 if the record does not say.
pub(crate) fn last_seen(record: &[u8]) -> u64 {
    entries(record)
        .find(|entry| entry.tag == tag::SEEN)
        .map_or(0, |entry| entry.time)
}

/// Whether a record says anything but when its id was last seen.
pub(crate) fn says_something(record: &[u8]) -> bool {
    entries(record).any(|entry| !matches!(entry.tag, tag::RESET | tag::SEEN))
}

/// Whether a record is that of a device, or of an earlier id, of one user or of several.
pub(crate) fn is_linked(record: &[u8]) -> bool {
    entries(record).any(|entry| matches!(entry.tag, tag::USER | tag::CROWDED))
}

/// Whether everything older than this record is forgotten.
pub(crate) fn is_reset(record: &[u8]) -> bool {
    record.first() == Some(&tag::RESET)
}

/// The record that makes everything older forgotten.
pub(crate) fn reset() -> Vec<u8> {
    let mut record = Vec::with_capacity(HEAD);
    push(
        &mut record,
        Entry {
            tag: tag::RESET,
            time: 0,
            value: &[],
        },
    );
    record
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Entry, entries, push, tag};

    /// A record of these entries.
    pub(crate) fn record(list: &[(u8, u64, &[u8])]) -> Vec<u8> {
        let mut record = Vec::new();
        for (tag, time, value) in list {
            push(
                &mut record,
                Entry {
                    tag: *tag,
                    time: *time,
                    value,
                },
            );
        }
        record
    }

    #[test]
    fn entries_are_read_as_they_were_pushed() {
        let list: [(u8, u64, &[u8]); 3] = [
            (tag::SEEN, 1_764_000_000_123, b""),
            (2, 5, b"abc"),
            (tag::CLICK, 281_474_976_710_655, b"x"),
        ];
        let bytes = record(&list);
        let read: Vec<_> = entries(&bytes)
            .map(|entry| (entry.tag, entry.time, entry.value))
            .collect();
        assert_eq!(read, list);
    }

    #[test]
    fn a_cut_record_ends_before_the_cut_entry() {
        let bytes = record(&[(1, 1, b""), (2, 2, b"abc")]);
        for end in 0..bytes.len() {
            assert!(entries(&bytes[..end]).count() <= 1);
        }
    }
}
