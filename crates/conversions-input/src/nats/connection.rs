//! The connection to the servers.

use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::context::ContextBuilder;
use async_nats::{ConnectErrorKind, ConnectOptions, Event};
use secrecy::ExposeSecret as _;

use crate::error::InputError;
use crate::nats::options::{NatsCredentials, NatsInputOptions};

/// How long an answer may take.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// So that a server that stopped without closing its connections is noticed within ten seconds.
const PING_INTERVAL: Duration = Duration::from_secs(3);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
const DEFAULT_SERVER: &str = "nats://127.0.0.1:4222";

pub(crate) async fn connect(options: &NatsInputOptions) -> Result<Context, InputError> {
    let servers = if options.servers.is_empty() {
        vec![DEFAULT_SERVER.to_owned()]
    } else {
        options.servers.clone()
    };
    let connecting = connect_options(options)?.connect(&servers).await;
    let client = connecting.map_err(|error| match error.kind() {
        ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => {
            InputError::Access {
                reason: "the NATS server does not take the credentials; check that they belong to this server and have not expired".to_owned(),
            }
        }
        _ => InputError::Connect {
            brokers: servers.iter().map(|server| without_credentials(server)).collect::<Vec<_>>().join(", "),
            reason: format!("{}; check the addresses, and whether the servers ask for TLS", error.kind()),
        },
    })?;
    let context = ContextBuilder::new()
        .timeout(REQUEST_TIMEOUT)
        .ack_timeout(REQUEST_TIMEOUT);
    Ok(context.build(client))
}

fn connect_options(options: &NatsInputOptions) -> Result<ConnectOptions, InputError> {
    let mut connect = match &options.credentials {
        NatsCredentials::None => ConnectOptions::new(),
        NatsCredentials::Creds(text) => ConnectOptions::with_credentials(text.expose_secret())
            .map_err(|error| InputError::Options {
                reason: format!(
                    "the text of the NATS credentials is not that of a .creds file ({}); download the file again",
                    error.kind()
                ),
            })?,
        NatsCredentials::NkeySeed(seed) => {
            ConnectOptions::with_nkey(seed.expose_secret().trim().to_owned())
        }
        NatsCredentials::Password { user, password } => ConnectOptions::with_user_and_password(
            user.clone(),
            password.expose_secret().to_owned(),
        ),
    };
    if options.tls.is_required {
        connect = connect.require_tls(true);
    }
    if let Some(ca) = &options.tls.ca {
        connect = connect.add_root_certificates(ca.clone());
    }
    if let Some((certificate, key)) = &options.tls.identity {
        connect = connect.add_client_certificate(certificate.clone(), key.clone());
    }
    Ok(connect
        .name("segue")
        .connection_timeout(CONNECT_TIMEOUT)
        .request_timeout(Some(REQUEST_TIMEOUT))
        .ping_interval(PING_INTERVAL)
        .reconnect_delay_callback(|attempts| {
            let doubled = Duration::from_millis(50).saturating_mul(1 << attempts.min(6));
            doubled.min(LONGEST_PAUSE)
        })
        .event_callback(|event| async move {
            match event {
                Event::Connected => tracing::info!("connected to NATS"),
                Event::Disconnected => tracing::warn!("the connection to NATS is lost"),
                event => tracing::debug!("NATS: {event}"),
            }
        }))
}

/// An address may hold a user and a password.
fn without_credentials(server: &str) -> String {
    match (server.split_once("://"), server.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{host}"),
        (None, Some((_, host))) => host.to_owned(),
        (_, None) => server.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_an_address_is_not_shown() {
        assert_eq!(
            without_credentials("tls://me:secret@host:4222"),
            "tls://host:4222"
        );
        assert_eq!(without_credentials("me:secret@host:4222"), "host:4222");
        assert_eq!(without_credentials("nats://host:4222"), "nats://host:4222");
    }
}
