//! Opens the inputs that settings describe, with the clients that this build has.

use std::sync::Arc;

use conversions_input::{Input, InputError, Start};
use segue_settings::{InputKind, InputSettings, InputStart};

use super::checkpoints::StoredOffsets;
use super::reading::Reading;
use crate::error::AppError;

#[cfg(feature = "kafka")]
mod kafka;
#[cfg(feature = "nats")]
mod nats;

/// The consumer group of a reading, or its durable consumer. Each destination has one of its own where the position waits
/// for delivery: one that is held holds up no other.
pub(super) fn group(reading: &Reading) -> String {
    let group = reading.settings.group_name().unwrap_or_default();
    match (&reading.destination, reading.settings.kind) {
        (None, _) => group.to_owned(),
        (Some(destination), InputKind::Kafka) => format!("{group}.{destination}"),
        // The name of a consumer on NATS has no dots.
        (Some(destination), InputKind::Nats) => {
            format!("{group}-{}", destination.replace('.', "_"))
        }
    }
}

/// Fails when this build has no client for an input.
pub(super) fn check_build(input: &InputSettings) -> Result<(), AppError> {
    match input.kind {
        InputKind::Nats if cfg!(feature = "nats") => Ok(()),
        InputKind::Kafka if cfg!(feature = "kafka") => Ok(()),
        _ => Err(no_client(input)),
    }
}

fn no_client(input: &InputSettings) -> AppError {
    let feature = match input.kind {
        InputKind::Kafka => "kafka",
        InputKind::Nats => "nats",
    };
    AppError::Configuration(format!(
        "the input {} has `kind = \"{feature}\"`, which takes a segue that is built with the feature `{feature}`: cargo install segue --features full",
        input.name
    ))
}

/// Opens an input.
#[cfg_attr(
    not(any(feature = "kafka", feature = "nats")),
    expect(clippy::unused_async, reason = "a broker is connected to")
)]
pub(super) async fn input(
    reading: &Reading,
    group: &str,
    offsets: Option<Arc<StoredOffsets>>,
) -> Result<Arc<dyn Input>, AppError> {
    let settings = &reading.settings;
    let _ = (group, &offsets);
    match settings.kind {
        #[cfg(feature = "nats")]
        InputKind::Nats => nats::open(settings, group).await,
        #[cfg(feature = "kafka")]
        InputKind::Kafka => kafka::open(settings, group, offsets).await,
        #[cfg(not(feature = "nats"))]
        InputKind::Nats => Err(no_client(settings)),
        #[cfg(not(feature = "kafka"))]
        InputKind::Kafka => Err(no_client(settings)),
    }
}

/// Where a group begins that has no position.
#[cfg_attr(
    not(any(feature = "kafka", feature = "nats")),
    expect(dead_code, reason = "clients begin there")
)]
fn start(settings: &InputSettings) -> Start {
    match settings.start {
        InputStart::Earliest => Start::Earliest,
        InputStart::Latest => Start::Latest,
    }
}

#[cfg_attr(
    not(any(feature = "kafka", feature = "nats")),
    expect(dead_code, reason = "clients fail like this")
)]
fn app_error(settings: &InputSettings, error: &InputError) -> AppError {
    AppError::System(format!("the input {}: {error}", settings.name))
}
