//! The store against a map in memory; the full disk; and what leaves the disk.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use proptest::prelude::*;

use super::{Durability, Limits, Scratch, Store};
use crate::fingerprint::Fingerprint;
use crate::record::tests::record;
use crate::record::{is_reset, merge, reset, tag};

const LIMITS: Limits = Limits {
    ttl_millis: 1000,
    max_people: 1_000_000,
    backpressure_timeout: Duration::ZERO,
    reserved_bytes: 0,
};

fn open(dir: &tempfile::TempDir) -> Store {
    Store::open(dir.path(), LIMITS).expect("a store")
}

/// Spread as fingerprints are.
fn id(number: u8) -> Fingerprint {
    Fingerprint(u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
}

fn known(store: &Store, number: u8) -> Vec<u8> {
    let mut record = Vec::new();
    store.look_up(id(number), &mut Scratch::default(), &mut record);
    record
}

#[derive(Clone, Debug)]
enum Step {
    Learn(u8, u64, u8),
    Forget(u8),
    ForgetAll,
    Write,
    Flush,
    Compact,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..12_u8, 100..200_u64, 0..3_u8).prop_map(|(id, time, value)| Step::Learn(id, time, value)),
        2 => (0..12_u8).prop_map(Step::Forget),
        1 => Just(Step::ForgetAll),
        2 => Just(Step::Write),
        4 => Just(Step::Flush),
        2 => Just(Step::Compact),
        2 => Just(Step::Reopen),
    ]
}

/// A record without the mark that older ones are hidden, which comes and goes with merges.
fn visible(record: &[u8]) -> &[u8] {
    let mark = reset().len();
    if is_reset(record) {
        &record[mark..]
    } else {
        record
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn the_store_knows_what_a_map_would(steps in prop::collection::vec(step(), 1..60)) {
        let dir = tempfile::tempdir().expect("a folder");
        let mut store = open(&dir);
        let mut model = BTreeMap::<u8, Vec<u8>>::new();
        for step in steps {
            match step {
                Step::Learn(number, time, value) => {
                    let learned = record(&[(tag::SEEN, time, b""), (2, time, &[value])]);
                    prop_assert!(store.learn(id(number), &learned));
                    let mut merged = Vec::new();
                    merge(&learned, model.get(&number).map_or(&[], |record| record), &mut merged);
                    model.insert(number, merged);
                }
                Step::Forget(number) => {
                    store.forget(&[id(number)]).expect("forgotten");
                    model.remove(&number);
                }
                Step::ForgetAll => {
                    store.forget_all().expect("forgotten");
                    model.clear();
                }
                Step::Write => store.write_behind(Durability::Now),
                Step::Flush => store.flush().expect("flushed"),
                Step::Compact => while store.compact(500) {},
                Step::Reopen => {
                    // What is not written is lost when a process is killed; here it is written.
                    store.write_behind(Durability::Now);
                    drop(store);
                    store = open(&dir);
                }
            }
            for number in 0..12 {
                let found = known(&store, number);
                let expected = model.get(&number).map_or(&[][..], |record| record);
                prop_assert_eq!(visible(&found), expected);
            }
        }
    }
}

#[test]
fn a_full_disk_stops_learning_and_room_starts_it_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(&dir);
    let of = |value: u8| record(&[(tag::SEEN, 150, b""), (2, 150, &[value])]);
    assert!(store.learn(id(1), &of(1)));
    store.write_behind(Durability::Now);
    store.folder.set_reserve(u64::MAX / 2);
    assert!(store.learn(id(2), &of(2)), "the disk is not asked yet");
    store.write_behind(Durability::Now);
    assert!(!store.is_learning());
    assert!(!store.learn(id(3), &of(3)));
    assert_eq!(known(&store, 1), of(1), "what is known is still told");
    store.flush().expect_err("no room");
    store.folder.set_reserve(0);
    store.write_behind(Durability::Now);
    assert!(store.is_learning() && store.learn(id(3), &of(3)));
    store.write_behind(Durability::Now);
    drop(store);
    let store = open(&dir);
    for number in 1..=3 {
        assert_eq!(known(&store, number), of(number));
    }
}

