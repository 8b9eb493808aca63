//! How far a new installation has come.

use conversions_delivery::Progress;
use conversions_history::history::{DestinationCounts, History, Range, Slot};
use segue_console::FirstSteps;

use super::charts::first;
use super::setup::ConsoleSetup;
use super::time::timestamp;

pub(super) fn first_steps(
    ingest: &str,
    setup: &ConsoleSetup,
    progress: &Progress,
    history: Option<&History>,
) -> FirstSteps {
    let held = progress
        .held()
        .map(|(name, held)| format!("{name} is held: {}.", held.sentence.trim_end_matches('.')));
    let mut steps = FirstSteps {
        endpoint: ingest.to_owned(),
        sources: setup.sources(),
        missing: held.collect(),
        ..FirstSteps::default()
    };
    if let Some(history) = history {
        let ranges = [Range::LastHour, Range::LastDay, Range::Last14Days];
        let reports = ranges.map(|range| history.report(range));
        let of = |slot: &Slot, count: fn(&DestinationCounts) -> u64| {
            slot.destinations.values().map(count).sum::<u64>()
        };
        steps.first_request = first(&reports, |slot| {
            slot.sources.values().chain(slot.refused.values()).sum()
        });
        steps.first_accepted = first(&reports, |slot| of(slot, |one| one.accepted));
        steps.first_delivered = first(&reports, |slot| of(slot, |one| one.delivered));
    }
    // Without a history, and after fourteen quiet days, the last delivery says that all three happened.
    let delivered = progress
        .destinations
        .values()
        .filter_map(|one| one.last_delivery)
        .min();
    let delivered = delivered.and_then(timestamp);
    for step in [
        &mut steps.first_request,
        &mut steps.first_accepted,
        &mut steps.first_delivered,
    ] {
        *step = step.or(delivered);
    }
    steps
}
