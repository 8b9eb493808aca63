//! Looking at a memory that another process uses.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use facebook_conversions::UserData;
use match_memory::{Memory, OpenError};

use crate::fixture::{Fixture, NOW, options, user, with_em};

/// The files of a memory with their contents.
fn contents(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(dir.join("memory")).expect("a folder");
    files
        .map(|file| {
            let path = file.expect("an entry").path();
            (path.display().to_string(), fs::read(&path).expect("a file"))
        })
        .collect()
}

#[test]
fn what_another_process_remembers_is_seen_and_nothing_is_written() {
    let fixture = Fixture::new();
    fixture.learn(user("early"), NOW, &with_em("a"));
    fixture.memory.compact();
    fixture.learn(user("late"), NOW, &with_em("b"));
    fixture.memory.flush();
    let before = contents(fixture.dir.path());

    let seen = Memory::open_read_only(fixture.dir.path(), options()).expect("opened");
    let shop = seen.scope("shop");
    let knows = |id| {
        let mut event = UserData::default();
        let ids = user(id);
        shop.person(&ids).recall(NOW, &mut event);
        !event.em.is_empty()
    };
    assert!(knows("early") && knows("late") && !knows("new"));
    let ids = user("new");
    shop.person(&ids)
        .learn(NOW, &with_em("c"))
        .expect("learned");
    assert!(knows("new"), "it is known here");
    seen.flush();
    drop((shop, seen));
    assert_eq!(contents(fixture.dir.path()), before);
    assert!(
        fixture.recall(user("new"), NOW).em.is_empty(),
        "and only here"
    );
}

#[test]
fn where_nothing_was_remembered_there_is_nothing_to_look_at() {
    let dir = tempfile::tempdir().expect("a folder");
    let error = Memory::open_read_only(dir.path(), options()).expect_err("no memory");
    assert!(matches!(error, OpenError::NoMemory { .. }));
    assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 0);
}