#[test]
fn a_disk_that_is_full_when_the_store_is_opened_loses_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let of = |value: u8| record(&[(tag::SEEN, 150, b""), (2, 150, &[value])]);
    let store = open(&dir);
    assert!(store.learn(id(1), &of(1)));
    store.write_behind(Durability::Now);
    drop(store);
    let no_room = Limits {
        reserved_bytes: u64::MAX / 2,
        ..LIMITS
    };
    let store = Store::open(dir.path(), no_room).expect("a store");
    assert!(!store.is_learning());
    assert_eq!(known(&store, 1), of(1));
    drop(store);
    assert_eq!(known(&open(&dir), 1), of(1));
}

#[test]
fn forgotten_and_expired_records_leave_the_disk() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(&dir);
    let marked = |mark: &[u8], time| record(&[(tag::SEEN, time, b""), (2, time, mark)]);
    assert!(store.learn(id(1), &marked(b"forgotten-value", 5000)));
    assert!(store.learn(id(2), &marked(b"expired-value", 3000)));
    assert!(store.learn(id(3), &marked(b"kept-value", 5000)));
    store.flush().expect("flushed");
    let contents = || {
        let files = fs::read_dir(store.folder.path()).expect("a folder");
        let read = |file: fs::DirEntry| fs::read(file.path()).expect("a file");
        files
            .map(|file| read(file.expect("an entry")))
            .collect::<Vec<_>>()
            .concat()
    };
    let holds = |mark: &[u8]| contents().windows(mark.len()).any(|part| part == mark);
    assert!(holds(b"forgotten-value") && holds(b"expired-value"));
    store.forget(&[id(1)]).expect("forgotten");
    while store.compact(5500) {}
    assert!(!holds(b"forgotten-value") && !holds(b"expired-value"));
    assert!(holds(b"kept-value"));
}

#[test]
fn those_last_seen_stay_when_there_are_too_many() {
    let dir = tempfile::tempdir().expect("a folder");
    let limits = Limits {
        ttl_millis: 1_000_000,
        max_people: 1000,
        ..LIMITS
    };
    let store = Store::open(dir.path(), limits).expect("a store");
    let mut random = fastrand::Rng::with_seed(1);
    let ids: Vec<_> = (0..3000).map(|_| Fingerprint(random.u128(..))).collect();
    for (time, id) in (10_000..).zip(&ids) {
        assert!(store.learn(*id, &record(&[(tag::SEEN, time, b""), (2, time, b"x")])));
    }
    store.write_behind(Durability::Now);
    while store.compact(20_000) {}
    assert_eq!(store.people(), 950);
    let knows = |id: &Fingerprint| {
        let mut record = Vec::new();
        store.look_up(*id, &mut Scratch::default(), &mut record);
        !record.is_empty()
    };
    assert!(ids[2050..].iter().all(knows) && !ids[..2050].iter().any(knows));
}

#[test]
fn a_user_and_a_device_are_one_person() {
    let dir = tempfile::tempdir().expect("a folder");
    let limits = Limits {
        ttl_millis: 1_000_000,
        max_people: 1000,
        ..LIMITS
    };
    let store = Store::open(dir.path(), limits).expect("a store");
    let mut random = fastrand::Rng::with_seed(1);
    for time in 10_000..10_900 {
        let [user, device] = [(); 2].map(|()| Fingerprint(random.u128(..)));
        let said: [(u8, u64, &[u8]); 2] = [(tag::SEEN, time, b""), (2, time, b"x")];
        assert!(store.learn(user, &record(&said)));
        let of_user = user.to_bytes();
        let linked: [(u8, u64, &[u8]); 2] = [(tag::SEEN, time, b""), (tag::USER, time, &of_user)];
        assert!(store.learn(device, &record(&linked)));
    }
    assert_eq!((store.people(), store.ids()), (900, 1800));
    store.flush().expect("flushed");
    while store.compact(20_000) {}
    assert_eq!((store.people(), store.ids()), (900, 1800));
}

