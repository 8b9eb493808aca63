//! Opens an input from NATS `JetStream`.

use std::sync::Arc;

use conversions_input::nats::{NatsInput, NatsInputOptions};
use conversions_input::{Input, Limits};
use segue_settings::InputSettings;

use super::{app_error, start};
use crate::error::AppError;
use crate::nats_connection;

/// Opens it with this durable consumer, which is made if it is not there.
pub(super) async fn open(
    settings: &InputSettings,
    consumer: &str,
) -> Result<Arc<dyn Input>, AppError> {
    let options = NatsInputOptions {
        connection: nats_connection::options(&settings.servers, &settings.access, "inputs")?,
        stream: settings.stream.clone().unwrap_or_default(),
        consumer: consumer.to_owned(),
        create: true,
        subject: settings.subject.clone(),
        start: start(settings),
        limits: Limits::default(),
    };
    let opened = NatsInput::open(options).await;
    let input = opened.map_err(|error| app_error(settings, &error))?;
    Ok(Arc::new(input))
}
