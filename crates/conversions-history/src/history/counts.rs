//! The counts since the last minute was written.

use std::collections::HashMap;

use super::match_keys::{KeyCounts, MatchKeySet};

/// Different counters at most. Destinations, sources and reasons come from settings and closed lists, so a correct program
/// stays far below.
const MAX_SERIES: usize = 4096;
/// Pairs of destination and event name at most. Senders choose names: those beyond it are counted together.
pub(super) const MAX_NAMES: usize = 200;
/// The name under which the events beyond it are counted.
pub(super) const OTHER: &str = "(other)";
/// Between the parts of a key. No name of settings has it.
const SEPARATOR: char = '\u{1f}';

/// Something that is counted. Reasons are stable names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Counter<'a> {
    /// Messages that came in, by source.
    Messages {
        /// Name of the source.
        source: &'a str,
    },
    /// Messages and requests that were refused before any destination.
    Refused {
        /// Why.
        reason: &'a str,
    },
    /// Events that were stored.
    Accepted {
        /// Name of the destination.
        destination: &'a str,
    },
    /// Messages that are not for the destination.
    Skipped {
        /// Name of the destination.
        destination: &'a str,
        /// Why.
        reason: &'a str,
    },
    /// Messages that should be sent and cannot be.
    Rejected {
        /// Name of the destination.
        destination: &'a str,
        /// Why.
        reason: &'a str,
    },
    /// Events that Meta received.
    Delivered {
        /// Name of the destination.
        destination: &'a str,
    },
    /// Events that were given up.
    DeadLettered {
        /// Name of the destination.
        destination: &'a str,
        /// Why.
        reason: &'a str,
    },
    /// Requests to Meta that failed.
    FailedRequest {
        /// Name of the destination.
        destination: &'a str,
        /// How.
        reason: &'a str,
    },
    /// Answers of Meta that took up to a bound of [`AnswerTimes`](super::AnswerTimes).
    Answer {
        /// Name of the destination.
        destination: &'a str,
        /// Index of the bound.
        bound: u8,
    },
}

impl<'a> Counter<'a> {
    /// Kind, name and detail, as files hold them.
    pub(super) fn parts(self) -> (u8, &'a str, &'a str) {
        match self {
            Self::Messages { source } => (0, source, ""),
            Self::Refused { reason } => (1, "", reason),
            Self::Accepted { destination } => (2, destination, ""),
            Self::Skipped {
                destination,
                reason,
            } => (3, destination, reason),
            Self::Rejected {
                destination,
                reason,
            } => (4, destination, reason),
            Self::Delivered { destination } => (5, destination, ""),
            Self::DeadLettered {
                destination,
                reason,
            } => (6, destination, reason),
            Self::FailedRequest {
                destination,
                reason,
            } => (7, destination, reason),
            Self::Answer { destination, bound } => {
                let digits = ["0", "1", "2", "3", "4", "5", "6", "7", "8"];
                (
                    8,
                    destination,
                    digits.get(usize::from(bound)).copied().unwrap_or("8"),
                )
            }
        }
    }

    /// The counter of these parts; `None` for a kind that a later version has added.
    pub(super) fn from_parts(kind: u8, name: &'a str, detail: &'a str) -> Option<Self> {
        let (source, destination, reason) = (name, name, detail);
        Some(match kind {
            0 => Self::Messages { source },
            1 => Self::Refused { reason },
            2 => Self::Accepted { destination },
            3 => Self::Skipped {
                destination,
                reason,
            },
            4 => Self::Rejected {
                destination,
                reason,
            },
            5 => Self::Delivered { destination },
            6 => Self::DeadLettered {
                destination,
                reason,
            },
            7 => Self::FailedRequest {
                destination,
                reason,
            },
            8 => Self::Answer {
                destination,
                bound: detail.parse().ok()?,
            },
            _ => return None,
        })
    }
}

/// The names behind the numbers of counters.
#[derive(Debug, Default)]
pub(super) struct Series {
    numbers: HashMap<Box<str>, u32>,
    keys: Vec<Box<str>>,
    /// The key that is looked up, kept for its memory.
    scratch: String,
}

impl Series {
    fn number(&mut self, prefix: char, name: &str, detail: &str, limit: usize) -> Option<u32> {
        self.scratch.clear();
        self.scratch.push(prefix);
        self.scratch.push_str(name);
        self.scratch.push(SEPARATOR);
        self.scratch.push_str(detail);
        if let Some(number) = self.numbers.get(self.scratch.as_str()) {
            return Some(*number);
        }
        if self.keys.len() >= limit {
            return None;
        }
        let number = u32::try_from(self.keys.len()).ok()?;
        self.keys.push(self.scratch.as_str().into());
        self.numbers.insert(self.scratch.as_str().into(), number);
        Some(number)
    }

