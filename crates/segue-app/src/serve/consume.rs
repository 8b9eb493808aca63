//! Events from brokers: what `segue consume` reads takes the same way as what senders post to `segue serve`.
//!
//! Every input has a reader. With `commit = "stored"` its records are appended to the log, on disk or on a cluster, and are
//! settled by that. With `commit = "delivered"` the broker is the log: each destination reads for itself, events wait in
//! memory only, and a record is settled when all its events are delivered or dead letters. A position never moves over a
//! record that is not settled, whatever fails.
//!
//! The features `kafka` and `nats` bring the clients; a build without either refuses to consume.

#[cfg(not(feature = "consume"))]
mod absent;
#[cfg(feature = "consume")]
mod checkpoints;
#[cfg(feature = "consume")]
mod consumer;
#[cfg(feature = "consume")]
mod dead_letters;
#[cfg(feature = "consume")]
mod metrics;
#[cfg(feature = "consume")]
mod open;
#[cfg(feature = "consume")]
mod plan;
#[cfg(feature = "consume")]
mod reader;
#[cfg(feature = "consume")]
mod reading;
#[cfg(feature = "consume")]
mod rejects;
#[cfg(feature = "consume")]
mod storing;
#[cfg(all(test, feature = "consume"))]
mod tests;
#[cfg(feature = "consume")]
mod tracked_log;
#[cfg(feature = "consume")]
mod tracker;
#[cfg(feature = "consume")]
mod unsettled;

#[cfg(not(feature = "consume"))]
use absent::check_build;
#[cfg(not(feature = "consume"))]
pub(super) use absent::{ConsumePlan, Consumer, ConsumerParts, describe_metrics};
#[cfg(feature = "consume")]
pub(super) use consumer::{ConsumePlan, Consumer, ConsumerParts};
#[cfg(feature = "consume")]
pub(super) use metrics::describe_metrics;
#[cfg(feature = "consume")]
use open::check_build;

use std::fmt;

use conversions_delivery::Totals;
use segue_settings::{InputSettings, Settings};
use serde_json::{Value, json};

use crate::error::AppError;
use crate::serve::options::{EndpointOptions, Role};

/// What `segue consume` has read so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConsumeTotals {
    /// Records that were read, and whose events are in the log.
    pub records: u64,
    /// Records, and messages of batches, that cannot be used.
    pub rejected: u64,
    /// Records over which the position may move.
    pub settled: u64,
    /// Records that the brokers have and that are not settled; `None` while nothing is known.
    pub lag: Option<u64>,
}

/// What a process has read and delivered.
#[derive(Clone, Copy, Debug, Default)]
pub struct ConsumeReport {
    /// What was read from brokers; nothing unless inputs are read.
    pub read: ConsumeTotals,
    /// What delivery has done since the process began.
    pub delivery: Totals,
}

impl ConsumeReport {
    /// As JSON: `records`, `rejected`, `settled`, `lag`, `delivered`, `dead_lettered`, `pending`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let Self { read, delivery } = self;
        json!({
            "records": read.records,
            "rejected": read.rejected,
            "settled": read.settled,
            "lag": read.lag,
            "delivered": delivery.delivered,
            "dead_lettered": delivery.dead_lettered,
            "pending": delivery.pending,
        })
    }
}

/// One line: what was read, delivered, and is left.
impl fmt::Display for ConsumeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { read, delivery } = self;
        let (records, delivered) = (read.records, delivery.delivered);
        write!(f, "{records} records read, {delivered} events delivered")?;
        for (count, what) in [
            (delivery.pending, "events waiting"),
            (read.rejected, "records rejected"),
            (delivery.dead_lettered, "events dead-lettered"),
            (read.lag.unwrap_or(0), "records behind"),
        ] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        Ok(())
    }
}

/// The inputs that an endpoint reads: by its options the one of a name, or all.
///
/// # Errors
///
/// When there is none, when one process cannot read them together, or when this build lacks a client.
pub(super) fn chosen(
    options: &EndpointOptions,
    settings: &Settings,
) -> Result<Vec<InputSettings>, AppError> {
    if options.role != Role::Consume {
        return Ok(Vec::new());
    }
    let names: Vec<_> = settings
        .inputs
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    let names = names.join(", ");
    let refuse = |sentence: String| Err(AppError::Configuration(sentence));
    let chosen: Vec<_> = match &options.input {
        None => settings.inputs.clone(),
        Some(name) => {
            let of_name = settings.inputs.iter().filter(|one| one.name == *name);
            of_name.cloned().collect()
        }
    };
    let Some(first) = chosen.first() else {
        return refuse(if settings.inputs.is_empty() {
            "the settings have no [[inputs]]: name there a broker to read from (`segue init` shows how)".to_owned()
        } else {
            format!("there is no input of that name; --input takes one of: {names}")
        });
    };
    if chosen.iter().any(|one| one.commit != first.commit) {
        return refuse(format!(
            "inputs with commit = \"stored\" and with commit = \"delivered\" are read by a process each: choose one with --input, one of: {names}"
        ));
    }
    for input in &chosen {
        check_build(input)?;
    }
    Ok(chosen)
}

/// Fails when this build lacks a client for an input of the settings, as `segue consume` does.
///
/// # Errors
///
/// With a sentence that says how to get it.
pub(super) fn check_inputs(settings: &Settings) -> Result<(), AppError> {
    settings.inputs.iter().try_for_each(check_build)
}

/// What differs between the inputs of two settings files, each as `inputs.NAME.SETTING`.
pub(super) fn settings_that_need_restart(
    old: &[InputSettings],
    new: &[InputSettings],
) -> Vec<String> {
    let named =
        |inputs: &[InputSettings], name: &str| inputs.iter().find(|one| one.name == name).cloned();
    let mut changed = Vec::new();
    for one in old {
        match named(new, &one.name) {
            Some(new) => {
                let settings = one.settings_that_need_restart(&new);
                changed.extend(
                    settings
                        .iter()
                        .map(|name| format!("inputs.{}.{name}", one.name)),
                );
            }
            None => changed.push(format!("inputs.{}", one.name)),
        }
    }
    let added = new.iter().filter(|one| named(old, &one.name).is_none());
    changed.extend(added.map(|one| format!("inputs.{}", one.name)));
    changed
}
