//! Counts of events, line by line.

use std::borrow::Cow;
use std::collections::BTreeMap;

use conversions_mapping::{Effect, Mapped, Mapper, Note, Outcome, OutcomeCounts, Path};
use facebook_conversions::validation::Warning;
use facebook_conversions::{ActionSource, StandardEvent};
use jiff::Timestamp;
use segment_spec::{Line, Message, Raw};

use crate::hints::HintCounts;
use crate::keys::match_keys;
use crate::names::NameCounts;

/// What a report counts. Memory is bounded, whatever the number of lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QualityCounts {
    /// What became of the lines.
    pub outcomes: OutcomeCounts,
    /// Rejected lines of which an event was formed, which Meta would refuse.
    pub refused: u64,
    pub(crate) keys: BTreeMap<&'static str, KeyCount>,
    /// Accepted events with each warning.
    pub warnings: BTreeMap<Warning, u64>,
    /// Names of events that are sent as standard events.
    pub standard: NameCounts,
    /// Names of events that are sent under their own.
    pub custom: NameCounts,
    /// Accepted website events with neither `fbc` nor `fbp`.
    pub website_without_browser_id: u64,
    /// Accepted website events without `client_ip_address`.
    pub website_without_ip: u64,
    pub(crate) hints: HintCounts,
    pub(crate) memory_gain: MemoryGain,
}

/// What a match memory would add that is not in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct MemoryGain {
    /// Formed events that would get a key that they lack.
    pub(crate) events: u64,
    /// The keys, each with the events that would get it.
    pub(crate) keys: BTreeMap<&'static str, u64>,
}

/// How many events have a match key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyCount {
    /// Accepted events.
    pub accepted: u64,
    /// Events that Meta would refuse.
    pub refused: u64,
    /// Of both, the events that have the key only because earlier messages of the same person had it: it comes from the
    /// match memory.
    pub from_memory: u64,
}

impl KeyCount {
    /// Both together: all events that could be formed.
    #[must_use]
    pub fn formed(self) -> u64 {
        self.accepted + self.refused
    }
}

impl QualityCounts {
    /// Maps a line with a mapping that remembers, and counts only which match keys the memory adds to an event: what events
    /// would gain if it were in use. Lines are counted in the order in which they would be sent.
    pub fn count_memory_gain(&mut self, engine: &mut Mapper<'_>, bytes: &[u8], now: Timestamp) {
        engine.map_bytes(bytes, now, |outcome| {
            let mapped = match &outcome {
                Outcome::Accepted(mapped) => mapped,
                Outcome::Rejected(rejection) => match &rejection.mapped {
                    Some(mapped) => mapped,
                    None => return,
                },
                Outcome::Skipped(_) => return,
            };
            let mut gains = false;
            for key in remembered_keys(mapped) {
                *self.memory_gain.keys.entry(key).or_default() += 1;
                gains = true;
            }
            self.memory_gain.events += u64::from(gains);
        });
    }

    /// Maps a line and counts what becomes of it. Keys that come from a match memory are told apart by notes, so the mapper
    /// needs them where its mapping remembers.
    pub fn count_line(&mut self, mapper: &mut Mapper<'_>, bytes: &[u8], now: Timestamp) {
        let line = match Line::new(bytes) {
            Ok(line) => line,
            Err(error) => return self.outcomes.count(&error.into()),
        };
        match Message::read(&line) {
            Ok(message) => {
                let outcome = mapper.map_message(&message, now);
                self.count(&message, &outcome);
            }
            Err(error) => self.outcomes.count(&error.into()),
        }
    }

    fn count(&mut self, message: &Message<'_>, outcome: &Outcome<'_>) {
        self.outcomes.count(outcome);
        match outcome {
            Outcome::Accepted(mapped) => {
                self.count_event(message, mapped, |key| &mut key.accepted);
                self.count_accepted(mapped);
            }
            Outcome::Rejected(rejection) => {
                if let Some(mapped) = &rejection.mapped {
                    self.refused += 1;
                    self.count_event(message, mapped, |key| &mut key.refused);
                }
            }
            Outcome::Skipped(_) => {}
        }
    }

    fn count_event(
        &mut self,
        message: &Message<'_>,
        mapped: &Mapped<'_>,
        of_key: impl Fn(&mut KeyCount) -> &mut u64,
    ) {
        for key in mapped.event.user_data.present() {
            *of_key(self.keys.entry(key).or_default()) += 1;
        }
        for key in remembered_keys(mapped) {
            self.keys.entry(key).or_default().from_memory += 1;
        }
        let standard_event = StandardEvent::from_name(&mapped.event.event_name);
        let names = match standard_event {
            Some(_) => &mut self.standard,
            None => &mut self.custom,
        };
        names.count(&segment_name(message), standard_event);
        self.hints.count(message, mapped);
    }

    fn count_accepted(&mut self, mapped: &Mapped<'_>) {
        for warning in &mapped.warnings {
            *self.warnings.entry(*warning).or_default() += 1;
        }
        let user = &mapped.event.user_data;
        if mapped.event.action_source == Some(ActionSource::Website) {
            self.website_without_browser_id += u64::from(user.fbc.is_none() && user.fbp.is_none());
            self.website_without_ip += u64::from(user.client_ip_address.is_none());
        }
    }

