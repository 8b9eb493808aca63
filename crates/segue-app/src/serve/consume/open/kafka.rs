//! Opens an input from Kafka.

use std::sync::Arc;

use conversions_input::kafka::{KafkaInput, KafkaInputOptions, KafkaTls, Sasl, SaslMechanism};
use conversions_input::{Checkpoints, Input};
use segue_settings::{InputSettings, SaslMechanism as Mechanism};

use super::{app_error, start};
use crate::destinations::resolve_secret;
use crate::error::AppError;
use crate::serve::consume::checkpoints::StoredOffsets;

/// Joins this group. Partitions begin behind what the log on disk has.
pub(super) async fn open(
    settings: &InputSettings,
    group: &str,
    offsets: Option<Arc<StoredOffsets>>,
) -> Result<Arc<dyn Input>, AppError> {
    let identity = settings.access.tls_certificate.clone();
    let tls = KafkaTls {
        ca: settings.access.tls_ca.clone(),
        identity: identity.zip(settings.access.tls_key.clone()),
    };
    let options = KafkaInputOptions {
        brokers: settings.brokers.clone(),
        topics: settings.topics.clone(),
        group: group.to_owned(),
        start: start(settings),
        checkpoints: offsets.map(|offsets| offsets as Arc<dyn Checkpoints>),
        sasl: sasl(settings)?,
        tls: settings.tls.then_some(tls),
        session_timeout: settings.session_timeout,
        ..KafkaInputOptions::default()
    };
    let opened = KafkaInput::open(options).await;
    let input = opened.map_err(|error| app_error(settings, &error))?;
    Ok(Arc::new(input))
}

fn sasl(settings: &InputSettings) -> Result<Option<Sasl>, AppError> {
    let (Some(user), Some(source)) = (&settings.access.user, &settings.access.password) else {
        return Ok(None);
    };
    Ok(Some(Sasl {
        mechanism: match settings.sasl_mechanism {
            Mechanism::Plain => SaslMechanism::Plain,
            Mechanism::ScramSha256 => SaslMechanism::ScramSha256,
            Mechanism::ScramSha512 => SaslMechanism::ScramSha512,
        },
        username: user.clone(),
        password: resolve_secret("inputs.password", source)?,
    }))
}
