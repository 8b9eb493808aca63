//! How well events can be matched, out of the history.

use std::collections::BTreeMap;

use conversions_history::history::{History, Range};
use match_quality::{MISSING_KEYS, MissingKey};
use segue_console::{Advice, EventQuality, KeyShare, MatchQuality, QualityWindow};

pub(super) fn match_quality(history: Option<&History>, window: QualityWindow) -> MatchQuality {
    let Some(history) = history else {
        return MatchQuality {
            is_off: true,
            ..MatchQuality::default()
        };
    };
    let report = history.report(match window {
        QualityWindow::Day => Range::Hours(24),
        QualityWindow::Week => Range::Hours(24 * 7),
    });
    let mut names: BTreeMap<&str, Counts> = BTreeMap::new();
    for one in &report.match_keys {
        let counts = names.entry(&one.event).or_default();
        counts.events += one.events;
        for (sums, added) in [
            (&mut counts.keys, &one.keys),
            (&mut counts.remembered, &one.remembered),
        ] {
            for (key, count) in added {
                *sums.entry(key).or_default() += count;
            }
        }
    }
    let advice = advice(&names);
    let mut events: Vec<_> = names
        .into_iter()
        .map(|(name, counts)| quality(name, &counts))
        .collect();
    events.sort_by_key(|one| std::cmp::Reverse(one.events));
    MatchQuality {
        events,
        advice,
        is_off: false,
    }
}

/// The events of one name, at all destinations.
#[derive(Default)]
struct Counts {
    events: u64,
    keys: BTreeMap<&'static str, u64>,
    remembered: BTreeMap<&'static str, u64>,
}

fn quality(name: &str, counts: &Counts) -> EventQuality {
    let keys = counts.keys.iter().filter(|(_, count)| **count > 0);
    let mut keys: Vec<_> = keys
        .map(|(key, count)| KeyShare {
            key: (*key).to_owned(),
            events: *count,
            remembered: counts.remembered.get(key).copied().unwrap_or_default(),
        })
        .collect();
    keys.sort_by_key(|key| std::cmp::Reverse(key.events));
    EventQuality {
        event_name: name.to_owned(),
        events: counts.events,
        keys,
    }
}

/// What more than half of the events lack, with the advice of `segue check --events`.
fn advice(names: &BTreeMap<&str, Counts>) -> Vec<Advice> {
    let total: u64 = names.values().map(|counts| counts.events).sum();
    let with = |key: &str| -> u64 {
        let counts = names.values().filter_map(|counts| counts.keys.get(key));
        counts.sum()
    };
    let lacking = |missing: &MissingKey| {
        // Of browser ids one is enough.
        let keys = missing.name.trim_start_matches("missing_").split("_and_");
        total.saturating_sub(keys.map(with).max().unwrap_or_default())
    };
    MISSING_KEYS
        .iter()
        .map(|missing| (missing, lacking(missing)))
        .filter(|(_, events)| *events > total / 2)
        .map(|(missing, events)| Advice {
            finding: missing.name.to_owned(),
            events,
            what_to_do: missing.what_to_do.to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_most_events_lack_is_advised() {
        let keys = BTreeMap::from([("em", 90), ("external_id", 100), ("fbc", 3), ("fbp", 60)]);
        let counts = Counts {
            events: 100,
            keys,
            ..Counts::default()
        };
        let advice = advice(&BTreeMap::from([("Purchase", counts)]));
        let findings: Vec<_> = advice
            .iter()
            .map(|one| (one.finding.as_str(), one.events))
            .collect();
        assert_eq!(
            findings,
            [("missing_ph", 100), ("missing_client_ip_address", 100)]
        );
    }
}
