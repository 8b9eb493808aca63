//! What one message adds: a record for each id that it names.

use arrayvec::ArrayVec;
use facebook_conversions::{HashedValue, UserData};

use crate::field::{Field, Fields};
use crate::fingerprint::{Fingerprint, IdKind, Key};
use crate::person::{PersonIds, usable};
use crate::record::{Click, Entry, MAX_VALUE, push, push_hash, tag};

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
    pub(crate) hashed_anonymous: Option<&'a HashedValue>,
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
            hashed_anonymous: ids
                .hashed_anonymous
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
pub(crate) type Records = ArrayVec<(Fingerprint, Vec<u8>), 4>;

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
    let mut records = Records::new();
    let fields = Values::of(user_data, keys.hashed_anonymous, time, remember);
    if let Some(user) = keys.user {
        let mut record = fields.record(remember);
        let devices = keys.anonymous.iter().chain(keys.previous.iter().flatten());
        for device in devices {
            link(&mut record, tag::DEVICE, time, *device);
        }
        records.push((user, record));
    }
    if let Some(anonymous) = keys.anonymous {
        let record = match keys.user {
            None => fields.record(remember),
            Some(user) => {
                let shared = Fields::BROWSER.union(Fields::CLIENT);
                let mut record = fields.record(remember.intersection(shared));
                link(&mut record, tag::USER, time, user);
                record
            }
        };
        records.push((anonymous, record));
    }
    if let (Some(user), Some(previous)) = (keys.user, keys.previous) {
        for earlier in previous {
            let mut record = fields.record(Fields::NONE);
            link(&mut record, tag::USER, time, user);
            records.push((earlier, record));
        }
    }
    records
}

fn link(record: &mut Vec<u8>, tag: u8, time: u64, to: Fingerprint) {
    push(
        record,
        Entry {
            tag,
            time,
            value: &to.to_bytes(),
        },
    );
}

/// The values of a message in the form in which they are kept.
struct Values {
    time: u64,
    bytes: Vec<u8>,
    /// Field, time, and where its value ends; in the order of tags.
    ends: ArrayVec<(Field, u64, usize), 15>,
}

impl Values {
    fn of(
        user_data: &UserData<'_>,
        hashed_anonymous: Option<&HashedValue>,
        time: u64,
        remember: Fields,
    ) -> Self {
        let mut values = Self {
            time,
            bytes: Vec::with_capacity(256),
            ends: ArrayVec::new(),
        };
        for field in BY_TAG.into_iter().filter(|field| remember.contains(*field)) {
            let start = values.bytes.len();
            let first_seen = if field == Field::ExternalId {
                write_hashes(hashed_anonymous.into_iter(), &mut values.bytes);
                Some(time)
            } else {
                write_value(user_data, field, time, &mut values.bytes)
            };
            let end = values.bytes.len();
            match first_seen {
                Some(time) if end > start && end - start <= MAX_VALUE => {
                    values.ends.push((field, time, end));
                }
                _ => values.bytes.truncate(start),
            }
        }
        values
    }

    /// A record of some of the values.
    fn record(&self, fields: Fields) -> Vec<u8> {
        let mut record = Vec::with_capacity(self.bytes.len() + 192);
        let seen = Entry {
            tag: tag::SEEN,
            time: self.time,
            value: &[],
        };
        push(&mut record, seen);
        let mut start = 0;
        for (field, time, end) in &self.ends {
            let value = self.bytes.get(start..*end).unwrap_or_default();
            start = *end;
            if fields.contains(*field) {
                push(
                    &mut record,
                    Entry {
                        tag: tag::of_field(*field),
                        time: *time,
                        value,
                    },
                );
            }
        }
        record
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

/// Appends the value of a field and says of when it is; `None` if there is none.
fn write_value(
    user_data: &UserData<'_>,
    field: Field,
    time: u64,
    bytes: &mut Vec<u8>,
) -> Option<u64> {
    let text = match field {
        Field::Fbp => &user_data.fbp,
        Field::ClientIpAddress => &user_data.client_ip_address,
        Field::ClientUserAgent => &user_data.client_user_agent,
        Field::Fbc => {
            let click = Click::of_fbc(user_data.fbc.as_deref()?, time)?;
            click.write(bytes);
            return Some(click.first_seen(time));
        }
        _ => {
            write_hashes(hashes(user_data, field).iter(), bytes);
            return Some(time);
        }
    };
    bytes.extend_from_slice(text.as_deref()?.as_bytes());
    Some(time)
}

fn write_hashes<'a>(hashes: impl Iterator<Item = &'a HashedValue>, bytes: &mut Vec<u8>) {
    for hash in hashes.take(MAX_HASHES) {
        push_hash(bytes, hash);
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
    use crate::person::PersonIds;
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
        let tags = |at: usize| {
            entries(&records[at].1)
                .map(|entry| entry.tag)
                .collect::<Vec<_>>()
        };
        assert_eq!(tags(0), [tag::SEEN, 2, 13, tag::DEVICE]);
        assert_eq!(tags(1), [tag::SEEN, 13, tag::USER]);
    }

    #[test]
    fn placeholder_ids_are_counted_and_ignored() {
        let keys = keys(PersonIds {
            user: Some("null"),
            anonymous: Some("undefined"),
            previous: Some("u0"),
            hashed_anonymous: None,
        });
        assert_eq!(keys.placeholders, 2);
        assert!(keys.user.is_none() && keys.anonymous.is_none() && keys.previous.is_none());
    }
}
