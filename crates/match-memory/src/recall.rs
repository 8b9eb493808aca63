//! What is known of a person, for an event that lacks it.
//!
//! The rules:
//! - The user id is asked first, then the user's devices and earlier ids, those last seen first, then the anonymous id.
//! - A device whose users are others, or more than one, gives the click id and the browser id only: what one person told is
//!   never sent with the event of another.
//! - A device with too many users gives nothing.
//! - Of the clicks of the user, and of devices that are the user's alone, the latest counts that is not after the event and
//!   within the time to live; only if there is none, those of shared devices.

use arrayvec::ArrayVec;
use facebook_conversions::{ExternalId, HashedValue, OneOrMany, UserData};

use crate::field::{Field, Fields};
use crate::fingerprint::Fingerprint;
use crate::observation::PersonKeys;
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

/// One id's record, and how much of it may be used.
struct Known {
    record: Vec<u8>,
    is_shared: bool,
}

/// As many ids as one event can ask about: user, four devices, anonymous id, and the user of a device with its four.
type AllKnown = ArrayVec<Known, 12>;

/// Fills what an event lacks.
pub(crate) fn recall(
    store: &Store,
    keys: &PersonKeys<'_>,
    period: Period,
    wanted: Fields,
    user_data: &mut UserData<'_>,
) -> Recalled {
    let mut recalled = Recalled::default();
    let mut lacking = wanted.without(present(user_data));
    lacking.remove(Field::ExternalId);
    // An id of the browser joins that of the user.
    let joins_ids = wanted.contains(Field::ExternalId) && keys.user.is_some();
    let derived = wanted.contains(Field::Fbc)
        && user_data
            .fbc
            .as_deref()
            .is_some_and(|fbc| is_derived_at(fbc, period.event_time));
    if lacking.is_empty() && !derived && !joins_ids {
        return recalled;
    }
    let known = gather(store, keys);
    if derived {
        recalled.is_fbc_dated = date_fbc(&known, period, user_data);
    }
    for known in &known {
        recalled.remembered = recalled.remembered.union(fill(
            known,
            lacking.without(recalled.remembered),
            period,
            user_data,
        ));
    }
    if joins_ids && join_external_id(&known, period, user_data) {
        recalled.remembered.insert(Field::ExternalId);
    }
    if lacking.contains(Field::Fbc) && fill_fbc(&known, period, user_data) {
        recalled.remembered.insert(Field::Fbc);
    }
    recalled
}

/// The records to ask, the one to be asked first in front.
fn gather(store: &Store, keys: &PersonKeys) -> AllKnown {
    let mut known = AllKnown::new();
    let mut asked = ArrayVec::<Fingerprint, 12>::new();
    let mut user = keys.user;
    if user.is_none() {
        // A device with one user is that user's.
        let anonymous = keys.anonymous.map(|id| read(store, id));
        if let Some(record) = anonymous {
            user = only_user(&record);
            let is_shared = user.is_none() && has_users(&record);
            asked.extend(keys.anonymous);
            known.push(Known { record, is_shared });
        }
    }
    if let Some(user) = user {
        ask(store, user, user, &mut known, &mut asked);
        let own = known
            .last()
            .map(|known| known.record.as_slice())
            .unwrap_or_default();
        let devices = devices(own);
        let later_id = only_user(own);
        if keys.user.is_none() {
            // The user id is asked first.
            known.reverse();
        }
        // The user has another id since an Alias call.
        if let Some(later_id) = later_id {
            ask(store, later_id, user, &mut known, &mut asked);
        }
        for device in devices {
            ask(store, device, user, &mut known, &mut asked);
        }
        if let Some(anonymous) = keys.anonymous {
            ask(store, anonymous, user, &mut known, &mut asked);
        }
    }
    known
}

fn ask(
    store: &Store,
    id: Fingerprint,
    user: Fingerprint,
    known: &mut AllKnown,
    asked: &mut ArrayVec<Fingerprint, 12>,
) {
    if asked.contains(&id) || known.is_full() {
        return;
    }
    let record = read(store, id);
    let is_others = |entry: Entry<'_>| entry.tag == tag::USER && entry.fingerprint() != Some(user);
    // An id that is the user itself is never shared, even if another user names it as an earlier id.
    let is_shared = id != user && entries(&record).any(is_others);
    asked.push(id);
    known.push(Known { record, is_shared });
}

