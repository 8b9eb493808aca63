//! No id and no plain value is in the files, and nobody but the owner may read them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use facebook_conversions::normalize::{HashedKey, NormalizeContext};
use facebook_conversions::{ExternalId, UserData};
use match_memory::{ForgetTarget, PersonIds};

use crate::fixture::{Fixture, NOW};

const CANARIES: [&str; 6] = [
    "canary-user",
    "canary-device",
    "canary-previous",
    "canary@example.com",
    "15551234567",
    "canary",
];

fn contents(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", path.display());
        if path.is_dir() {
            all.extend(contents(&path));
        } else {
            all.extend(path.to_string_lossy().bytes());
            all.extend(fs::read(&path).expect("a file"));
        }
    }
    all
}

#[test]
fn neither_ids_nor_plain_values_reach_the_disk() {
    let fixture = Fixture::new();
    let context = NormalizeContext::in_year(2026);
    let hashed = |key: HashedKey, plain: &str| key.hash(plain, &context).into_iter().collect();
    let user_data = UserData {
        em: hashed(HashedKey::Em, "canary@example.com"),
        ph: hashed(HashedKey::Ph, "+1 555 123 4567"),
        external_id: [ExternalId::Plain("canary-user".into())]
            .into_iter()
            .collect(),
        client_ip_address: Some("203.0.113.77".into()),
        client_user_agent: Some("CanaryBrowser".into()),
        ..UserData::default()
    };
    let ids = PersonIds {
        user: Some("canary-user"),
        anonymous: Some("canary-device"),
        previous: Some("canary-previous"),
        anonymous_external_id: None,
    };
    let person = fixture.shop.person(&ids);
    person.learn(NOW, &user_data).expect("learned");
    assert!(!format!("{person:?} {:?}", fixture.memory).contains("canary"));
    for round in 0..3 {
        match round {
            0 => fixture.memory.flush(),
            1 => {
                let whom = ForgetTarget::User("canary-previous");
                fixture.memory.forget(&whom).expect("forgotten");
            }
            _ => fixture.memory.compact(),
        }
        let contents = contents(fixture.dir.path());
        for canary in CANARIES.iter().chain(&["203.0.113.77", "CanaryBrowser"]) {
            let found = contents
                .windows(canary.len())
                .any(|part| part == canary.as_bytes());
            assert!(!found, "{canary}, round {round}");
        }
    }
}
