//! When something is wrong: one rule, one function.

use std::collections::BTreeMap;
use std::time::Duration;

/// More than this share of rejected messages is an alert, once there are so many.
const REJECTED_PERCENT: u64 = 5;
const REJECTED_AMONG: u64 = 100;
/// An event that waits for longer is an alert.
const OLDEST: Duration = Duration::from_mins(10);
/// A fuller disk is an alert.
const DISK_PERCENT: u64 = 80;

/// What an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rule {
    DestinationHeld,
    ManyRejected,
    EventsWait,
    NewDeadLetters,
    SourceSilent,
    DiskFull,
    SettingsRefused,
}

impl Rule {
    /// The stable name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::DestinationHeld => "destination_held",
            Self::ManyRejected => "many_rejected",
            Self::EventsWait => "events_wait",
            Self::NewDeadLetters => "new_dead_letters",
            Self::SourceSilent => "source_silent",
            Self::DiskFull => "disk_full",
            Self::SettingsRefused => "settings_refused",
        }
    }
}

/// The endpoint at one moment.
#[derive(Clone, Debug, Default)]
pub(super) struct Observation {
    pub(super) destinations: BTreeMap<String, ObservedDestination>,
    /// How long each source that has sent something has sent nothing.
    pub(super) silent_for: BTreeMap<String, Duration>,
    /// From when on silence is an alert.
    pub(super) silence: Option<Duration>,
    /// A destination that is held for longer is an alert.
    pub(super) held_for: Duration,
    /// How full the disk of the data folder is.
    pub(super) disk_percent: Option<u64>,
    pub(super) settings_fault: Option<String>,
}

/// A destination at one moment.
#[derive(Clone, Debug, Default)]
pub(super) struct ObservedDestination {
    /// How long it has been held, and why.
    pub(super) held: Option<(Duration, String)>,
    /// How long its oldest event has waited.
    pub(super) oldest: Option<Duration>,
    /// Dead letters of the last fifteen minutes.
    pub(super) new_dead_letters: u64,
    /// Rejected messages of the last fifteen minutes, and messages for it.
    pub(super) rejected: (u64, u64),
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Condition {
    pub(super) rule: Rule,
    /// Name of the destination or source, or empty.
    pub(super) subject: String,
    pub(super) sentence: String,
    /// What to do.
    pub(super) advice: String,
}

/// Everything that is wrong.
pub(super) fn conditions(observation: &Observation) -> Vec<Condition> {
    let mut found = Vec::new();
    for (name, destination) in &observation.destinations {
        found.extend(held(name, destination, observation.held_for));
        found.extend(many_rejected(name, destination));
        found.extend(events_wait(name, destination));
        found.extend(new_dead_letters(name, destination));
    }
    found.extend(silent_sources(observation));
    found.extend(disk_full(observation));
    found.extend(settings_refused(observation));
    found
}

fn condition(rule: Rule, subject: &str, sentence: String, advice: &str) -> Condition {
    Condition {
        rule,
        subject: subject.to_owned(),
        sentence,
        advice: advice.to_owned(),
    }
}

fn held(name: &str, destination: &ObservedDestination, at_most: Duration) -> Option<Condition> {
    let (since, why) = destination.held.as_ref()?;
    (*since > at_most).then(|| {
        let sentence = format!(
            "{name} is held, and its events wait: {}.",
            without_stop(why)
        );
        let advice = "Put it right and reload the settings; delivery goes on by itself.";
        condition(Rule::DestinationHeld, name, sentence, advice)
    })
}

fn many_rejected(name: &str, destination: &ObservedDestination) -> Option<Condition> {
    let (rejected, all) = destination.rejected;
    (all >= REJECTED_AMONG && rejected * 100 > all * REJECTED_PERCENT).then(|| {
        let sentence = format!(
            "{rejected} of {all} messages for {name} were rejected in the last 15 minutes."
        );
        let advice = "`segue history --hours 1` lists the reasons; the console shows the events.";
        condition(Rule::ManyRejected, name, sentence, advice)
    })
}

fn events_wait(name: &str, destination: &ObservedDestination) -> Option<Condition> {
    let oldest = destination.oldest?;
    (oldest > OLDEST).then(|| {
        let sentence = format!(
            "The oldest event for {name} has waited for {}.",
            span(oldest)
        );
        let advice = "`segue status` says what it waits for.";
        condition(Rule::EventsWait, name, sentence, advice)
    })
}

fn new_dead_letters(name: &str, destination: &ObservedDestination) -> Option<Condition> {
    let count = destination.new_dead_letters;
    (count > 0).then(|| {
        let events = if count == 1 { "event" } else { "events" };
        let sentence =
            format!("{count} {events} for {name} became dead letters in the last 15 minutes.");
        let advice = "`segue dead-letters list` says why; put it right, then replay them.";
        condition(Rule::NewDeadLetters, name, sentence, advice)
    })
}

fn silent_sources(observation: &Observation) -> Vec<Condition> {
    let Some(limit) = observation.silence else {
        return Vec::new();
    };
    let silent = observation.silent_for.iter();
    silent
        .filter(|(_, silence)| **silence > limit)
        .map(|(source, silence)| {
            let sentence = format!(
                "The source {source} has sent nothing for {}.",
                span(*silence)
            );
            let advice = "Look whether it still has the right address and write key.";
            condition(Rule::SourceSilent, source, sentence, advice)
        })
        .collect()
}

fn disk_full(observation: &Observation) -> Option<Condition> {
    let percent = observation.disk_percent?;
    (percent > DISK_PERCENT).then(|| {
        let sentence = format!("The disk of the data folder is {percent} % full.");
        let advice = "Make room: when it is full, senders are told to come back later.";
        condition(Rule::DiskFull, "", sentence, advice)
    })
}

fn settings_refused(observation: &Observation) -> Option<Condition> {
    let fault = observation.settings_fault.as_ref()?;
    let sentence = format!(
        "New settings are refused, and the old ones stay in force: {}.",
        without_stop(fault)
    );
    let advice = "`segue check --settings FILE` lists the mistakes.";
    Some(condition(Rule::SettingsRefused, "", sentence, advice))
}

fn without_stop(sentence: &str) -> &str {
    sentence.trim_end_matches('.')
}

/// A span of time in whole minutes, hours or days.
fn span(time: Duration) -> String {
    match time.as_secs() / 60 {
        minutes @ 0..120 => format!("{minutes} minutes"),
        minutes @ 120..2880 => format!("{} hours", minutes / 60),
        minutes => format!("{} days", minutes / 1440),
    }
}
