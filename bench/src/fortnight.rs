//! The history of a shop over a fortnight: days and nights, an evening without network, a release that breaks a form, and the
//! messages of three sources for three destinations. It is written by the real code, minute by minute.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use conversions_history::OpenError;
use conversions_history::history::{Counter, Counts, History, HistoryOptions, MatchKeySet};
use facebook_conversions::{HashedValue, UserData};

/// Minutes of the fortnight.
pub const MINUTES: i64 = 14 * 24 * 60;
const HOUR: i64 = 60;
/// Minutes of a day.
pub const DAY: i64 = 24 * HOUR;
/// The destinations, each with the events in a minute of the day's peak.
const DESTINATIONS: [(&str, u64); 3] = [("shop-eu", 90), ("shop-us", 60), ("app", 30)];
const SOURCES: [&str; 3] = ["web", "ios", "server"];
/// Names of events, each with its share in percent.
const NAMES: [(&str, u64); 8] = [
    ("ViewContent", 45),
    ("AddToCart", 18),
    ("Search", 12),
    ("InitiateCheckout", 9),
    ("Purchase", 7),
    ("Lead", 5),
    ("CompleteRegistration", 3),
    ("Subscribe", 1),
];
/// When `shop-us` cannot be reached, in minutes since the begin.
const OUTAGE: std::ops::Range<i64> = 6 * DAY + 18 * HOUR..6 * DAY + 21 * HOUR;
/// When a third of the messages of `shop-eu` lack a name.
const BROKEN_FORM: std::ops::Range<i64> = 10 * DAY + 9 * HOUR..10 * DAY + 11 * HOUR;

/// A history that is being written at a made-up time.
#[derive(Debug)]
pub struct Fortnight {
    history: History,
    now: Arc<AtomicI64>,
    begin: i64,
    /// Events of `shop-us` that wait for the network.
    waiting: u64,
    match_keys: [MatchKeySet; 4],
}

impl Fortnight {
    /// Opens the history of a data folder, at `minute` of the fortnight that begins with the minute `begin` since 1970.
    ///
    /// # Errors
    ///
    /// When the folder cannot be written.
    pub fn open(data_folder: &Path, begin: i64, minute: i64) -> Result<Self, OpenError> {
        let now = Arc::new(AtomicI64::new((begin + minute) * 60_000));
        let clock = Arc::clone(&now);
        let options = HistoryOptions {
            clock: Arc::new(move || clock.load(Ordering::Relaxed)),
            is_clock_trusted: true,
            ..HistoryOptions::default()
        };
        Ok(Self {
            history: History::open(data_folder, &options)?,
            now,
            begin,
            waiting: 0,
            match_keys: match_keys(),
        })
    }

    /// What it is written to.
    #[must_use]
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// Counts what happens in a minute of the fortnight.
    pub fn count(&mut self, minute: i64) {
        let mut people = self.match_keys;
        people.rotate_left(usize::try_from(minute % 4).unwrap_or(0));
        let activity = activity(minute);
        let (history, waiting) = (&self.history, &mut self.waiting);
        history.record(|counts| {
            let mut all = 0;
            for (destination, at_peak) in DESTINATIONS {
                let events = at_peak * activity / 100 + varied(minute, at_peak) % 5;
                all += events;
                accept(counts, destination, events, &people);
                let is_broken = destination == "shop-eu" && BROKEN_FORM.contains(&minute);
                // In the quietest hour of the night, too, some messages are wrong.
                let always = u64::from(minute % 10 == 0);
                let rejected = if is_broken {
                    events / 2
                } else {
                    events / 80 + always
                };
                let reason = "missing_event_name";
                counts.add(
                    Counter::Rejected {
                        destination,
                        reason,
                    },
                    rejected,
                );
                let reason = "not_track";
                counts.add(
                    Counter::Skipped {
                        destination,
                        reason,
                    },
                    events * 2,
                );
                deliver(counts, destination, events, minute, waiting);
            }
            for (source, share) in SOURCES.into_iter().zip([6, 3, 1]) {
                counts.add(Counter::Messages { source }, all * 3 * share / 10);
            }
        });
    }