fn read(store: &Store, id: Fingerprint) -> Vec<u8> {
    let mut record = Vec::with_capacity(512);
    store.look_up(id, &mut record);
    record
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

fn devices(record: &[u8]) -> ArrayVec<Fingerprint, 8> {
    let devices = entries(record).filter(|entry| entry.tag == tag::DEVICE);
    devices
        .filter_map(|entry| entry.fingerprint())
        .take(8)
        .collect()
}

/// Gives the `fbc` that was derived from the page the time at which its click was first seen.
fn date_fbc(known: &[Known], period: Period, user_data: &mut UserData<'_>) -> bool {
    let Some(fbc) = user_data.fbc.as_deref() else {
        return false;
    };
    let Some(own) = Click::of_fbc(fbc, period.event_time) else {
        return false;
    };
    let same = clicks(known, period).filter(|(_, click)| click.id() == own.id());
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

/// The clicks that count, with the time at which each was first seen.
fn clicks(known: &[Known], period: Period) -> impl Iterator<Item = (u64, Click<'_>)> {
    let all = known.iter().flat_map(|known| entries(&known.record));
    all.filter(move |entry| entry.tag == tag::CLICK && period.contains(entry.time))
        .filter_map(|entry| Some((entry.time, Click::read(entry.value)?)))
}

impl Period {
    fn contains(self, time: u64) -> bool {
        (self.oldest..=self.event_time).contains(&time)
    }
}

/// Adds the id of the user's browser to the ids, unless the browser is another's, too: by it Meta would take two people for
/// one.
fn join_external_id(known: &[Known], period: Period, user_data: &mut UserData<'_>) -> bool {
    if known.iter().any(|known| known.is_shared) {
        return false;
    }
    let of_user = known
        .first()
        .map(|known| known.record.as_slice())
        .unwrap_or_default();
    let tag = tag::of_field(Field::ExternalId);
    let ids = entries(of_user).filter(|entry| entry.tag == tag && entry.time >= period.oldest);
    let ids = ids
        .flat_map(|entry| read_hashes(entry.value))
        .map(ExternalId::Hashed);
    let before = user_data.external_id.as_slice().len();
    for id in ids {
        user_data.external_id.push(id);
    }
    user_data.external_id.as_slice().len() > before
}

fn fill_fbc(known: &[Known], period: Period, user_data: &mut UserData<'_>) -> bool {
    let latest = |shared: bool| {
        let some = known.iter().filter(move |known| known.is_shared == shared);
        let clicks = some.flat_map(|known| clicks(std::slice::from_ref(known), period));
        clicks.max_by_key(|(first_seen, _)| *first_seen)
    };
    let click = latest(false).or_else(|| latest(true));
    user_data.fbc = click.map(|(first_seen, click)| click.fbc(first_seen).into());
    user_data.fbc.is_some()
}

/// Fills those of some fields that one id knows, but for the click id; says which.
fn fill(known: &Known, lacking: Fields, period: Period, user_data: &mut UserData<'_>) -> Fields {
    let mut filled = Fields::NONE;
    let usable = if known.is_shared {
        lacking.intersection(Fields::BROWSER)
    } else {
        lacking
    };
    for entry in entries(&known.record) {
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
            let Some(values) = hashes(user_data, field) else {
                return false;
            };
            for hash in read_hashes(value) {
                values.push(hash);
            }
            return !values.is_empty();
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

/// The fields that an event has.
fn present(user_data: &UserData<'_>) -> Fields {
    let UserData {
        em,
        ph,
        r#fn,
        ln,
        db,
        ge,
        ct,
        st,
        zp,
        country,
        client_ip_address,
        client_user_agent,
        fbc,
        fbp,
        ..
    } = user_data;
    let is_there = [
        (Field::Em, !em.is_empty()),
        (Field::Ph, !ph.is_empty()),
        (Field::Fn, !r#fn.is_empty()),
        (Field::Ln, !ln.is_empty()),
        (Field::Db, !db.is_empty()),
        (Field::Ge, !ge.is_empty()),
        (Field::Ct, !ct.is_empty()),
        (Field::St, !st.is_empty()),
        (Field::Zp, !zp.is_empty()),
        (Field::Country, !country.is_empty()),
        (Field::ClientIpAddress, client_ip_address.is_some()),
        (Field::ClientUserAgent, client_user_agent.is_some()),
        (Field::Fbc, fbc.is_some()),
        (Field::Fbp, fbp.is_some()),
    ];
    is_there
        .into_iter()
        .filter_map(|(field, is_there)| is_there.then_some(field))
        .collect()
}
