//! Opens an input from NATS `JetStream`.

use std::sync::Arc;

use conversions_input::nats::{NatsCredentials, NatsInput, NatsInputOptions, NatsTls};
use conversions_input::{Input, Limits};
use segue_settings::InputSettings;

use super::{app_error, start};
use crate::destinations::resolve_secret;
use crate::error::AppError;

/// Opens it with this durable consumer, which is made if it is not there.
pub(super) async fn open(
    settings: &InputSettings,
    consumer: &str,
) -> Result<Arc<dyn Input>, AppError> {
    let identity = settings.tls_certificate.clone();
    let identity = identity.zip(settings.tls_key.clone());
    let options = NatsInputOptions {
        servers: settings.servers.clone(),
        stream: settings.stream.clone().unwrap_or_default(),
        consumer: consumer.to_owned(),
        create: true,
        subject: settings.subject.clone(),
        start: start(settings),
        credentials: credentials(settings)?,
        tls: NatsTls {
            is_required: settings.tls_ca.is_some() || identity.is_some(),
            ca: settings.tls_ca.clone(),
            identity,
        },
        limits: Limits::default(),
    };
    let opened = NatsInput::open(options).await;
    let input = opened.map_err(|error| app_error(settings, &error))?;
    Ok(Arc::new(input))
}

fn credentials(settings: &InputSettings) -> Result<NatsCredentials, AppError> {
    if let Some(source) = &settings.credentials {
        let text = resolve_secret("inputs.credentials", source)?;
        return Ok(NatsCredentials::Creds(text));
    }
    if let Some(source) = &settings.nkey_seed {
        let seed = resolve_secret("inputs.nkey_seed", source)?;
        return Ok(NatsCredentials::NkeySeed(seed));
    }
    match (&settings.user, &settings.password) {
        (Some(user), Some(source)) => Ok(NatsCredentials::Password {
            user: user.clone(),
            password: resolve_secret("inputs.password", source)?,
        }),
        _ => Ok(NatsCredentials::None),
    }
}
