//! Click ids: what `fbc` is made of.

use std::ops::Range;

/// A click that is remembered: its id, and the `fbc` that the browser had made of it, if it ever came with an event.
///
/// On disk: a byte that tells which, and the id or the whole `fbc`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Click<'a> {
    /// An `fbc` as it came, which is never altered.
    Explicit(&'a str),
    /// An `fbclid` out of the address of a page.
    Derived(&'a str),
}

/// The byte in front. What came from a browser sorts first: it is preferred.
const EXPLICIT: u8 = 0;
const DERIVED: u8 = 1;

impl<'a> Click<'a> {
    /// The click of a well-formed `fbc` of an event of this time, and when it was first seen if this event is the first to
    /// tell of it: the time inside of the `fbc`, if that is a time before the event; milliseconds. An `fbc` whose own time is
    /// the event's was derived from the event's page, and its time means nothing more.
    pub(crate) fn of_fbc(fbc: &'a str, event_time: u64) -> Option<(Self, u64)> {
        let parts = parts(fbc)?;
        let own = fbc.get(parts.time)?.parse::<u64>().ok();
        if fbc.starts_with(DERIVED_PREFIX) && own.is_some_and(|own| is_same_second(own, event_time))
        {
            return Some((Self::Derived(fbc.get(parts.id)?), event_time));
        }
        let first_seen = own.filter(|own| (EARLIEST..event_time).contains(own));
        Some((Self::Explicit(fbc), first_seen.unwrap_or(event_time)))
    }

    pub(crate) fn read(value: &'a [u8]) -> Option<Self> {
        let (kind, text) = value.split_first()?;
        let text = std::str::from_utf8(text).ok()?;
        match *kind {
            EXPLICIT => parts(text).map(|_| Self::Explicit(text)),
            DERIVED => Some(Self::Derived(text)),
            _ => None,
        }
    }

    pub(crate) fn write(self, value: &mut Vec<u8>) {
        let (kind, text) = match self {
            Self::Explicit(text) => (EXPLICIT, text),
            Self::Derived(text) => (DERIVED, text),
        };
        value.push(kind);
        value.extend_from_slice(text.as_bytes());
    }

    /// The `fbclid`.
    pub(crate) fn id(self) -> &'a str {
        match self {
            Self::Derived(id) => id,
            Self::Explicit(fbc) => parts(fbc)
                .and_then(|parts| fbc.get(parts.id))
                .unwrap_or_default(),
        }
    }

    /// The value of `fbc`.
    pub(crate) fn fbc(self, first_seen: u64) -> String {
        match self {
            Self::Explicit(fbc) => fbc.to_owned(),
            Self::Derived(id) => format!("fb.1.{first_seen}.{id}"),
        }
    }
}

/// What stands in front of the time in an `fbc` that was derived.
const DERIVED_PREFIX: &str = "fb.1.";

/// Before 2001 there was no Facebook: a smaller number is a time in seconds.
const EARLIEST: u64 = 1_000_000_000_000;

struct Parts {
    time: Range<usize>,
    id: Range<usize>,
}

/// Where the parts of an `fbc` are.
fn parts(fbc: &str) -> Option<Parts> {
    let bytes = fbc.as_bytes();
    // The version and the index in front are a few bytes long, the id is the rest.
    let dot = |from: usize| {
        let after = bytes.get(from..)?.iter().position(|byte| *byte == b'.')?;
        Some(from + after)
    };
    let index = dot(0)? + 1;
    let time = dot(index)? + 1;
    let id = dot(time)? + 1;
    let end = dot(id).unwrap_or(fbc.len());
    (id < end).then_some(Parts {
        time: time..id - 1,
        id: id..end,
    })
}

/// Whether an `fbc` was derived from an `fbclid` with the time of its event: `fb.1.` the event's time, in the same second.
pub(crate) fn is_derived_at(fbc: &str, event_time: u64) -> bool {
    let (time, id) = fbc
        .strip_prefix(DERIVED_PREFIX)
        .and_then(|rest| rest.split_once('.'))
        .unwrap_or_default();
    let has_id = !id.is_empty() && !id.starts_with('.');
    has_id
        && time
            .parse()
            .is_ok_and(|time| is_same_second(time, event_time))
}

fn is_same_second(one: u64, other: u64) -> bool {
    one / 1000 == other / 1000
}

#[cfg(test)]
mod tests {
    use super::{Click, is_derived_at};

    #[test]
    fn an_fbc_with_the_time_of_its_event_is_a_derived_one() {
        let time = 1_764_000_000_500;
        let derived = Click::of_fbc("fb.1.1764000000123.AbC", time);
        assert!(derived == Some((Click::Derived("AbC"), time)));
        let (explicit, first_seen) =
            Click::of_fbc("fb.1.1763000000123.AbC.AQQCAQMC", time).expect("a click");
        assert!(matches!(explicit, Click::Explicit(_)));
        assert_eq!(explicit.id(), "AbC");
        assert_eq!(first_seen, 1_763_000_000_123);
        assert_eq!(explicit.fbc(1), "fb.1.1763000000123.AbC.AQQCAQMC");
    }

    #[test]
    fn a_time_inside_of_fbc_that_cannot_be_is_not_believed() {
        let time = 1_764_000_000_500;
        for fbc in [
            "fb.1.1763000000.AbC",
            "fb.1.1999000000123.AbC",
            "fb.1.99999999999999999999.AbC",
        ] {
            let (_, first_seen) = Click::of_fbc(fbc, time).expect("a click");
            assert_eq!(first_seen, time, "{fbc}");
        }
    }

    #[test]
    fn only_an_fbc_of_the_same_second_with_an_id_is_derived() {
        let time = 1_764_000_000_500;
        for (fbc, is_derived) in [
            ("fb.1.1764000000123.AbC", true),
            ("fb.1.1764000000999.AbC.AQQCAQMC", true),
            ("fb.1.1764000001000.AbC", false),
            ("fb.2.1764000000123.AbC", false),
            ("fb.1.1764000000123.", false),
            ("fb.1.1764000000123..AQQCAQMC", false),
            ("fb.1.1764000000123", false),
            ("fb.1..AbC", false),
            ("", false),
        ] {
            assert_eq!(is_derived_at(fbc, time), is_derived, "{fbc}");
            let click = Click::of_fbc(fbc, time);
            let has_id = matches!(click, Some((Click::Derived("AbC"), _)));
            assert_eq!(has_id, is_derived, "{fbc}");
        }
    }

    #[test]
    fn clicks_are_read_as_they_were_written() {
        for click in [Click::Derived("AbC"), Click::Explicit("fb.2.1.x")] {
            let mut value = Vec::new();
            click.write(&mut value);
            assert!(Click::read(&value) == Some(click));
        }
        assert!(Click::read(b"").is_none());
        assert!(Click::read(b"\0fb.1").is_none());
    }
}
