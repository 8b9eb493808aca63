//! The connection to the cluster.

use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::context::ContextBuilder;
use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event};
use secrecy::ExposeSecret as _;

use crate::blocking::Blocking;
use crate::error::OpenError;
use crate::options::{Credentials, NatsLogOptions};

/// Older servers lose acknowledged messages, or cannot schedule messages.
const NEEDED: (i64, i64, i64) = (2, 12, 3);
const NEEDED_NAME: &str = "2.12.3";

/// How long a request may take before it is repeated.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(2);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// So that a server that stopped without closing its connections is noticed within ten seconds.
const PING_INTERVAL: Duration = Duration::from_secs(3);
const RECONNECT_CAP: Duration = Duration::from_secs(2);
/// Requests in flight; those of senders are bounded by ingest.
const PUBLISHES_AT_ONCE: usize = 50_000;

/// Connects, and sees whether the server is new enough.
pub(crate) async fn connect(options: &NatsLogOptions) -> Result<Context, OpenError> {
    let servers = options.servers.join(", ");
    let connecting = connect_options(options)?.connect(&options.servers);
    let client = connecting.await.map_err(|error| OpenError::Connect {
        servers,
        reason: match error.kind() {
            ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => {
                "the server does not take the credentials".to_owned()
            }
            _ => error.to_string(),
        },
    })?;
    check_version(&client, options.allow_weak)?;
    let context = ContextBuilder::new()
        .timeout(REQUEST_TIMEOUT)
        .ack_timeout(REQUEST_TIMEOUT)
        .max_ack_inflight(PUBLISHES_AT_ONCE);
    Ok(context.build(client))
}

/// Connects for callers that are not asynchronous, with a thread for the connection.
pub(crate) fn connect_blocking(options: &NatsLogOptions) -> Result<(Context, Blocking), OpenError> {
    let blocking = Blocking::start()?;
    let context = blocking.wait(connect(options))?;
    Ok((context, blocking))
}

fn connect_options(options: &NatsLogOptions) -> Result<ConnectOptions, OpenError> {
    let refuse = |error: std::io::Error| OpenError::Credentials {
        reason: error.to_string(),
    };
    let mut connect = match &options.credentials {
        Credentials::None => ConnectOptions::new(),
        Credentials::Creds(text) => {
            ConnectOptions::with_credentials(text.expose_secret()).map_err(refuse)?
        }
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
        .subscription_capacity(4096)
        .reconnect_delay_callback(|attempts| {
            let doubled = Duration::from_millis(50).saturating_mul(1 << attempts.min(6));
            doubled.min(RECONNECT_CAP)
        })
        .event_callback(|event| async move {
            match event {
                Event::Connected => tracing::info!("connected to NATS"),
                Event::Disconnected => tracing::warn!("the connection to NATS is lost"),
                Event::SlowConsumer(_) => {
                    tracing::warn!(
                        "NATS sent more than this node could take: the rest comes again"
                    );
                }
                event => tracing::debug!("NATS: {event}"),
            }
        }))
}

fn check_version(client: &Client, allow_weak: bool) -> Result<(), OpenError> {
    let (major, minor, patch) = NEEDED;
    if allow_weak || client.is_server_compatible(major, minor, patch) {
        return Ok(());
    }
    Err(OpenError::Version {
        version: client.server_info().version,
        needed: NEEDED_NAME,
    })
}
