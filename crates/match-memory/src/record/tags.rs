//! Sets of tags, and the part of a record that they name.

use super::{entries, is_reset, says_something, tag};

/// Some tags of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Tags(u32);

impl Tags {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const ALL: Self = Self(u32::MAX);
    /// What a part of a record always has: without it, an id would count as a person that is none, or say what it must not.
    const ALWAYS: Self = Self(1 << tag::SEEN | 1 << tag::USER | 1 << tag::CROWDED);

    /// The tags of a record's entries.
    pub(crate) fn of(record: &[u8]) -> Self {
        entries(record).fold(Self::NONE, |tags, entry| tags.union(Self::one(entry.tag)))
    }

    fn one(tag: u8) -> Self {
        // There are fewer than 32; a tag of a later version counts as all of them.
        1_u32.checked_shl(u32::from(tag)).map_or(Self::ALL, Self)
    }

    pub(crate) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn has(self, tag: u8) -> bool {
        self.0 & Self::one(tag).0 != 0
    }
}

/// Appends the entries of a record with these tags; all of them, if the record hides older ones, or if they would say nothing
/// of an id of which something is known.
pub(crate) fn push_part(out: &mut Vec<u8>, record: &[u8], tags: Tags) {
    let start = out.len();
    if tags != Tags::ALL && !is_reset(record) {
        let wanted = tags.union(Tags::ALWAYS);
        let (mut at, mut from) = (0, 0);
        for entry in entries(record) {
            let end = at + entry.encoded_len();
            if !wanted.has(entry.tag) {
                out.extend_from_slice(record.get(from..at).unwrap_or_default());
                from = end;
            }
            at = end;
        }
        out.extend_from_slice(record.get(from..at).unwrap_or_default());
        if says_something(out.get(start..).unwrap_or_default()) {
            return;
        }
        out.truncate(start);
    }
    out.extend_from_slice(record);
}

#[cfg(test)]
mod tests {
    use super::{Tags, push_part};
    use crate::record::tests::record;
    use crate::record::{merge, reset, tag};

    fn part(record: &[u8], tags: Tags) -> Vec<u8> {
        let mut out = b"before".to_vec();
        push_part(&mut out, record, tags);
        out.split_off(6)
    }

    #[test]
    fn a_part_has_what_has_changed_and_whom_a_device_belongs_to() {
        let whole = record(&[
            (tag::SEEN, 9, b""),
            (2, 5, b"em"),
            (3, 9, b"ph"),
            (tag::CLICK, 4, b"a"),
            (tag::CLICK, 3, b"b"),
            (tag::USER, 9, b"u"),
        ]);
        let changed = record(&[(tag::SEEN, 9, b""), (tag::CLICK, 4, b"a")]);
        let expected = record(&[
            (tag::SEEN, 9, b""),
            (tag::CLICK, 4, b"a"),
            (tag::CLICK, 3, b"b"),
            (tag::USER, 9, b"u"),
        ]);
        assert_eq!(part(&whole, Tags::of(&changed)), expected);
        assert_eq!(part(&whole, Tags::of(&whole)), whole);
        assert_eq!(part(&whole, Tags::ALL), whole);
    }

    #[test]
    fn a_part_that_would_say_nothing_is_the_whole() {
        let whole = record(&[(tag::SEEN, 9, b""), (2, 5, b"em")]);
        let seen = Tags::of(&record(&[(tag::SEEN, 9, b"")]));
        assert_eq!(part(&whole, seen), whole);
        let forgotten = reset();
        assert_eq!(part(&forgotten, Tags::NONE), forgotten);
    }

    #[test]
    fn a_part_and_what_was_there_before_make_the_whole() {
        let before = record(&[(tag::SEEN, 5, b""), (2, 5, b"em"), (13, 5, b"fbp")]);
        let learned = record(&[(tag::SEEN, 9, b""), (13, 9, b"new"), (tag::DEVICE, 9, b"d")]);
        let (mut whole, mut again) = (Vec::new(), Vec::new());
        merge(&learned, &before, &mut whole);
        merge(&part(&whole, Tags::of(&learned)), &before, &mut again);
        assert_eq!(again, whole);
    }
}
