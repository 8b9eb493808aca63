//! Updates a record where it stands, when a message adds nothing new to it but times: by far the most frequent case.

use super::{Entry, HEAD, MAX_TIME, TIME, is_reset, tag};

/// Merges `addition` into `record` without moving a byte, if that is possible; the result is that of
/// [`merge`](super::merge).
///
/// `false` if it is not possible: the record needs a [`merge`](super::merge), of which a part may be done by then. Merging
/// again does no harm.
pub(crate) fn update_in_place(record: &mut [u8], addition: &[u8]) -> bool {
    if is_reset(addition) {
        return false;
    }
    let mut at = 0;
    for entry in super::entries(addition) {
        let Some(place) = find(record, at, entry) else {
            return false;
        };
        at = place.at;
        let value_at = at + HEAD;
        let Some(stored) = record.get_mut(at..value_at + entry.value.len()) else {
            return false;
        };
        let (head, value) = stored.split_at_mut(HEAD);
        let is_later = match entry.tag {
            // The first time counts, and it is there already.
            tag::CLICK => false,
            _ => (entry.time, entry.value) > (place.time, &*value),
        };
        if is_later {
            head[1..=TIME].copy_from_slice(&entry.time.min(MAX_TIME).to_le_bytes()[..TIME]);
            value.copy_from_slice(entry.value);
        }
    }
    true
}

/// Where an entry stands that another one can be merged into, and its time.
struct Place {
    at: usize,
    time: u64,
}

fn find(record: &[u8], from: usize, entry: Entry<'_>) -> Option<Place> {
    let mut at = from;
    let mut is_first = true;
    for stored in super::entries(record.get(from..)?) {
        let has_same_value = || stored.value == entry.value;
        let fits = match stored.tag.cmp(&entry.tag) {
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Greater => return None,
            std::cmp::Ordering::Equal => match entry.tag {
                tag::CROWDED => return None,
                // A list stays sorted by time if the click is no earlier, or the latest device becomes later.
                tag::CLICK => has_same_value() && entry.time >= stored.time,
                tag::DEVICE => (is_first || entry.time <= stored.time) && has_same_value(),
                tag::USER => has_same_value(),
                _ if stored.value.len() == entry.value.len() => true,
                _ => return None,
            },
        };
        if fits {
            let time = stored.time;
            return Some(Place { at, time });
        }
        is_first = stored.tag != entry.tag;
        at += HEAD + stored.value.len();
    }
    None
}
