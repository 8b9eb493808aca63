//! How far a new installation has come.

use conversions_delivery::Progress;
use segue_console::FirstSteps;

use super::setup::ConsoleSetup;
use super::time::timestamp;

pub(super) fn first_steps(ingest: &str, setup: &ConsoleSetup, progress: &Progress) -> FirstSteps {
    // A delivery says that the steps before it have happened too.
    let delivered = progress
        .destinations
        .values()
        .filter_map(|one| one.last_delivery)
        .min()
        .and_then(timestamp);
    let held = progress
        .held()
        .map(|(name, held)| format!("{name} is held: {}.", held.sentence.trim_end_matches('.')));
    FirstSteps {
        endpoint: ingest.to_owned(),
        sources: setup.sources(),
        first_request: delivered,
        first_accepted: delivered,
        first_delivered: delivered,
        missing: held.collect(),
    }
}
