//! The connection to the cluster.

use std::time::Duration;

use async_nats::Client;
use async_nats::jetstream::Context;
use async_nats::jetstream::context::ContextBuilder;

use crate::blocking::Blocking;
use crate::error::OpenError;
use crate::options::NatsLogOptions;

/// Older servers lose acknowledged messages, or cannot schedule messages.
const NEEDED: (i64, i64, i64) = (2, 12, 3);
const NEEDED_NAME: &str = "2.12.3";

/// How long a request may take before it is repeated.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(2);
/// Requests in flight; those of senders are bounded by ingest.
const PUBLISHES_AT_ONCE: usize = 50_000;

/// Connects, and sees whether the server is new enough.
pub(crate) async fn connect(options: &NatsLogOptions) -> Result<Context, OpenError> {
    let client = conversions_nats::connect(&options.connection, REQUEST_TIMEOUT).await?;
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
