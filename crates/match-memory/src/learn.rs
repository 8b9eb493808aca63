//! What one message adds: a record for each id that it names.

use std::ops::Range;

use arrayvec::ArrayVec;
use facebook_conversions::{ExternalId, HashedValue, UserData};

use crate::buffer::Buffer;
use crate::field::{Field, Fields, present};
use crate::fingerprint::{Fingerprint, IdKind, Key};
use crate::person_ids::{PersonIds, usable};
use crate::record::{Click, Entry, entries, push, push_hash, push_with, tag};

/// Hashes of one field that are kept.
const MAX_HASHES: usize = 4;

/// The ids of a message as fingerprints.
#[derive(Clone, Copy, Default)]
pub(crate) struct PersonKeys<'a> {
    pub(crate) user: Option<Fingerprint>,
    pub(crate) anonymous: Option<Fingerprint>,
    /// The id before an Alias call, which may be of either kind.
    pub(crate) previous: Option<[Fingerprint; 2]>,
    /// The anonymous id as it is sent; none without a user to whom it belongs.
    pub(crate) anonymous_external_id: Option<&'a ExternalId<'a>>,
    /// How many ids are placeholders.
    pub(crate) placeholders: u8,
}

impl<'a> PersonKeys<'a> {
    pub(crate) fn of(ids: &PersonIds<'a>, scope: &str, key: &Key) -> Self {
        let mut placeholders = 0;
        let user = count_placeholder(ids.user, &mut placeholders);
        let anonymous = count_placeholder(ids.anonymous, &mut placeholders);
        // Without a user id the earlier id belongs to no user.
        let previous = count_placeholder(ids.previous, &mut placeholders)
            .filter(|previous| user.is_some_and(|user| user != *previous));
        let of = |kind, id: &str| key.fingerprint(scope, kind, id);
        Self {
            user: user.map(|id| of(IdKind::User, id)),
            anonymous: anonymous.map(|id| of(IdKind::Anonymous, id)),
            previous: previous.map(|id| [of(IdKind::Anonymous, id), of(IdKind::User, id)]),
            anonymous_external_id: ids
                .anonymous_external_id
                .filter(|_| user.is_some() && anonymous.is_some()),
            placeholders,
        }
    }
}

fn count_placeholder<'a>(id: Option<&'a str>, placeholders: &mut u8) -> Option<&'a str> {
    let usable = usable(id);
    *placeholders += u8::from(id.is_some() && usable.is_none());
    usable
}

/// The records that a message adds, at most one for each of its ids.
#[derive(Default)]
pub(crate) struct Records {
    bytes: Buffer,
    parts: ArrayVec<(Fingerprint, Range<usize>), 4>,
}

impl Records {
    /// Each id and its record.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Fingerprint, &[u8])> {
        let record = |part: &Range<usize>| self.bytes.get(part.clone()).unwrap_or_default();
        self.parts.iter().map(move |(id, part)| (*id, record(part)))
    }

    /// Adds the record that `write` appends.
    fn add(&mut self, id: Fingerprint, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.bytes.len();
        write(&mut self.bytes);
        let _ = self.parts.try_push((id, start..self.bytes.len()));
    }
}

/// Forms the records.
///
/// What is the person's own is written to the user, if there is one, else to the anonymous id. What is the browser's is
/// written to both: one look-up finds it, and a device with too many users takes it from none of them.
pub(crate) fn observe(
    keys: &PersonKeys<'_>,
    time: u64,
    user_data: &UserData<'_>,
    remember: Fields,
) -> Records {
    let mut records = Records::default();
    let hashed_anonymous = match keys.anonymous_external_id {
        Some(ExternalId::Hashed(hash)) => Some(hash),
        _ => None,
    };
    let mut said = present(user_data);
    said.insert_if(Field::ExternalId, hashed_anonymous.is_some());
    let said = said.intersection(remember);
    let write_all = |record: &mut Vec<u8>| {
        write_seen(record, time);
        for field in &BY_TAG {
            if said.contains(*field) {
                write_field(record, user_data, hashed_anonymous, *field, time);
            }
        }
    };
    if let Some(user) = keys.user {
        records.add(user, |record| {
            write_all(record);
            for device in keys.anonymous.iter().chain(keys.previous.iter().flatten()) {
                write_link(record, tag::DEVICE, time, *device);
            }
        });
    }
    match (keys.anonymous, keys.user) {
        (Some(anonymous), None) => records.add(anonymous, write_all),
        (Some(anonymous), Some(user)) => {
            let of_user = records.bytes.len();
            records.add(anonymous, |record| {
                write_seen(record, time);
                copy_browser(record, of_user);
                write_link(record, tag::USER, time, user);
            });
        }
        (None, _) => {}
    }
    if let (Some(user), Some(previous)) = (keys.user, keys.previous) {
        for earlier in previous {
            records.add(earlier, |record| {
                write_seen(record, time);
                write_link(record, tag::USER, time, user);
            });
        }
    }
    records
}

fn write_seen(record: &mut Vec<u8>, time: u64) {
    push(
        record,
        Entry {
            tag: tag::SEEN,
            time,
            value: &[],
        },
    );
}

