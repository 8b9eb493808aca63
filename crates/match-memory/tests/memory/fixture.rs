//! A memory with a clock that stands still, and people to fill it with.

use std::fs;
use std::sync::Arc;

use facebook_conversions::{HashedValue, UserData};
use match_memory::{Field, Fields, Memory, Options, PersonIds, Recalled, Scope};

/// What the clock says.
pub(crate) const NOW: u64 = 1_764_000_000_000;
pub(crate) const DAY: u64 = 24 * 3_600_000;

pub(crate) fn options() -> Options {
    Options {
        clock: Arc::new(|| NOW),
        reserved_bytes: 0,
        ..Options::default()
    }
}

pub(crate) struct Fixture {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) memory: Memory,
    pub(crate) shop: Scope,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::with(options())
    }

    pub(crate) fn with(options: Options) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        Self::over(dir, options)
    }

    /// Two empty memories with the same key, which decides between devices that were last seen at the same time.
    pub(crate) fn twins() -> (Self, Self) {
        let Self { dir, memory, shop } = Self::new();
        drop((memory, shop));
        let other = tempfile::tempdir().expect("a folder");
        let (from, to) = (dir.path().join("memory"), other.path().join("memory"));
        fs::create_dir(&to).expect("a folder");
        for file in fs::read_dir(from).expect("a folder") {
            let file = file.expect("a file");
            fs::copy(file.path(), to.join(file.file_name())).expect("a copy");
        }
        (Self::over(dir, options()), Self::over(other, options()))
    }

    pub(crate) fn over(dir: tempfile::TempDir, options: Options) -> Self {
        let memory = Memory::open(dir.path(), options).expect("a memory");
        let shop = memory.scope("shop");
        Self { dir, memory, shop }
    }

    pub(crate) fn learn(&self, ids: PersonIds<'_>, time: u64, user_data: &UserData<'_>) {
        self.shop
            .person(&ids)
            .learn(time, user_data)
            .expect("learned");
    }

    /// What an event gets that knows nothing.
    pub(crate) fn recall(&self, ids: PersonIds<'_>, time: u64) -> UserData<'static> {
        self.complete(ids, time, UserData::default()).0
    }

    /// What an event gets that knows something.
    pub(crate) fn complete<'a>(
        &self,
        ids: PersonIds<'_>,
        time: u64,
        mut user_data: UserData<'a>,
    ) -> (UserData<'a>, Recalled) {
        let recalled = self.shop.person(&ids).recall(time, &mut user_data);
        (user_data, recalled)
    }
}

pub(crate) fn user(id: &str) -> PersonIds<'_> {
    PersonIds {
        user: Some(id),
        ..PersonIds::default()
    }
}

pub(crate) fn anonymous(id: &str) -> PersonIds<'_> {
    PersonIds {
        anonymous: Some(id),
        ..PersonIds::default()
    }
}

pub(crate) fn both<'a>(user: &'a str, anonymous: &'a str) -> PersonIds<'a> {
    PersonIds {
        user: Some(user),
        anonymous: Some(anonymous),
        ..PersonIds::default()
    }
}

pub(crate) fn with_em(email: &str) -> UserData<'static> {
    UserData {
        em: HashedValue::hash(email).into_iter().collect(),
        ..UserData::default()
    }
}

pub(crate) fn with_fbp(fbp: &str) -> UserData<'static> {
    UserData {
        fbp: Some(fbp.to_owned().into()),
        ..UserData::default()
    }
}

pub(crate) fn with_fbc(fbc: &str) -> UserData<'static> {
    UserData {
        fbc: Some(fbc.to_owned().into()),
        ..UserData::default()
    }
}

pub(crate) fn fields(fields: &[Field]) -> Fields {
    fields.iter().copied().collect()
}
