//! How often each event name occurs, in bounded memory, and which names may be shown.

use std::collections::BTreeMap;

use conversions_mapping::is_printable;
use facebook_conversions::StandardEvent;

/// Different names that are counted one by one; later ones are counted together. Bounds the memory of a report.
const MOST_NAMES: usize = 2_000;

/// Longer names, in bytes, are counted together with the others. Meta allows custom names of 50 characters.
const LONGEST: usize = 200;

/// How many events have each name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameCounts {
    names: BTreeMap<Box<str>, NamedEvents>,
    /// Events whose name may be personal.
    pub not_shown: u64,
    /// Events whose name is not counted by itself.
    others: u64,
}

/// The events of one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedEvents {
    /// How many.
    pub events: u64,
    /// The standard event they are sent as; `None` when they are sent under their own name.
    pub standard_event: Option<StandardEvent>,
}

/// The most frequent names.
#[derive(Debug, PartialEq, Eq)]
pub struct TopNames<'a> {
    /// The names and their events, the most frequent first.
    pub names: Vec<(&'a str, NamedEvents)>,
    /// Events of all other names that may be shown.
    pub others: u64,
}

impl NameCounts {
    /// Counts an event. A name that could be personal is not kept.
    pub fn count(&mut self, name: &str, standard_event: Option<StandardEvent>) {
        let one = NamedEvents {
            events: 1,
            standard_event,
        };
        if may_be_shown(name) {
            self.add(name, one);
        } else {
            self.not_shown += 1;
        }
    }

    fn add(&mut self, name: &str, named: NamedEvents) {
        if let Some(known) = self.names.get_mut(name) {
            known.events += named.events;
        } else if self.names.len() < MOST_NAMES && name.len() <= LONGEST {
            self.names.insert(name.into(), named);
        } else {
            self.others += named.events;
        }
    }

    /// Adds other counts and leaves them at zero.
    pub fn merge(&mut self, other: &mut Self) {
        for (name, named) in std::mem::take(&mut other.names) {
            self.add(&name, named);
        }
        self.not_shown += std::mem::take(&mut other.not_shown);
        self.others += std::mem::take(&mut other.others);
    }

    /// All events that were counted.
    #[must_use]
    pub fn total(&self) -> u64 {
        let named: u64 = self.names.values().map(|named| named.events).sum();
        named + self.not_shown + self.others
    }

    /// The `most` most frequent names; equally frequent ones in alphabetical order.
    #[must_use]
    pub fn top(&self, most: usize) -> TopNames<'_> {
        let mut names: Vec<_> = self
            .names
            .iter()
            .map(|(name, named)| (&**name, *named))
            .collect();
        names.sort_by_key(|(_, named)| std::cmp::Reverse(named.events));
        names.truncate(most);
        let shown: u64 = names.iter().map(|(_, named)| named.events).sum();
        TopNames {
            names,
            others: self.total() - self.not_shown - shown,
        }
    }
}

/// Whether a name can neither be personal nor control a terminal. Stricter than [`is_printable`]: it finds phone numbers with
/// punctuation between the digits, and URL-encoded e-mail addresses.
fn may_be_shown(name: &str) -> bool {
    let mut digits = 0;
    let mut looks_like_phone = false;
    for c in name.chars() {
        match c {
            _ if c.is_numeric() => digits += 1,
            ' ' | '-' | '.' | '(' | ')' | '/' | '+' | '_' => {}
            _ => digits = 0,
        }
        looks_like_phone |= digits >= 7;
    }
    let controls_terminal = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    is_printable(name)
        && !looks_like_phone
        && !name.contains("%40")
        && !name.contains(controls_terminal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_may_be_personal_are_counted_and_not_kept() {
        let mut counts = NameCounts::default();
        for name in [
            "Invited jane@example.com",
            "Invited jane%40example.com",
            "Called 5105550188",
            "Called +1 (510) 555-0188",
            "Called 0049 151 555.0188",
            "\u{1b}[2J",
            "evil\u{202e}name",
        ] {
            counts.count(name, None);
        }
        assert_eq!((counts.not_shown, counts.names.len()), (7, 0));
        for name in [
            "Order Completed",
            "Step 2 of 10",
            "2026-11 Sale",
            "Größe gewählt",
        ] {
            assert!(may_be_shown(name), "{name}");
        }
    }

    #[test]
    fn the_most_frequent_come_first_and_everything_adds_up() {
        let mut counts = NameCounts::default();
        for (name, times) in [("b", 2), ("a", 2), ("c", 3), ("d", 1), ("e@f", 4)] {
            for _ in 0..times {
                counts.count(name, None);
            }
        }
        let top = counts.top(3);
        let names: Vec<_> = top.names.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["c", "a", "b"]);
        assert_eq!((top.others, counts.not_shown, counts.total()), (1, 4, 12));
    }

    #[test]
    fn memory_is_bounded_and_nothing_is_lost_in_the_sum() {
        let letters = |number: usize| -> String {
            // Digits would look like telephone numbers.
            let digits = number.to_string();
            digits.bytes().map(|digit| char::from(digit + 49)).collect()
        };
        let mut total = NameCounts::default();
        for chunk in 0..3 {
            let mut counts = NameCounts::default();
            for name in 0..MOST_NAMES {
                counts.count(&letters(chunk * MOST_NAMES + name), None);
            }
            counts.count(&"x".repeat(LONGEST + 1), None);
            total.merge(&mut counts);
            assert_eq!(counts, NameCounts::default());
        }
        assert_eq!(total.names.len(), MOST_NAMES);
        assert_eq!(total.total(), 3 * (MOST_NAMES as u64 + 1));
    }
}
