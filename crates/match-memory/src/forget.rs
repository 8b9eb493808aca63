//! Forgetting people: at once, whichever process has the memory open.
//!
//! A process that finds the memory in use leaves a request in its folder. The one that uses it looks for requests five
//! times a second, forgets, and leaves the count. A request holds fingerprints, never ids.

use std::fs;
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{ForgetError, OpenError};
use crate::fingerprint::{Fingerprint, IdKind, Key};
use crate::person_ids::usable;
use crate::record::{entries, says_something, tag};
use crate::store::{Folder, Limits, Scratch, Store};

/// What to forget.
#[derive(Debug, Clone, Copy)]
pub enum ForgetTarget<'a> {
    /// The user of this id, and the devices that are that user's alone.
    User(&'a str),
    /// The device or browser of this anonymous id.
    Anonymous(&'a str),
    /// Everybody.
    All,
}

/// What to forget, as fingerprints; none means everybody.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request(Option<Vec<Fingerprint>>);

impl ForgetTarget<'_> {
    pub(crate) fn request(&self, scopes: &[String], key: &Key) -> Request {
        let of = |kind, id| {
            let id = usable(Some(id));
            let of_scope = |scope: &String| id.map(|id| key.fingerprint(scope, kind, id));
            Request(Some(scopes.iter().filter_map(of_scope).collect()))
        };
        match self {
            Self::User(id) => of(IdKind::User, id),
            Self::Anonymous(id) => of(IdKind::Anonymous, id),
            Self::All => Request(None),
        }
    }
}

impl Request {
    /// Sixteen bytes for each fingerprint, behind a byte that is 1; a byte 0 for everybody.
    fn write(&self) -> Vec<u8> {
        let Some(ids) = &self.0 else { return vec![0] };
        let mut bytes = vec![1];
        for id in ids {
            bytes.extend_from_slice(&id.to_bytes());
        }
        bytes
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (kind, ids) = bytes.split_first()?;
        match (kind, ids.len() % Fingerprint::BYTES) {
            (0, _) => Some(Self(None)),
            (1, 0) => {
                let ids = ids
                    .chunks(Fingerprint::BYTES)
                    .filter_map(Fingerprint::from_slice);
                Some(Self(Some(ids.collect())))
            }
            _ => None,
        }
    }
}

/// Forgets people in a data folder: also while another process uses it, within a second.
///
/// An id is forgotten in every scope. Says how many ids something was known of.
///
/// # Errors
///
/// [`ForgetError`] when nothing was ever remembered here, the files cannot be used, or the process that uses them does not
/// answer.
pub fn forget(data_dir: &Path, target: &ForgetTarget<'_>) -> Result<u64, ForgetError> {
    let no_memory = || ForgetError::NoMemory {
        path: data_dir.to_owned(),
    };
    let folder = Folder::existing(data_dir).ok_or_else(no_memory)?;
    let key = folder.key()?.ok_or_else(no_memory)?;
    let request = target.request(&folder.scopes()?, &key);
    // The settings are not known here, so nothing expires and no limit applies: only the request is carried out. It
    // frees space in the end, so it may use the reserve.
    let limits = Limits {
        ttl_millis: u64::MAX,
        max_people: u64::MAX,
        backpressure_timeout: Duration::ZERO,
        reserved_bytes: 0,
    };
    match Store::open(data_dir, limits) {
        Ok(store) => {
            let count = carry_out(&store, &request)?;
            // Nobody else will take it off the disk soon.
            while store.compact(0) {}
            Ok(count)
        }
        Err(OpenError::InUse { .. }) => ask(&folder, &request),
        Err(error) => Err(error.into()),
    }
}

/// Forgets, and says how many ids something was known of.
pub(crate) fn carry_out(store: &Store, request: &Request) -> Result<u64, ForgetError> {
    let Some(ids) = &request.0 else {
        // What is in runs is counted without those that were forgotten before; on a full disk the count is rougher.
        let _ = store.flush();
        let count = store.ids();
        store.forget_all()?;
        return Ok(count);
    };
    let mut found = Vec::new();
    let mut record = Vec::new();
    let mut scratch = Scratch::default();
    for id in ids {
        record.clear();
        store.look_up(*id, &mut scratch, &mut record);
        let devices = entries(&record).filter(|entry| entry.tag == tag::DEVICE);
        let devices: Vec<_> = devices.filter_map(|entry| entry.fingerprint()).collect();
        if says_something(&record) {
            found.push(*id);
        }
        for device in devices {
            let mut record = Vec::new();
            store.look_up(device, &mut scratch, &mut record);
            let mut users = entries(&record).filter(|entry| entry.tag == tag::USER);
            let is_alone = users.all(|user| user.fingerprint() == Some(*id));
            if is_alone && says_something(&record) {
                found.push(device);
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    store.forget(&found)?;
    Ok(found.len() as u64)
}

/// What the names of requests and of answers end with.
const REQUEST_SUFFIX: &str = ".forget";
const ANSWER_SUFFIX: &str = ".forgotten";
/// How long to wait for an answer: it comes within a second, unless the machine is very busy.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// Asks the process that uses the memory.
fn ask(folder: &Folder, request: &Request) -> Result<u64, ForgetError> {
    let mut name = [0; 8];
    getrandom::fill(&mut name).map_err(io::Error::other)?;
    let name = const_hex::encode(name);
    folder.replace(&format!("{name}{REQUEST_SUFFIX}"), &request.write())?;
    let answer = folder.path().join(format!("{name}{ANSWER_SUFFIX}"));
    let asked_at = Instant::now();
    while asked_at.elapsed() < ANSWER_TIMEOUT {
        match fs::read(&answer) {
            Ok(count) => {
                fs::remove_file(&answer)?;
                let count = String::from_utf8(count)
                    .ok()
                    .and_then(|count| count.parse().ok());
                return count.ok_or(ForgetError::NoAnswer);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                thread::sleep(Duration::from_millis(20));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(ForgetError::NoAnswer)
}

/// Does what other processes have asked for.
pub(crate) fn answer_requests(store: &Store) {
    if let Err(error) = answer_all(store) {
        tracing::warn!(%error, "a request to forget could not be carried out; it is tried again");
    }
}

fn answer_all(store: &Store) -> Result<(), ForgetError> {
    for entry in fs::read_dir(store.folder().path())? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(name) = name.and_then(|name| name.strip_suffix(REQUEST_SUFFIX)) else {
            continue;
        };
        let count = match Request::read(&fs::read(&path)?) {
            Some(request) => carry_out(store, &request)?,
            None => 0,
        };
        let answer = format!("{name}{ANSWER_SUFFIX}");
        store
            .folder()
            .replace(&answer, count.to_string().as_bytes())?;
        fs::remove_file(&path)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{ForgetTarget, Request};
    use crate::fingerprint::Key;

    #[test]
    fn requests_are_read_as_they_are_written_and_hold_no_id() {
        let key = Key::new([3; 32]);
        for target in [
            ForgetTarget::User("jane-1"),
            ForgetTarget::Anonymous("jane-1"),
            ForgetTarget::All,
        ] {
            let request = target.request(&[String::new(), "shop".to_owned()], &key);
            let bytes = request.write();
            assert!(!bytes.windows(6).any(|part| part == b"jane-1"));
            assert_eq!(Request::read(&bytes), Some(request));
        }
        assert_eq!(Request::read(b""), None);
        assert_eq!(Request::read(b"\x01abc"), None);
    }
}
