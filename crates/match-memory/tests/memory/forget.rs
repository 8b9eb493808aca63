//! Forgetting: by the process that has the memory, and by another.

use std::fs;
use std::time::{Duration, Instant};

use facebook_conversions::UserData;
use match_memory::{ForgetError, Whom, forget};

use crate::stage::{DAY, NOW, Stage, anonymous, both, options, user, with_em, with_fbp};

fn filled() -> Stage {
    let stage = Stage::new();
    stage.learn(both("anna", "phone"), NOW - DAY, &with_em("anna"));
    stage.learn(
        both("anna", "tablet"),
        NOW - DAY,
        &with_fbp("fb.1.1763000000000.1"),
    );
    stage.learn(both("ben", "tablet"), NOW - DAY, &with_em("ben"));
    stage.learn(
        anonymous("phone"),
        NOW - DAY,
        &with_fbp("fb.1.1763000000000.2"),
    );
    stage
}

#[test]
fn a_user_goes_with_the_devices_that_are_the_users_alone() {
    let stage = filled();
    assert_eq!(
        stage.memory.forget(&Whom::User("anna")).expect("forgotten"),
        2
    );
    let told = stage.recall(user("anna"), NOW);
    assert!(told.em.is_empty() && told.fbp.is_none());
    assert!(stage.recall(anonymous("phone"), NOW).fbp.is_none());
    assert!(!stage.recall(user("ben"), NOW).em.is_empty());
    assert!(
        stage.recall(anonymous("tablet"), NOW).fbp.is_some(),
        "it is another's, too"
    );
    assert_eq!(
        stage.memory.forget(&Whom::User("anna")).expect("forgotten"),
        0
    );
    let count = stage.memory.forget(&Whom::Anonymous("tablet"));
    assert_eq!(count.expect("forgotten"), 1);
    assert!(stage.recall(anonymous("tablet"), NOW).fbp.is_none());
}

#[test]
fn a_forgotten_person_is_learned_anew_from_later_messages() {
    let stage = filled();
    stage.memory.flush();
    stage.memory.forget(&Whom::User("anna")).expect("forgotten");
    stage.learn(user("anna"), NOW - 5 * DAY, &with_em("again"));
    stage.memory.compact();
    assert_eq!(stage.recall(user("anna"), NOW).em, with_em("again").em);
}

#[test]
fn another_process_is_heard_within_a_second() {
    let stage = filled();
    let begun = Instant::now();
    // The lock belongs to the open file: within one process it works as between two.
    let count = forget(stage.dir.path(), &Whom::User("anna"));
    assert_eq!(count.expect("forgotten"), 2);
    assert!(begun.elapsed() < Duration::from_secs(3));
    assert!(stage.recall(user("anna"), NOW).em.is_empty());
    let count = forget(stage.dir.path(), &Whom::All);
    assert_eq!(count.expect("forgotten"), 2, "ben and the tablet");
    assert!(stage.recall(user("ben"), NOW).em.is_empty());
    let leftovers = fs::read_dir(stage.dir.path().join("memory")).expect("a folder");
    let names = leftovers.map(|file| file.expect("an entry").file_name().into_string());
    assert!(
        names
            .map(|name| name.expect("UTF-8"))
            .all(|name| !name.contains("forg"))
    );
}

#[test]
fn without_a_process_it_is_forgotten_on_disk() {
    let Stage { dir, memory, shop } = filled();
    drop((memory, shop));
    let count = forget(dir.path(), &Whom::User("anna"));
    assert_eq!(count.expect("forgotten"), 2);
    let stage = Stage::over(dir, options());
    assert!(stage.recall(user("anna"), NOW).em.is_empty());
    assert!(!stage.recall(user("ben"), NOW).em.is_empty());
    let mut event = UserData::default();
    let ids = user("ben");
    let ben = stage.shop.person(&ids);
    assert!(!ben.recall(NOW, &mut event).remembered.is_empty());
}

#[test]
fn where_nothing_was_remembered_nothing_is_made() {
    let dir = tempfile::tempdir().expect("a folder");
    let error = forget(dir.path(), &Whom::All).expect_err("no memory");
    assert!(matches!(error, ForgetError::NoMemory { .. }));
    assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 0);
}
