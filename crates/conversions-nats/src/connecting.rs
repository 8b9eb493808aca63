//! Opens a connection.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event};
use secrecy::ExposeSecret as _;

use crate::error::ConnectError;
use crate::options::{ConnectionOptions, Credentials};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// So that a server that stopped without closing its connections is noticed within ten seconds.
const PING_INTERVAL: Duration = Duration::from_secs(3);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
const DEFAULT_SERVER: &str = "nats://127.0.0.1:4222";

/// Connects to the first of the servers that answers. The connection comes back by itself when it is lost. An answer to a
/// request may take up to `request_timeout`.
///
/// # Errors
///
/// [`ConnectError`] when no server answers, a file cannot be read, or the credentials are refused.
pub async fn connect(
    options: &ConnectionOptions,
    request_timeout: Duration,
) -> Result<Client, ConnectError> {
    let default = [DEFAULT_SERVER.to_owned()];
    let servers = match options.servers.as_slice() {
        [] => default.as_slice(),
        servers => servers,
    };
    let connecting = connect_options(options)?
        .request_timeout(Some(request_timeout))
        .connect(servers);
    connecting.await.map_err(|error| match error.kind() {
        ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => {
            ConnectError::Access
        }
        kind => ConnectError::Unreachable {
            servers: addresses(servers),
            reason: match kind {
                // What was parsed may hold a password.
                ConnectErrorKind::ServerParse => kind.to_string(),
                _ => format!("{error}; {}", advice(options)),
            },
        },
    })
}

fn advice(options: &ConnectionOptions) -> &'static str {
    let mut servers = options.servers.iter();
    if options.tls.is_required || servers.any(|server| server.starts_with("tls://")) {
        "check the addresses, whether the issuer of the servers' certificates is trusted, and whether they ask for a certificate of yours"
    } else {
        "check the addresses, and whether the servers ask for TLS"
    }
}

fn connect_options(options: &ConnectionOptions) -> Result<ConnectOptions, ConnectError> {
    let mut connect = match &options.credentials {
        Credentials::None => ConnectOptions::new(),
        Credentials::Creds(text) => ConnectOptions::with_credentials(text.expose_secret())
            .map_err(|error| ConnectError::Credentials {
                reason: error.kind().to_string(),
            })?,
        Credentials::NkeySeed(seed) => {
            ConnectOptions::with_nkey(seed.expose_secret().trim().to_owned())
        }
        Credentials::Password { user, password } => ConnectOptions::with_user_and_password(
            user.clone(),
            password.expose_secret().to_owned(),
        ),
    };
    if options.tls.is_required {
        connect = connect.require_tls(true);
    }
    if let Some(ca) = &options.tls.ca {
        check_readable(ca)?;
        connect = connect.add_root_certificates(ca.clone());
    }
    if let Some((certificate, key)) = &options.tls.identity {
        check_readable(certificate)?;
        check_readable(key)?;
        connect = connect.add_client_certificate(certificate.clone(), key.clone());
    }
    Ok(connect
        .name("segue")
        .connection_timeout(CONNECT_TIMEOUT)
        .ping_interval(PING_INTERVAL)
        .reconnect_delay_callback(|attempts| {
            let doubled = Duration::from_millis(50).saturating_mul(1 << attempts.min(6));
            doubled.min(LONGEST_PAUSE)
        })
        .event_callback(|event| async move { log(&event) }))
}

fn log(event: &Event) {
    match event {
        Event::Connected => tracing::info!("connected to NATS"),
        Event::Disconnected => tracing::warn!("the connection to NATS is lost"),
        Event::SlowConsumer(_) => {
            tracing::warn!("NATS sent more than this process could take: the rest comes again");
        }
        event => tracing::debug!("NATS: {event}"),
    }
}

/// The client would only say that there is no connection.
fn check_readable(path: &Path) -> Result<(), ConnectError> {
    let opened = File::open(path);
    opened.map(drop).map_err(|error| ConnectError::File {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}

fn addresses(servers: &[String]) -> String {
    let addresses: Vec<String> = servers
        .iter()
        .map(|server| without_credentials(server))
        .collect();
    addresses.join(", ")
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
        for (server, shown) in [
            ("tls://me:secret@host:4222", "tls://host:4222"),
            ("me:secret@host:4222", "host:4222"),
            ("nats://host:4222", "nats://host:4222"),
        ] {
            assert_eq!(without_credentials(server), shown);
        }
    }
}