    /// Lets the minute end, which writes it.
    pub fn finish(&self, minute: i64) {
        self.now
            .store((self.begin + minute + 1) * 60_000, Ordering::Relaxed);
        self.history.flush();
    }
}

/// What of the day's peak happens in a minute, in percent: little at night, most in the evening, more at the weekend.
fn activity(minute: i64) -> u64 {
    const BY_HOUR: [u64; 24] = [
        12, 8, 6, 5, 5, 7, 14, 26, 38, 46, 52, 58, 64, 62, 60, 63, 70, 78, 88, 97, 100, 84, 52, 26,
    ];
    let hour = usize::try_from(minute % DAY / HOUR).unwrap_or(0);
    let of_hour = BY_HOUR.get(hour).copied().unwrap_or(50);
    let next = BY_HOUR.get((hour + 1) % 24).copied().unwrap_or(50);
    let past = u64::try_from(minute % HOUR).unwrap_or(0);
    let between = (of_hour * (60 - past) + next * past) / 60;
    let weekend = if minute / DAY % 7 >= 5 { 125 } else { 100 };
    between * weekend / 100
}

/// A number that looks like chance, and is the same in each run.
fn varied(minute: i64, salt: u64) -> u64 {
    let mut seeded = fastrand::Rng::with_seed(minute.unsigned_abs() * 1000 + salt);
    seeded.u64(0..1000)
}

fn accept(counts: &mut Counts, destination: &str, events: u64, people: &[MatchKeySet]) {
    counts.add(Counter::Accepted { destination }, events);
    for (name, percent) in NAMES {
        if let Some(number) = counts.look_up_name(destination, name) {
            for (_, keys) in (0..events * percent / 100).zip(people.iter().cycle()) {
                counts.add_match_keys(number, *keys);
            }
        }
    }
}

fn deliver(counts: &mut Counts, destination: &str, events: u64, minute: i64, waiting: &mut u64) {
    if destination == "shop-us" && OUTAGE.contains(&minute) {
        *waiting += events;
        let reason = "not_sent";
        counts.add(
            Counter::FailedRequest {
                destination,
                reason,
            },
            2,
        );
        return;
    }
    let caught_up = if destination == "shop-us" {
        std::mem::take(waiting)
    } else {
        0
    };
    let refused = u64::from(varied(minute, 7 + events) < 4);
    let reason = "refused";
    counts.add(
        Counter::DeadLettered {
            destination,
            reason,
        },
        refused,
    );
    counts.add(
        Counter::Delivered { destination },
        events + caught_up - refused.min(events),
    );
    for request in 0..=events / 40 {
        let bound = u8::try_from(1 + varied(minute, request) % 4).unwrap_or(1);
        counts.add(Counter::Answer { destination, bound }, 1);
    }
}

/// The match keys of four people: of one a memory has added some.
fn match_keys() -> [MatchKeySet; 4] {
    let browser = UserData {
        client_ip_address: Some("203.0.113.7".into()),
        client_user_agent: Some("Mozilla/5.0".into()),
        fbp: Some("fb.1.1767225600000.1".into()),
        ..UserData::default()
    };
    let clicked = UserData {
        fbc: Some("fb.1.1767225600000.Click".into()),
        ..browser.clone()
    };
    let mut known = browser.clone();
    known.em = HashedValue::hash("someone@example.com")
        .into_iter()
        .collect();
    let before = browser.present_bits();
    let remembered = MatchKeySet::of(&known).with_remembered(known.present_bits() & !before);
    [
        MatchKeySet::of(&browser),
        MatchKeySet::of(&clicked),
        MatchKeySet::of(&known),
        remembered,
    ]
}

#[cfg(test)]
mod tests;