#[test]
fn another_process_finds_the_folder_in_use() {
    let dir = tempfile::tempdir().expect("a folder");
    let _store = open(&dir);
    let again = Store::open(dir.path(), LIMITS);
    assert!(matches!(again, Err(crate::OpenError::InUse { .. })));
}

#[test]
fn a_damaged_file_is_put_aside_and_the_rest_goes_on() {
    let dir = tempfile::tempdir().expect("a folder");
    let of = |value: u8| record(&[(tag::SEEN, 150, b""), (2, 150, &[value])]);
    let store = open(&dir);
    for number in 1..=2 {
        assert!(store.learn(id(number), &of(number)));
        store.flush().expect("flushed");
    }
    drop(store);
    let memory = dir.path().join("memory");
    let files = |ending: &str| {
        let files = fs::read_dir(&memory).expect("a folder");
        let mut files: Vec<_> = files.map(|file| file.expect("an entry").path()).collect();
        files.retain(|path| path.to_string_lossy().ends_with(ending));
        files.sort();
        files
    };
    let runs = files(".run");
    let mut bytes = fs::read(&runs[0]).expect("a file");
    bytes[4096 + 20] ^= 1;
    fs::write(&runs[0], &bytes).expect("written");
    let store = open(&dir);
    assert_eq!(
        known(&store, 1),
        b"",
        "a damaged block is found when it is read"
    );
    assert_eq!(known(&store, 2), of(2));
    assert_eq!((files(".run").len(), files(".run.damaged").len()), (1, 1));
    assert!(store.learn(id(1), &of(9)));
    assert_eq!(known(&store, 1), of(9));
    drop(store);
    fs::write(memory.join("key"), b"short").expect("written");
    let store = open(&dir);
    assert_eq!(known(&store, 2), b"", "without its key nothing is found");
    assert!(files(".run").is_empty());
    store.forget(&[]).expect("forgotten");
    assert!(
        files(".damaged").is_empty(),
        "nobody can forget one by one in them"
    );
}

#[test]
fn files_of_an_earlier_version_are_put_aside_and_the_memory_begins_anew() {
    let dir = tempfile::tempdir().expect("a folder");
    let of = |value: u8| record(&[(tag::SEEN, 150, b""), (2, 150, &[value])]);
    let store = open(&dir);
    assert!(store.learn(id(1), &of(1)));
    store.flush().expect("flushed");
    assert!(store.learn(id(2), &of(2)));
    store.write_behind(Durability::Now);
    drop(store);
    let mut changed = 0;
    for file in fs::read_dir(dir.path().join("memory")).expect("a folder") {
        let path = file.expect("an entry").path();
        let mut bytes = fs::read(&path).expect("a file");
        let last = bytes.len().saturating_sub(8);
        for at in [0, last] {
            let mark = bytes.get_mut(at..at + 8);
            if let Some(mark) = mark.filter(|mark| **mark == *b"segMrun2" || **mark == *b"segMlog2")
            {
                mark[7] = b'1';
                changed += 1;
            }
        }
        fs::write(&path, bytes).expect("written");
    }
    assert_eq!(changed, 3, "both ends of the run, and the log");
    let store = open(&dir);
    assert_eq!((known(&store, 1), known(&store, 2)), (vec![], vec![]));
    let files = fs::read_dir(dir.path().join("memory")).expect("a folder");
    let is_aside = |name: &std::ffi::OsString| name.to_string_lossy().ends_with(".damaged");
    let aside = files
        .map(|file| file.expect("an entry").file_name())
        .filter(is_aside);
    assert_eq!(aside.count(), 2);
    assert!(store.learn(id(1), &of(3)));
    store.flush().expect("flushed");
    drop(store);
    assert_eq!(known(&open(&dir), 1), of(3));
}
