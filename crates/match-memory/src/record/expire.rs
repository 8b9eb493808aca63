//! What is too old is left out.

use super::{entries, last_seen, push, tag};

/// Whether all of a record is kept: nothing in it is older than `oldest` (Unix milliseconds), and it says something.
pub(crate) fn is_fresh(record: &[u8], oldest: u64) -> bool {
    let mut says_something = false;
    for entry in entries(record) {
        let is_old = match entry.tag {
            tag::RESET => true,
            tag::CROWDED => false,
            _ => entry.time < oldest,
        };
        if is_old {
            return false;
        }
        says_something |= entry.tag != tag::SEEN;
    }
    says_something && last_seen(record) >= oldest
}

/// Copies what is not older than `oldest` (Unix milliseconds) to the end of `out`: nothing at all if nothing but the time
/// of the last sight is left. `keep_reset` says whether older records may exist somewhere.
pub(crate) fn expire(record: &[u8], oldest: u64, keep_reset: bool, out: &mut Vec<u8>) {
    let start = out.len();
    let is_alive = last_seen(record) >= oldest;
    let mut says_something = false;
    for entry in entries(record) {
        let keeps = match entry.tag {
            tag::RESET => keep_reset,
            tag::SEEN | tag::CROWDED => is_alive,
            _ => is_alive && entry.time >= oldest,
        };
        if keeps {
            says_something |= entry.tag != tag::SEEN;
            push(out, entry);
        }
    }
    if !says_something {
        out.truncate(start);
    }
}

#[cfg(test)]
mod tests {
    use super::{expire, is_fresh};
    use crate::record::tests::record;
    use crate::record::{is_reset, tag};

    fn expired(list: &[(u8, u64, &[u8])], oldest: u64, keep_reset: bool) -> Vec<u8> {
        let (record, mut out) = (record(list), Vec::new());
        expire(&record, oldest, keep_reset, &mut out);
        assert_eq!(
            is_fresh(&record, oldest),
            out == record && !is_reset(&record)
        );
        out
    }

    #[test]
    fn each_entry_has_its_own_age() {
        let list: [(u8, u64, &[u8]); 3] = [(tag::SEEN, 9, b""), (2, 5, b"a"), (3, 6, b"b")];
        assert_eq!(expired(&list, 6, false), record(&[list[0], list[2]]));
        assert_eq!(expired(&list, 7, false), b"", "only the last sight is left");
        assert_eq!(expired(&list, 10, false), b"");
    }

    #[test]
    fn a_reset_stays_while_something_older_may_exist() {
        let list: [(u8, u64, &[u8]); 2] = [(tag::RESET, 0, b""), (tag::SEEN, 9, b"")];
        assert_eq!(expired(&list, 10, true), record(&[list[0]]));
        assert_eq!(expired(&list, 5, false), b"");
    }
}
