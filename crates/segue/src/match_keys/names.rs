//! How often each event name occurs, in bounded memory, and which names may be shown.

use std::collections::BTreeMap;

use conversions_mapping::is_printable;
use facebook_conversions::StandardEvent;

/// How many different names are told apart; those that come later are counted together.
const MOST_NAMES: usize = 2_000;

/// Names of more bytes are counted together with the others. Meta allows custom names 50 characters.
const LONGEST: usize = 200;

/// Counts of names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NameCounts {
    names: BTreeMap<Box<str>, Named>,
    /// Events whose name may be personal.
    pub(crate) not_shown: u64,
    /// Events whose name is not told apart.
    others: u64,
}

/// One name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) events: u64,
    /// The standard event that it becomes, unless it is sent as it is.
    pub(crate) standard_event: Option<StandardEvent>,
}

/// The names that occur most often.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Top<'a> {
    pub(crate) names: Vec<(&'a str, Named)>,
    /// Events of all names but these and those that are not shown.
    pub(crate) others: u64,
}

impl NameCounts {
    pub(crate) fn count(&mut self, name: &str, standard_event: Option<StandardEvent>) {
        let one = Named {
            events: 1,
            standard_event,
        };
        if may_be_shown(name) {
            self.add(name, one);
        } else {
            self.not_shown += 1;
        }
    }

    fn add(&mut self, name: &str, named: Named) {
        if let Some(known) = self.names.get_mut(name) {
            known.events += named.events;
        } else if self.names.len() < MOST_NAMES && name.len() <= LONGEST {
            self.names.insert(name.into(), named);
        } else {
            self.others += named.events;
        }
    }

    /// Adds other counts and empties them.
    pub(crate) fn take(&mut self, other: &mut Self) {
        for (name, named) in std::mem::take(&mut other.names) {
            self.add(&name, named);
        }
        self.not_shown += std::mem::take(&mut other.not_shown);
        self.others += std::mem::take(&mut other.others);
    }

    /// All events that were counted.
    pub(crate) fn total(&self) -> u64 {
        let named: u64 = self.names.values().map(|named| named.events).sum();
        named + self.not_shown + self.others
    }

    /// The most frequent names, at most so many; of names that occur equally often in the order of the alphabet.
    pub(crate) fn top(&self, most: usize) -> Top<'_> {
        let mut names: Vec<_> = self
            .names
            .iter()
            .map(|(name, named)| (&**name, *named))
            .collect();
        names.sort_by_key(|(_, named)| std::cmp::Reverse(named.events));
        names.truncate(most);
        let shown: u64 = names.iter().map(|(_, named)| named.events).sum();
        Top {
            names,
            others: self.total() - self.not_shown - shown,
        }
    }
}

/// Whether a name can neither be personal nor upset a terminal. Stricter than [`is_printable`]: telephone numbers are
/// found in spite of the punctuation between their digits, and e-mail addresses in spite of their encoding.
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
    let steers_terminal = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    is_printable(name)
        && !looks_like_phone
        && !name.contains("%40")
        && !name.contains(steers_terminal)
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
            total.take(&mut counts);
            assert_eq!(counts, NameCounts::default());
        }
        assert_eq!(total.names.len(), MOST_NAMES);
        assert_eq!(total.total(), 3 * (MOST_NAMES as u64 + 1));
    }
}
