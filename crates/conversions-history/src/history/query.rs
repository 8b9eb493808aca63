//! Reports out of the counts in memory.

use std::collections::BTreeMap;

use super::match_keys::KeyCounts;
use super::report::{HistoryReport, MatchKeys, Range, Slot};
use super::store::{Store, Values};

impl Store {
    /// What happened in a range of time that ends at `now_ms`.
    pub(super) fn report(&mut self, range: Range, now_ms: i64) -> HistoryReport {
        let (step, steps) = range.steps();
        let step_seconds = i64::from(step);
        let to = (now_ms.div_euclid(1000).div_euclid(step_seconds) + 1) * step_seconds;
        let from = to - step_seconds * i64::from(steps);
        let starts = (0..i64::from(steps)).map(|index| from + index * step_seconds);
        let mut report = HistoryReport {
            from,
            to,
            step,
            slots: starts
                .map(|at| Slot {
                    at,
                    ..Slot::default()
                })
                .collect(),
            total: Slot {
                at: from,
                ..Slot::default()
            },
            match_keys: self.match_keys(from, to),
            notes: self.notes.clone(),
        };
        report.notes.extend(self.write_error.clone());
        let current: Values = (0..).zip(self.counts.values.iter().copied()).collect();
        let hours = self
            .hours
            .iter()
            .map(|(hour, (values, _))| (hour * 3600, values));
        let minutes = self
            .minutes
            .iter()
            .map(|(minute, values)| (minute * 60, values));
        let past: Vec<_> = if step < 3600 {
            minutes.collect()
        } else {
            hours.collect()
        };
        for (at, values) in past.into_iter().chain([(self.minute * 60, &current)]) {
            let index = usize::try_from((at - from).div_euclid(step_seconds)).ok();
            let Some(slot) = index.and_then(|index| report.slots.get_mut(index)) else {
                continue;
            };
            for (series, count) in values.iter().filter(|(_, count)| **count > 0) {
                if let Some(counter) = self.counts.counter(*series) {
                    slot.add(counter, *count);
                    report.total.add(counter, *count);
                }
            }
        }
        report
    }

    fn match_keys(&self, from: i64, to: i64) -> Vec<MatchKeys> {
        let mut sums: BTreeMap<u32, KeyCounts> = BTreeMap::new();
        let range = from.div_euclid(3600)..to.div_euclid(3600) + 1;
        let hours = self.hours.range(range).flat_map(|(_, (_, keys))| keys);
        let current = (0..).zip(&self.counts.keys);
        for (name, counts) in hours.map(|(name, counts)| (*name, counts)).chain(current) {
            sums.entry(name).or_default().merge(counts);
        }
        let named = sums.into_iter().filter(|(_, counts)| counts.events > 0);
        let mut all: Vec<_> = named
            .filter_map(|(name, counts)| {
                let (destination, event) = self.counts.name(name)?;
                Some(MatchKeys {
                    destination: destination.to_owned(),
                    event: event.to_owned(),
                    events: counts.events,
                    keys: counts.present.named().collect(),
                    remembered: counts.remembered.named().collect(),
                })
            })
            .collect();
        all.sort_by(|one, other| {
            (&one.destination, &one.event).cmp(&(&other.destination, &other.event))
        });
        all
    }
}
