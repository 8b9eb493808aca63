use std::time::Duration;

use insta::assert_snapshot;
use jiff::Timestamp;
use match_memory::{Field, Fields};

use crate::{Diagnostic, MemoryScope, MemorySettings, load};

fn read(text: &str) -> Result<MemorySettings, Vec<Diagnostic>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("segue.toml");
    std::fs::write(&path, text).unwrap();
    load(&path, Timestamp::UNIX_EPOCH).map(|settings| settings.memory)
}

#[test]
fn without_settings_nothing_is_remembered() {
    let memory = read("").unwrap();
    assert!(!memory.enabled && !memory.remember_client);
    assert_eq!(memory.ttl, Duration::from_hours(90 * 24));
    assert_eq!(memory.max_people, 5_000_000);
    assert_eq!(memory.fields(), Fields::DEFAULT);
}

#[test]
fn every_setting_is_read() {
    let memory = read(
        "[memory]\nenabled = true\nttl = \"36h\"\nmaxPeople = 7\nremember = [\"em\", \"fbc\"]\n\
         remember_client = true\nscope = \"group\"\nfiles_group = \"shop\"\n",
    )
    .unwrap();
    assert!(memory.enabled);
    assert_eq!(memory.ttl, Duration::from_hours(36));
    assert_eq!(memory.max_people, 7);
    let expected: Fields = [Field::Em, Field::Fbc].into_iter().collect();
    assert_eq!(memory.fields(), expected.union(Fields::CLIENT));
    assert_eq!(memory.scope, MemoryScope::SourceGroup);
    assert_eq!(memory.files_group.as_deref(), Some("shop"));
    let ttl = &memory.in_force()[1];
    assert_eq!(
        (ttl.name, ttl.text.as_str(), ttl.line),
        ("ttl", "36h", Some(3))
    );
}

#[test]
fn mistakes_are_told_with_what_would_be_right() {
    let mistakes = read(
        "[memory]\nenabled = 1\nttl = \"90\"\nremember = [\"client_ip_address\"]\nscope = \"source\"\nmax_peple = 3\n",
    )
    .unwrap_err();
    let lines: Vec<_> = mistakes
        .iter()
        .map(|one| {
            one.to_string()
                .split_once("segue.toml:")
                .unwrap()
                .1
                .to_owned()
        })
        .collect();
    assert_snapshot!(lines.join("\n"), @r#"
    2:11: error: `enabled` must be true or false, not a number
    3:7: error: `ttl` must be a whole number of days or hours, from 1h to 3650d
      for example "90d" or "12h"
    4:12: error: `remember` must be names out of em, ph, fn, ln, db, ge, ct, st, zp, country, external_id, fbp, fbc
      IP address and user agent are remembered with `remember_client`
    5:9: error: `scope` must be `destination` or `group` or `all`
    6:1: error: unknown key `max_peple`
      did you mean `max_people`?
    "#);
}

#[test]
fn a_ttl_has_a_unit_and_bounds() {
    for ttl in ["0d", "3651d", "1w", "-1d", "18446744073709551615d", "d"] {
        assert!(
            read(&format!("[memory]\nttl = \"{ttl}\"\n")).is_err(),
            "{ttl}"
        );
    }
    assert!(
        read("[memory]\nttl = \"\"\n").is_ok(),
        "as if it were not set"
    );
}
