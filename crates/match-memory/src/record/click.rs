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
    /// The click of a well-formed `fbc` of an event of this time. One whose own time is the event's was derived from the
    /// event's page, and its time means nothing more.
    pub(crate) fn of_fbc(fbc: &'a str, event_time: u64) -> Option<Self> {
        let id = fbc.get(parts(fbc)?.id)?;
        Some(if is_derived_at(fbc, event_time) {
            Self::Derived(id)
        } else {
            Self::Explicit(fbc)
        })
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

    /// When it was first seen, if an event of this time is the first to tell of it: the time inside of the `fbc`, if that is a
    /// time before the event; milliseconds.
    pub(crate) fn first_seen(self, event_time: u64) -> u64 {
        let Self::Explicit(fbc) = self else {
            return event_time;
        };
        let own = parts(fbc)
            .and_then(|parts| fbc.get(parts.time))
            .and_then(|time| time.parse::<u64>().ok());
        own.filter(|own| (EARLIEST..event_time).contains(own))
            .unwrap_or(event_time)
    }

    /// The value of `fbc`.
    pub(crate) fn fbc(self, first_seen: u64) -> String {
        match self {
            Self::Explicit(fbc) => fbc.to_owned(),
            Self::Derived(id) => format!("fb.1.{first_seen}.{id}"),
        }
    }
}

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
    let time = parts(fbc)
        .filter(|_| fbc.starts_with("fb.1."))
        .and_then(|parts| fbc.get(parts.time)?.parse::<u64>().ok());
    time.is_some_and(|time| time / 1000 == event_time / 1000)
}

#[cfg(test)]
mod tests {
    use super::Click;

    #[test]
    fn an_fbc_with_the_time_of_its_event_is_a_derived_one() {
        let time = 1_764_000_000_500;
        let derived = Click::of_fbc("fb.1.1764000000123.AbC", time);
        assert!(derived == Some(Click::Derived("AbC")));
        let explicit = Click::of_fbc("fb.1.1763000000123.AbC.AQQCAQMC", time).expect("a click");
        assert!(matches!(explicit, Click::Explicit(_)));
        assert_eq!(explicit.id(), "AbC");
        assert_eq!(explicit.first_seen(time), 1_763_000_000_123);
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
            let click = Click::of_fbc(fbc, time).expect("a click");
            assert_eq!(click.first_seen(time), time, "{fbc}");
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
