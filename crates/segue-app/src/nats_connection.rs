//! How to reach NATS servers, by settings of `[log]` or of an input.

use conversions_nats::{ConnectionOptions, Credentials, TlsOptions};
use segue_settings::BrokerAccess;

use crate::destinations::resolve_secret;
use crate::error::AppError;

/// The servers, and who this machine is to them. `table` is where the settings stand, for messages.
///
/// # Errors
///
/// When a secret cannot be read.
pub(crate) fn options(
    servers: &[String],
    access: &BrokerAccess,
    table: &str,
) -> Result<ConnectionOptions, AppError> {
    let identity = access.tls_certificate.clone().zip(access.tls_key.clone());
    Ok(ConnectionOptions {
        servers: servers.to_vec(),
        credentials: credentials(access, table)?,
        tls: TlsOptions {
            is_required: access.tls_ca.is_some() || identity.is_some(),
            ca: access.tls_ca.clone(),
            identity,
        },
    })
}

fn credentials(access: &BrokerAccess, table: &str) -> Result<Credentials, AppError> {
    let secret = |name: &str, source| resolve_secret(&format!("{table}.{name}"), source);
    if let Some(source) = &access.credentials {
        return secret("credentials", source).map(Credentials::Creds);
    }
    if let Some(source) = &access.nkey_seed {
        return secret("nkey_seed", source).map(Credentials::NkeySeed);
    }
    let Some((user, source)) = access.user.as_ref().zip(access.password.as_ref()) else {
        return Ok(Credentials::None);
    };
    Ok(Credentials::Password {
        user: user.clone(),
        password: secret("password", source)?,
    })
}