fn write_link(record: &mut Vec<u8>, tag: u8, time: u64, to: Fingerprint) {
    push(
        record,
        Entry {
            tag,
            time,
            value: &to.to_bytes(),
        },
    );
}

/// Repeats what is the browser's out of the first `of_user` bytes, which are the user's record.
fn copy_browser(bytes: &mut Vec<u8>, of_user: usize) {
    let mut copied = ArrayVec::<Range<usize>, 4>::new();
    let mut at = 0;
    for entry in entries(bytes.get(..of_user).unwrap_or_default()) {
        let length = entry.encoded_len();
        let is_browser = tag::any_field(entry.tag)
            .is_some_and(|field| Fields::BROWSER.union(Fields::CLIENT).contains(field));
        if is_browser {
            let _ = copied.try_push(at..at + length);
        }
        at += length;
    }
    for part in copied {
        bytes.extend_from_within(part);
    }
}

/// The fields in the order of their tags.
const BY_TAG: [Field; 15] = [
    Field::Em,
    Field::Ph,
    Field::Fn,
    Field::Ln,
    Field::Db,
    Field::Ge,
    Field::Ct,
    Field::St,
    Field::Zp,
    Field::Country,
    Field::ExternalId,
    Field::Fbp,
    Field::ClientIpAddress,
    Field::ClientUserAgent,
    Field::Fbc,
];

/// Appends a field, if the message has it.
fn write_field(
    record: &mut Vec<u8>,
    user_data: &UserData<'_>,
    hashed_anonymous: Option<&HashedValue>,
    field: Field,
    time: u64,
) {
    let tag = tag::of_field(field);
    let text = match field {
        Field::Fbp => &user_data.fbp,
        Field::ClientIpAddress => &user_data.client_ip_address,
        Field::ClientUserAgent => &user_data.client_user_agent,
        Field::Fbc => {
            let fbc = user_data.fbc.as_deref();
            if let Some((click, first_seen)) = fbc.and_then(|fbc| Click::of_fbc(fbc, time)) {
                push_with(record, tag, first_seen, |value| click.write(value));
            }
            return;
        }
        _ => {
            let hashes = match field {
                Field::ExternalId => hashed_anonymous.map_or(&[][..], std::slice::from_ref),
                _ => hashes(user_data, field),
            };
            if !hashes.is_empty() {
                push_with(record, tag, time, |value| {
                    for hash in hashes.iter().take(MAX_HASHES) {
                        push_hash(value, hash);
                    }
                });
            }
            return;
        }
    };
    if let Some(text) = text {
        push_with(record, tag, time, |value| {
            value.extend_from_slice(text.as_bytes());
        });
    }
}

/// The hashes of a field of the person's own; none of a field that holds none.
fn hashes<'a>(user_data: &'a UserData<'_>, field: Field) -> &'a [HashedValue] {
    let values = match field {
        Field::Em => &user_data.em,
        Field::Ph => &user_data.ph,
        Field::Fn => &user_data.r#fn,
        Field::Ln => &user_data.ln,
        Field::Db => &user_data.db,
        Field::Ge => &user_data.ge,
        Field::Ct => &user_data.ct,
        Field::St => &user_data.st,
        Field::Zp => &user_data.zp,
        Field::Country => &user_data.country,
        _ => return &[],
    };
    values.as_slice()
}

#[cfg(test)]
mod tests {
    use super::{BY_TAG, PersonKeys, observe};
    use crate::field::Fields;
    use crate::fingerprint::Key;
    use crate::person_ids::PersonIds;
    use crate::record::{entries, tag};

    fn keys(ids: PersonIds<'_>) -> PersonKeys<'_> {
        PersonKeys::of(&ids, "", &Key::new([7; 32]))
    }

    #[test]
    fn fields_stand_in_the_order_of_their_tags() {
        assert!(BY_TAG.map(tag::of_field).is_sorted());
        for field in BY_TAG {
            let back = tag::field(tag::of_field(field));
            assert_eq!(back, (field != super::Field::Fbc).then_some(field));
        }
    }

    #[test]
    fn contact_data_goes_to_the_user_and_the_browser_to_both() {
        let keys = keys(PersonIds {
            user: Some("u1"),
            anonymous: Some("a1"),
            ..PersonIds::default()
        });
        let user_data = facebook_conversions::UserData {
            em: facebook_conversions::HashedValue::hash("x")
                .into_iter()
                .collect(),
            fbp: Some("fb.1.1764000000000.7".into()),
            ..Default::default()
        };
        let records = observe(&keys, 1_764_000_000_000, &user_data, Fields::DEFAULT);
        let tags: Vec<Vec<u8>> = records
            .iter()
            .map(|(_, record)| entries(record).map(|entry| entry.tag).collect())
            .collect();
        assert_eq!(
            tags,
            [
                vec![tag::SEEN, 2, 13, tag::DEVICE],
                vec![tag::SEEN, 13, tag::USER]
            ]
        );
    }

    #[test]
    fn placeholder_ids_are_counted_and_ignored() {
        let keys = keys(PersonIds {
            user: Some("null"),
            anonymous: Some("undefined"),
            previous: Some("u0"),
            anonymous_external_id: None,
        });
        assert_eq!(keys.placeholders, 2);
        assert!(keys.user.is_none() && keys.anonymous.is_none() && keys.previous.is_none());
    }
}
