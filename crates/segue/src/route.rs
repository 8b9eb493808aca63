//! A destination as settings describe it, and how it is reached: what `send` and `serve` have in common.

use std::sync::Arc;
use std::time::Duration;

use conversions_delivery::{DestinationOptions, Engine, EventLog};
use conversions_mapping::Mapping;
use conversions_transport::{
    AccessToken, AppSecret, CredentialError, GraphTransport, GraphTransportBuilder, GraphUrl,
    PixelId,
};
use graph_sandbox::Sandbox;
use secrecy::{ExposeSecret, SecretString};
use segue_settings::{Destination, SecretSource};

use crate::context::{Clock, mapping_of};
use crate::failure::Failure;

/// The pixel of a sandbox, which knows every number, when the settings name none.
const SANDBOX_PIXEL: &str = "1000000000000001";

/// One destination, and how it is reached.
#[derive(Clone)]
pub(crate) struct Route {
    /// Its name, or its pixel's id if it has none.
    pub(crate) name: Arc<str>,
    pub(crate) mapping: Arc<Mapping>,
    pub(crate) options: DestinationOptions,
    /// Ready but for the address of a sandbox that is to be started; absent when nothing is sent.
    pub(crate) transport: Option<GraphTransportBuilder>,
}

/// To whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Meta,
    Sandbox,
    DryRun,
}

impl Route {
    pub(crate) fn plan(
        destination: &Destination,
        mode: Mode,
        durable: bool,
    ) -> Result<Self, Failure> {
        let delivery = destination.delivery;
        let options = DestinationOptions {
            batch_events: usize::try_from(delivery.batch_events).unwrap_or(usize::MAX),
            batch_bytes: usize::try_from(delivery.batch_bytes).unwrap_or(usize::MAX),
            linger: Duration::from_millis(delivery.linger_ms),
            concurrency: usize::try_from(delivery.concurrency).unwrap_or(usize::MAX),
            ..DestinationOptions::default()
        };
        let transport = match mode {
            Mode::Meta => Some(to_meta(destination)?),
            Mode::Sandbox => Some(to_sandbox(destination)?),
            Mode::DryRun => None,
        };
        Ok(Self {
            name: name(destination, mode, durable).into(),
            mapping: Arc::new(mapping_of(destination)?),
            options,
            transport,
        })
    }

    /// The transport, to a sandbox at this address if there is one.
    pub(crate) fn connect(
        &self,
        sandbox: Option<GraphUrl>,
    ) -> Result<Option<GraphTransport>, Failure> {
        let Some(mut builder) = self.transport.clone() else {
            return Ok(None);
        };
        if let Some(url) = sandbox {
            builder = builder.base_url(url);
        }
        let built = builder
            .build()
            .map_err(|error| Failure::sentence(error.sentence()))?;
        Ok(Some(built))
    }
}

/// A destination's name, or its pixel's id if it has none. What a data folder keeps for a sandbox must never be taken for
/// what it keeps for Meta, nor the other way round.
pub(crate) fn name(destination: &Destination, mode: Mode, durable: bool) -> String {
    let pixel_id = destination.graph.pixel_id.as_ref().map(PixelId::as_str);
    let name = destination.name.as_deref().or(pixel_id);
    match (mode, durable, name) {
        (Mode::Sandbox, true, Some(name)) => format!("sandbox-{name}"),
        (Mode::Sandbox, true, None) => "sandbox".to_owned(),
        (_, _, name) => name.unwrap_or("events").to_owned(),
    }
}

fn to_meta(destination: &Destination) -> Result<GraphTransportBuilder, Failure> {
    let graph = &destination.graph;
    let (Some(pixel_id), Some(token)) = (&graph.pixel_id, &graph.access_token) else {
        let missing = match (&graph.pixel_id, &graph.access_token) {
            (None, None) => "`pixel_id` and `access_token` are missing",
            (None, Some(_)) => "`pixel_id` is missing",
            _ => "`access_token` is missing",
        };
        let of = destination
            .name
            .as_ref()
            .map_or_else(String::new, |name| format!(" of {name}"));
        return Err(Failure::sentence(format!(
            "{missing}: put what is needed into the settings{of} (--settings FILE), or try --sandbox, which needs neither"
        )));
    };
    let token = secret("access_token", token, AccessToken::parse)?;
    let mut builder =
        GraphTransport::builder(pixel_id.clone(), token).api_version(graph.api_version);
    if let Some(source) = &graph.app_secret {
        builder = builder.app_secret(secret("app_secret", source, AppSecret::parse)?);
    }
    if let Some(url) = &graph.url {
        builder = builder.base_url(url.clone());
    }
    Ok(builder)
}

fn to_sandbox(destination: &Destination) -> Result<GraphTransportBuilder, Failure> {
    let defect = |_| Failure::sentence("the sandbox cannot be addressed");
    let pixel_id = match &destination.graph.pixel_id {
        Some(pixel_id) => pixel_id.clone(),
        None => SANDBOX_PIXEL.parse().map_err(defect)?,
    };
    let token = AccessToken::parse("sandbox")
        .map_err(|_| Failure::sentence("the sandbox cannot be addressed"))?;
    Ok(GraphTransport::builder(pixel_id, token).api_version(destination.graph.api_version))
}

fn secret<T>(
    name: &str,
    source: &SecretSource,
    parse: impl Fn(&str) -> Result<T, CredentialError>,
) -> Result<T, Failure> {
    parse(text_of(name, source)?.expose_secret())
        .map_err(|error| Failure::sentence(format!("`{name}` ({source}) cannot be used: {error}")))
}

/// The text of a secret.
pub(crate) fn text_of(name: &str, source: &SecretSource) -> Result<SecretString, Failure> {
    let environment = |name: &str| std::env::var_os(name);
    source
        .resolve(&environment)
        .map_err(|error| Failure::sentence(format!("`{name}` cannot be had: {error}")))
}

/// A sandbox for these destinations, which keeps so many events, in so many bytes.
pub(crate) async fn start_sandbox(
    clock: Clock,
    routes: &[Route],
    (events, bytes): (usize, usize),
) -> Result<Sandbox, Failure> {
    let largest = routes
        .iter()
        .map(|route| route.options.batch_bytes)
        .max()
        .unwrap_or_default();
    let sandbox = Sandbox::builder()
        .now(move || clock.system_time())
        .keep(events, bytes)
        .body_limit(largest.saturating_mul(2).max(4 << 20));
    sandbox
        .start()
        .await
        .map_err(|error| Failure::sentence(format!("the sandbox cannot be started: {error}")))
}

/// The address of a sandbox, for a transport.
pub(crate) fn url_of(sandbox: &Sandbox) -> Result<GraphUrl, Failure> {
    sandbox
        .url()
        .parse()
        .map_err(|error| Failure::sentence(format!("the sandbox cannot be addressed: {error}")))
}

/// Starts to deliver what is in a log, and what comes into it; to a sandbox at this address if there is one.
pub(crate) fn start_engine(
    routes: &[Route],
    clock: Clock,
    sandbox: Option<&GraphUrl>,
    log: Arc<dyn EventLog>,
) -> Result<Engine, Failure> {
    let mut builder = Engine::builder().clock(Arc::new(clock)).log(log);
    for route in routes {
        if let Some(transport) = route.connect(sandbox.cloned())? {
            builder = builder.destination(
                Arc::clone(&route.name),
                Arc::new(transport),
                route.options.clone(),
            );
        }
    }
    Ok(builder.start())
}
