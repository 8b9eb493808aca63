//! Segment's classic destination, whose settings are ours.

use crate::diagnostic::named;
use crate::move_in::{Moving, config};
use crate::table;
use crate::tree::{Entry, Value};

/// What an export says besides the settings.
const NOT_SETTINGS: [&str; 9] = [
    "id",
    "name",
    "enabled",
    "metadata",
    "sourceId",
    "createdAt",
    "updatedAt",
    "settings",
    "links",
];

pub(super) fn read(mut entries: Vec<Entry>, moving: &mut Moving<'_>) {
    let mut found = config::find(&entries, config::is_classic_key).is_some();
    // Unwraps the settings, to own them: maps in form of a list are rewritten.
    while found
        && !entries
            .iter()
            .any(|entry| config::is_classic_key(&entry.key))
    {
        let inner = entries.into_iter().find_map(|entry| {
            let is_around = config::find(entry.node.entries(), config::is_classic_key).is_some();
            match entry.node.value {
                Value::Map(inner) if is_around => Some(inner),
                _ => None,
            }
        });
        found = inner.is_some();
        entries = inner.unwrap_or_default();
    }
    let (settings, others): (Vec<_>, Vec<_>) = entries
        .into_iter()
        .partition(|entry| config::is_classic_key(&entry.key));
    // Exports write maps as lists of pairs too.
    let as_map = |entry: Entry| Entry {
        node: config::as_map(&entry.node),
        ..entry
    };
    let settings: Vec<Entry> = settings.into_iter().map(as_map).collect();
    moving.destination = table::read(&settings, &[], &mut moving.reader);
    for entry in others.iter().filter(|entry| !entry.node.is_unset()) {
        match entry.key.as_str() {
            "accessToken" | "access_token" | "token" => moving.access_token(entry),
            key if NOT_SETTINGS.contains(&key) => {}
            key => {
                let remark = format!("the setting{} has no counterpart", named(key));
                moving.remark(entry, remark, "`segue init` shows all settings there are");
            }
        }
    }
}
