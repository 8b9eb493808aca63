//! What is known of a person, for an event that lacks it.
//!
//! The rules:
//! - The user id is asked first, then the user's devices and earlier ids, those last seen first, then the anonymous id.
//! - A device whose users are others, or more than one, gives the click id and the browser id only: what one person told is
//!   never sent with the event of another.
//! - A device with too many users gives nothing.
//! - Of the clicks of the user, and of devices that are the user's alone, the latest counts that is not after the event and
//!   within the time to live; only if there is none, those of shared devices.

mod person_records;

use facebook_conversions::{ExternalId, HashedValue, OneOrMany, UserData};

use self::person_records::PersonRecord;
pub(crate) use self::person_records::PersonRecords;
use crate::field::{Field, Fields, present};
use crate::learn::PersonKeys;
use crate::record::{Click, Entry, entries, is_derived_at, read_hashes, tag};
use crate::store::Store;

/// What was added to an event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recalled {
    /// The fields that the event lacked and has now.
    pub remembered: Fields,
    /// Whether `fbc`, which the event had derived from the address of its page, now tells when the click was first seen.
    pub is_fbc_dated: bool,
}

/// The times between which something counts, Unix milliseconds.
#[derive(Clone, Copy)]
pub(crate) struct Period {
    pub(crate) oldest: u64,
    pub(crate) event_time: u64,
}

/// What can be added to an event.
#[derive(Clone, Copy)]
pub(crate) struct Lacking {
    fields: Fields,
    /// Whether its `fbc` was derived from the address of its page, and may tell an earlier time.
    is_fbc_derived: bool,
    /// Whether an id of the browser may join that of the user.
    joins_ids: bool,
}

impl Lacking {
    pub(crate) fn of(
        user_data: &UserData<'_>,
        keys: &PersonKeys<'_>,
        event_time: u64,
        wanted: Fields,
    ) -> Self {
        let mut fields = wanted.without(present(user_data));
        fields.remove(Field::ExternalId);
        let fbc = user_data.fbc.as_deref();
        Self {
            fields,
            is_fbc_derived: wanted.contains(Field::Fbc)
                && fbc.is_some_and(|fbc| is_derived_at(fbc, event_time)),
            joins_ids: wanted.contains(Field::ExternalId) && keys.user.is_some(),
        }
    }

    pub(crate) fn is_nothing(self) -> bool {
        self.fields.is_empty() && !self.is_fbc_derived && !self.joins_ids
    }
}

/// Fills what an event lacks. `known` may have been read in part.
pub(crate) fn recall(
    store: &Store,
    keys: &PersonKeys<'_>,
    period: Period,
    lacking: Lacking,
    known: PersonRecords,
    user_data: &mut UserData<'_>,
) -> Recalled {
    let mut recalled = Recalled::default();
    let known = known.read(store, keys);
    if lacking.is_fbc_derived {
        recalled.is_fbc_dated = date_fbc(&known, period, user_data);
    }
    let mut best_click = None;
    for known in known.iter() {
        let lacking = lacking.fields.without(recalled.remembered);
        let filled = fill(known, lacking, period, user_data, &mut best_click);
        recalled.remembered = recalled.remembered.union(filled);
    }
    if lacking.joins_ids && join_external_id(&known, keys, period, user_data) {
        recalled.remembered.insert(Field::ExternalId);
    }
    if let Some(fbc) = best_click.and_then(BestClick::fbc) {
        user_data.fbc = Some(fbc.into());
        recalled.remembered.insert(Field::Fbc);
    }
    recalled
}

/// Gives the `fbc` that was derived from the page the time at which its click was first seen.
fn date_fbc(known: &PersonRecords, period: Period, user_data: &mut UserData<'_>) -> bool {
    let Some(fbc) = user_data.fbc.as_deref() else {
        return false;
    };
    let Some((own, _)) = Click::of_fbc(fbc, period.event_time) else {
        return false;
    };
    let all = known
        .iter()
        .flat_map(|known| click_entries(known.record, period));
    let same = all
        .filter_map(|entry| Some((entry.time, Click::read(entry.value)?)))
        .filter(|(_, click)| click.id() == own.id());
    let Some((first_seen, click)) = same.min_by_key(|(first_seen, _)| *first_seen) else {
        return false;
    };
    let dated = click.fbc(first_seen);
    let is_other = dated != fbc;
    if is_other {
        user_data.fbc = Some(dated.into());
    }
    is_other
}