    /// Adds other counts and leaves them at zero.
    pub fn merge(&mut self, other: &mut Self) {
        let mut other = std::mem::take(other);
        self.outcomes.merge(&mut other.outcomes);
        self.refused += other.refused;
        for (key, others) in other.keys {
            let own = self.keys.entry(key).or_default();
            own.accepted += others.accepted;
            own.refused += others.refused;
            own.from_memory += others.from_memory;
        }
        for (warning, count) in other.warnings {
            *self.warnings.entry(warning).or_default() += count;
        }
        self.standard.merge(&mut other.standard);
        self.custom.merge(&mut other.custom);
        self.website_without_browser_id += other.website_without_browser_id;
        self.website_without_ip += other.website_without_ip;
        self.hints.merge(other.hints);
        self.memory_gain.events += other.memory_gain.events;
        for (key, events) in other.memory_gain.keys {
            *self.memory_gain.keys.entry(key).or_default() += events;
        }
    }

    /// Events that could be formed: the accepted ones, and those that Meta would refuse.
    #[must_use]
    pub fn formed(&self) -> u64 {
        self.outcomes.accepted + self.refused
    }

    /// Lines that are for the destination: all but the skipped ones.
    #[must_use]
    pub fn intended(&self) -> u64 {
        self.outcomes.accepted + self.outcomes.total_rejected()
    }

    /// Each key and how many events have it.
    pub fn keys(&self) -> impl Iterator<Item = (&'static str, KeyCount)> {
        match_keys().map(|key| (key, self.keys.get(key).copied().unwrap_or_default()))
    }

    /// Accepted events without a key.
    #[must_use]
    pub fn accepted_without(&self, key: &str) -> u64 {
        let with = self.keys.get(key).map_or(0, |count| count.accepted);
        self.outcomes.accepted - with
    }
}

/// The keys that an event has from a match memory and from nowhere else.
fn remembered_keys<'m>(mapped: &'m Mapped<'_>) -> impl Iterator<Item = &'static str> + 'm {
    let key_of = |note: &Note<'_>| match note.field {
        Some(Path::Fixed(field)) => field.strip_prefix("user_data."),
        _ => None,
    };
    let remembered = mapped.notes.iter();
    let remembered = remembered.filter(|note| note.effect == Effect::Remembered);
    remembered.filter_map(key_of).filter(move |key| {
        // Of `external_id` and `fbc` the event may have had one of its own.
        !mapped
            .notes
            .iter()
            .any(|note| note.effect != Effect::Remembered && key_of(note) == Some(key))
    })
}

/// The name of a Track call; the kind of other calls, which have no name.
fn segment_name<'a>(message: &Message<'a>) -> Cow<'a, str> {
    let kind = message.kind.and_then(Raw::as_str);
    match kind.as_deref() {
        Some("page") => Cow::Borrowed("(page call)"),
        Some("screen") => Cow::Borrowed("(screen call)"),
        Some("identify") => Cow::Borrowed("(identify call)"),
        _ => message.event.and_then(Raw::as_str).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use conversions_mapping::{Mapping, Settings};

    use super::*;

    fn counts(lines: &str) -> QualityCounts {
        let mapping = Mapping::new(Settings::default()).unwrap();
        let now = "2026-11-20T12:00:00Z".parse().unwrap();
        let mut counts = QualityCounts::default();
        for line in lines.lines().filter(|line| !line.is_empty()) {
            counts.count_line(&mut mapping.mapper(), line.as_bytes(), now);
        }
        counts
    }

    #[test]
    fn merged_counts_equal_counts_of_all_lines() {
        let lines = include_str!("../tests/events.ndjson").repeat(2);
        let mut total = QualityCounts::default();
        for line in lines.lines() {
            let mut piece = counts(line);
            total.merge(&mut piece);
            assert_eq!(piece, QualityCounts::default(), "it is emptied");
        }
        assert_eq!(total, counts(&lines));
    }

    #[test]
    fn browser_ids_and_addresses_are_missed_in_website_events_that_are_accepted() {
        let event = |properties: &str, context: &str| {
            counts(&format!(
                r#"{{"event":"Lead","userId":"u","timestamp":"2026-11-20T11:00:00Z","properties":{{{properties}}},"context":{{{context}}}}}"#
            ))
        };
        let missed =
            |counts: &QualityCounts| (counts.website_without_browser_id, counts.website_without_ip);
        let fbp = r#""fbp":"fb.1.1763632800000.1098115397""#;
        let fbc = r#""fbc":"fb.1.1763632800000.AbCdEf""#;
        let ip = r#""ip":"203.0.113.7""#;
        assert_eq!(missed(&event("", "")), (1, 1));
        assert_eq!(missed(&event(fbp, ip)), (0, 0));
        assert_eq!(missed(&event(fbc, "")), (0, 1));
        assert_eq!(missed(&event(r#""action_source":"email""#, "")), (0, 0));
        let rejected =
            counts(r#"{"event":"Lead","userId":"u","timestamp":"2026-01-20T11:00:00Z"}"#);
        assert_eq!((missed(&rejected), rejected.refused), ((0, 0), 1));
    }

    #[test]
    fn a_warning_counts_once_for_an_event() {
        let odd = counts(
            r#"{"event":"Lead","timestamp":"2026-11-20T11:00:00Z","userId":"u","context":{"traits":{"phone":["1","2"]}}}"#,
        );
        assert_eq!(odd.warnings.get(&Warning::PhoneLength), Some(&1));
    }
}
