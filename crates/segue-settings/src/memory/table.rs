//! Every setting of `[memory]`, one a row.

use crate::kinds::{Count, Flag, OneOf};
use crate::memory::kinds::{Age, FieldNames, GROUP_NAME};
use crate::memory::{MemoryScope, MemorySettings};
use crate::setting::{Setting, row_after_restart as row};
use crate::table::{Given, Table};

const SCOPE: OneOf<MemoryScope> = OneOf(&[
    ("destination", MemoryScope::Destination),
    ("group", MemoryScope::SourceGroup),
    ("all", MemoryScope::All),
]);

macro_rules! at {
    ($($field:ident).+, $kind:expr) => { crate::setting::at!(MemorySettings, $($field).+, $kind) };
}

impl Table for MemorySettings {
    #[rustfmt::skip]
    const SETTINGS: &'static [Setting<Self>] = &[
        row("enabled",         at!(enabled, Flag),                       "remembers hashes, click ids and browser ids of people, and adds them to their later events that lack them"),
        row("ttl",             at!(ttl, Age),                            "how long something is remembered after it was last seen, like 90d or 12h"),
        row("max_people",      at!(max_people, Count(1, 1_000_000_000)), "people who are known, at most: users with their devices, and devices without a user; those last seen stay"),
        row("remember",        at!(remember, FieldNames),                "the fields of user_data that are remembered"),
        row("remember_client", at!(remember_client, Flag),               "remembers IP address and user agent too, in clear, for purchases that a server reports"),
        row("scope",           at!(scope, SCOPE),                        "whether what a message says helps only events of the same destination (destination), of the same group of sources (group), or all (all)"),
        row("files_group",     at!(files_group, GROUP_NAME),             "with scope = \"group\": the memory_group that files of `send` count to; without it they are a group of their own")
            .example("\"shop\""),
    ];

    fn given(&mut self) -> &mut Given {
        &mut self.given
    }
}