/// The clicks that count.
fn click_entries(record: &[u8], period: Period) -> impl Iterator<Item = Entry<'_>> {
    entries(record).filter(move |entry| entry.tag == tag::CLICK && period.contains(entry.time))
}

impl Period {
    fn contains(self, time: u64) -> bool {
        (self.oldest..=self.event_time).contains(&time)
    }
}

/// Adds the id of the user's browser to the ids, unless the browser is another's, too: by it Meta would take two people for
/// one.
fn join_external_id(
    known: &PersonRecords,
    keys: &PersonKeys<'_>,
    period: Period,
    user_data: &mut UserData<'_>,
) -> bool {
    if known.iter().any(|known| known.is_shared) {
        return false;
    }
    let of_user = known.iter().next();
    let of_user = of_user.map(|known| known.record).unwrap_or_default();
    let tag = tag::of_field(Field::ExternalId);
    let ids = entries(of_user).filter(|entry| entry.tag == tag && entry.time >= period.oldest);
    let ids = ids
        .flat_map(|entry| read_hashes(entry.value))
        .map(ExternalId::Hashed);
    let before = user_data.external_id.as_slice().len();
    if let Some(ExternalId::Plain(id)) = keys.anonymous_external_id {
        let id = id.as_str().to_owned();
        user_data.external_id.push(ExternalId::Plain(id.into()));
    }
    for id in ids {
        user_data.external_id.push(id);
    }
    user_data.external_id.as_slice().len() > before
}

/// The click whose id an event without one gets: those of the person come before those of shared devices, then the latest.
#[derive(Clone, Copy)]
struct BestClick<'r> {
    is_own: bool,
    first_seen: u64,
    click: &'r [u8],
}

impl<'r> BestClick<'r> {
    fn or(best: Option<Self>, entry: Entry<'r>, is_own: bool) -> Self {
        match best {
            Some(best) if (best.is_own, best.first_seen) > (is_own, entry.time) => best,
            _ => Self {
                is_own,
                first_seen: entry.time,
                click: entry.value,
            },
        }
    }

    fn fbc(self) -> Option<String> {
        Some(Click::read(self.click)?.fbc(self.first_seen))
    }
}

/// Fills those of some fields that one id knows, and says which. The click id is left to `best_click`, since that of another
/// id may come before it.
fn fill<'r>(
    known: PersonRecord<'r>,
    lacking: Fields,
    period: Period,
    user_data: &mut UserData<'_>,
    best_click: &mut Option<BestClick<'r>>,
) -> Fields {
    let mut filled = Fields::NONE;
    if lacking.is_empty() {
        return filled;
    }
    let usable = if known.is_shared {
        lacking.intersection(Fields::BROWSER)
    } else {
        lacking
    };
    for entry in entries(known.record) {
        if entry.tag == tag::CLICK {
            if lacking.contains(Field::Fbc) && period.contains(entry.time) {
                *best_click = Some(BestClick::or(*best_click, entry, !known.is_shared));
            }
            continue;
        }
        let field = tag::field(entry.tag).filter(|field| usable.contains(*field));
        let Some(field) = field else { continue };
        if entry.time >= period.oldest && write(field, entry.value, user_data) {
            filled.insert(field);
        }
    }
    filled
}

fn write(field: Field, value: &[u8], user_data: &mut UserData<'_>) -> bool {
    let text = match field {
        Field::Fbp => &mut user_data.fbp,
        Field::ClientIpAddress => &mut user_data.client_ip_address,
        Field::ClientUserAgent => &mut user_data.client_user_agent,
        _ => {
            let mut known = read_hashes(value);
            let (Some(values), Some(first)) = (hashes(user_data, field), known.next()) else {
                return false;
            };
            *values = OneOrMany::One(first);
            for hash in known {
                values.push(hash);
            }
            return true;
        }
    };
    *text = std::str::from_utf8(value)
        .ok()
        .map(|text| text.to_owned().into());
    text.is_some()
}

type Hashes = OneOrMany<HashedValue>;

fn hashes<'u>(user_data: &'u mut UserData<'_>, field: Field) -> Option<&'u mut Hashes> {
    Some(match field {
        Field::Em => &mut user_data.em,
        Field::Ph => &mut user_data.ph,
        Field::Fn => &mut user_data.r#fn,
        Field::Ln => &mut user_data.ln,
        Field::Db => &mut user_data.db,
        Field::Ge => &mut user_data.ge,
        Field::Ct => &mut user_data.ct,
        Field::St => &mut user_data.st,
        Field::Zp => &mut user_data.zp,
        Field::Country => &mut user_data.country,
        _ => return None,
    })
}