    fn parts(&self, number: u32) -> Option<(char, &str, &str)> {
        let key = self.keys.get(usize::try_from(number).ok()?)?;
        let mut rest = key.chars();
        let prefix = rest.next()?;
        let (name, detail) = rest.as_str().split_once(SEPARATOR)?;
        Some((prefix, name, detail))
    }
}

/// A [`Counter`] that was looked up, for those who count the same thing often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CounterNumber(u32);

/// A pair of destination and event name that was looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventNameNumber(u32);

/// What is counted until the minute is over.
#[derive(Debug, Default)]
pub struct Counts {
    series: Series,
    names: Series,
    /// By number of the series.
    pub(super) values: Vec<u64>,
    /// By number of the pair of destination and event name.
    pub(super) keys: Vec<KeyCounts>,
}

impl Counts {
    /// Adds to a counter.
    pub fn add(&mut self, counter: Counter<'_>, count: u64) {
        if count == 0 {
            return;
        }
        if let Some(number) = self.look_up(counter) {
            self.add_to(number, count);
        }
    }

    /// The number of a counter, the same as long as the process runs; `None` when there are too many.
    pub fn look_up(&mut self, counter: Counter<'_>) -> Option<CounterNumber> {
        self.number(counter).map(CounterNumber)
    }

    /// Adds to a counter of this history that was looked up before.
    pub fn add_to(&mut self, CounterNumber(number): CounterNumber, count: u64) {
        if let Some(value) = slot(&mut self.values, number) {
            *value = value.saturating_add(count);
        }
    }

    /// The number of events of one name, the same as long as the process runs. Names beyond the first 200 share one.
    pub fn look_up_name(&mut self, destination: &str, event_name: &str) -> Option<EventNameNumber> {
        self.name_number(destination, event_name)
            .map(EventNameNumber)
    }

    /// Counts an accepted event of a name that was looked up before, with the match keys that it has.
    pub fn add_match_keys(&mut self, EventNameNumber(number): EventNameNumber, keys: MatchKeySet) {
        if let Some(counts) = slot(&mut self.keys, number) {
            counts.add(keys);
        }
    }

    /// The number of a counter.
    pub(super) fn number(&mut self, counter: Counter<'_>) -> Option<u32> {
        let (kind, name, detail) = counter.parts();
        self.series
            .number(char::from(kind), name, detail, MAX_SERIES)
    }

    /// The number of a pair of destination and event name.
    pub(super) fn name_number(&mut self, destination: &str, event_name: &str) -> Option<u32> {
        let limit = MAX_NAMES;
        self.names
            .number('n', destination, event_name, limit)
            .or_else(|| self.names.number('n', destination, OTHER, 2 * limit))
    }

    /// The counter of a number.
    pub(super) fn counter(&self, number: u32) -> Option<Counter<'_>> {
        let (kind, name, detail) = self.series.parts(number)?;
        Counter::from_parts(u8::try_from(kind).ok()?, name, detail)
    }

    /// Destination and event name of a number.
    pub(super) fn name(&self, number: u32) -> Option<(&str, &str)> {
        let (_, destination, event_name) = self.names.parts(number)?;
        Some((destination, event_name))
    }
}

/// The place of a number, with zeros up to it.
fn slot<T: Default + Clone>(values: &mut Vec<T>, number: u32) -> Option<&mut T> {
    let at = usize::try_from(number).ok()?;
    if values.len() <= at {
        values.resize(at + 1, T::default());
    }
    values.get_mut(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_is_the_same_after_it_was_written_and_read() {
        let (destination, reason) = ("shop", "not_track");
        for counter in [
            Counter::Messages { source: "web" },
            Counter::Refused { reason },
            Counter::Accepted { destination },
            Counter::Skipped {
                destination,
                reason,
            },
            Counter::Rejected {
                destination,
                reason,
            },
            Counter::Delivered { destination },
            Counter::DeadLettered {
                destination,
                reason,
            },
            Counter::FailedRequest {
                destination,
                reason,
            },
            Counter::Answer {
                destination,
                bound: 8,
            },
        ] {
            let (kind, name, detail) = counter.parts();
            assert_eq!(Counter::from_parts(kind, name, detail), Some(counter));
            let mut counts = Counts::default();
            let number = counts.number(counter).expect("room");
            assert_eq!(counts.counter(number), Some(counter));
        }
    }

    #[test]
    fn event_names_beyond_the_limit_are_counted_together() {
        let mut counts = Counts::default();
        for number in 0..1000 {
            let name = counts.look_up_name("shop", &format!("Event {number}"));
            counts.add_match_keys(name.expect("room"), MatchKeySet::default());
        }
        let names: Vec<_> = (0..).map_while(|number| counts.name(number)).collect();
        assert_eq!(names.len(), MAX_NAMES + 1);
        assert_eq!(names.last(), Some(&("shop", OTHER)));
        assert_eq!(counts.keys[MAX_NAMES].events, 800);
    }
}
