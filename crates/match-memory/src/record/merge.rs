//! Two records of one id become one, the same whatever the order and the number of merges.
//!
//! - **When last seen, and every field but the clicks**: the latest wins. Of two of the same millisecond the greater
//!   bytes win, so that the order of arrival never matters.
//! - **Clicks**: each id once, with the earliest time at which it was seen; an `fbc` that came from a browser wins over
//!   an id out of an address. The latest eight are kept: up to eight clicks within the time to live the result does not
//!   depend on the order; of a ninth, the time first seen is lost with the click.
//! - **Devices of a user**: those last seen.
//! - **Users of a device**: up to three; with a fourth the record says that there are too many, and nothing else, for
//!   good.

use std::cmp::Reverse;

use arrayvec::ArrayVec;

use super::{
    Click, Entry, MAX_CLICKS, MAX_DEVICES, MAX_USERS, entries, is_reset, last_seen, push, tag,
};

/// The longest list of one tag in a record.
const LONGEST: usize = if MAX_CLICKS > MAX_DEVICES {
    MAX_CLICKS
} else {
    MAX_DEVICES
};

type Group<'a> = ArrayVec<Entry<'a>, { 2 * LONGEST }>;

/// Merges into `out`, which is emptied first. `newer` was learned later; that matters only where it forgets what is older.
pub(crate) fn merge(newer: &[u8], older: &[u8], out: &mut Vec<u8>) {
    out.clear();
    if is_reset(newer) || older.is_empty() {
        out.extend_from_slice(newer);
        return;
    }
    let mut newer_entries = entries(newer).peekable();
    let mut older_entries = entries(older).peekable();
    loop {
        let tags = [newer_entries.peek(), older_entries.peek()];
        let Some(tag) = tags.into_iter().flatten().map(|entry| entry.tag).min() else {
            return;
        };
        if !is_list(tag) {
            let newer = newer_entries.next_if(|entry| entry.tag == tag);
            let older = older_entries.next_if(|entry| entry.tag == tag);
            if let Some(latest) = newer.max(older) {
                push(out, latest);
            }
            continue;
        }
        let mut group = Group::new();
        while let Some(entry) = newer_entries.next_if(|entry| entry.tag == tag) {
            let _ = group.try_push(entry);
        }
        while let Some(entry) = older_entries.next_if(|entry| entry.tag == tag) {
            let _ = group.try_push(entry);
        }
        match tag {
            tag::CLICK => keep_latest_clicks(&mut group),
            tag::DEVICE => keep_latest_devices(&mut group),
            tag::USER => {
                keep_each_once(&mut group);
                if group.len() > MAX_USERS {
                    write_crowded(newer, older, out);
                    return;
                }
            }
            _ => {
                write_crowded(newer, older, out);
                return;
            }
        }
        for entry in &group {
            push(out, *entry);
        }
    }
}

/// Whether a record may have several entries of a tag, or one that changes all others.
fn is_list(tag: u8) -> bool {
    matches!(tag, tag::CLICK | tag::DEVICE | tag::USER | tag::CROWDED)
}

/// The record of a device that has too many users.
fn write_crowded(newer: &[u8], older: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let seen = last_seen(newer).max(last_seen(older));
    if is_reset(older) {
        push(
            out,
            Entry {
                tag: tag::RESET,
                time: 0,
                value: &[],
            },
        );
    }
    push(
        out,
        Entry {
            tag: tag::SEEN,
            time: seen,
            value: &[],
        },
    );
    push(
        out,
        Entry {
            tag: tag::CROWDED,
            time: 0,
            value: &[],
        },
    );
}

fn keep_latest_clicks(group: &mut Group<'_>) {
    let mut kept = Group::new();
    for entry in group.drain(..) {
        let same = |other: &&mut Entry<'_>| {
            other.value == entry.value
                || Click::read(other.value).map(Click::id)
                    == Click::read(entry.value).map(Click::id)
        };
        match kept.iter_mut().find(same) {
            // The explicit one sorts first.
            Some(other) => {
                other.time = other.time.min(entry.time);
                other.value = other.value.min(entry.value);
            }
            None => kept.push(entry),
        }
    }
    kept.sort_unstable_by_key(|entry| (Reverse(entry.time), entry.value));
    kept.truncate(MAX_CLICKS);
    *group = kept;
}

fn keep_latest_devices(group: &mut Group<'_>) {
    keep_each_once(group);
    group.sort_unstable_by_key(|entry| (Reverse(entry.time), entry.value));
    group.truncate(MAX_DEVICES);
}

/// Each value once, with its latest time.
fn keep_each_once(group: &mut Group<'_>) {
    group.sort_unstable_by_key(|entry| (entry.value, Reverse(entry.time)));
    let mut last = None;
    group.retain(|entry| last.replace(entry.value) != Some(entry.value));
}

#[cfg(test)]
mod tests;
