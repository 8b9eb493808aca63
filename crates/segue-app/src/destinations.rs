//! The destinations of settings, resolved to mappings and transports, and the engine that delivers to them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use conversions_delivery::{DeliveryObserver, DestinationOptions, Engine, EventLog};
use conversions_mapping::Mapping;
use conversions_transport::{
    AccessToken, AppSecret, CredentialError, GraphTransport, GraphTransportBuilder, GraphUrl,
    PixelId,
};
use graph_sandbox::Sandbox;
use secrecy::{ExposeSecret, SecretString};
use segue_settings::{Destination, SecretSource, Settings};

use crate::clock::RunClock;
use crate::error::AppError;
use crate::memory::MatchMemory;

/// The pixel that is sent to when the settings name none; a sandbox accepts every number.
const SANDBOX_PIXEL: &str = "1000000000000001";

/// Where events are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// To Meta.
    Meta,
    /// To a sandbox in this process, which answers like Meta.
    Sandbox,
    /// Nowhere: in a dry run, and where another process delivers.
    DryRun,
}

/// One destination, ready to map and to send.
#[derive(Clone)]
pub struct ResolvedDestination {
    /// Its name, or its pixel's id if it has none.
    pub name: Arc<str>,
    /// Its mapping.
    pub mapping: Arc<Mapping>,
    pub(crate) options: DestinationOptions,
    /// Complete but for the address of a sandbox; `None` where nothing is sent.
    transport: Option<GraphTransportBuilder>,
}

impl fmt::Debug for ResolvedDestination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResolvedDestination")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Limits on what a sandbox keeps of the events that it received.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SandboxLimits {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
}

/// The destination of this name, or the only one there is.
///
/// # Errors
///
/// When there is none of this name, or several and no name.
pub fn choose_destination(settings: Settings, name: Option<&str>) -> Result<Destination, AppError> {
    let names: Vec<_> = settings
        .destinations
        .iter()
        .filter_map(|one| one.name.clone())
        .collect();
    let names = names.join(", ");
    let mut destinations = settings.destinations.into_iter();
    let message = match name {
        Some(name) => match destinations.find(|one| one.name.as_deref() == Some(name)) {
            Some(found) => return Ok(found),
            None if names.is_empty() => {
                "--destination is for settings with several destinations; these have one".to_owned()
            }
            None => {
                format!("there is no destination of that name; --destination takes one of: {names}")
            }
        },
        None => match (destinations.next(), destinations.next()) {
            (Some(only), None) => return Ok(only),
            _ => format!(
                "the settings have several destinations; choose one: --destination with one of: {names}"
            ),
        },
    };
    Err(AppError::Configuration(message))
}

/// The mapping of a destination.
///
/// # Errors
///
/// When its settings contradict each other. Reading the settings finds that too; here it is the last resort.
pub fn mapping_of(destination: &Destination) -> Result<Mapping, AppError> {
    Mapping::new(destination.mapping.clone()).map_err(|_| {
        AppError::Configuration(
            "two names of standard_events fold alike and have different targets".to_owned(),
        )
    })
}

/// The name that a log keeps a destination's events under: its name, or its pixel's id if it has none. In a data folder,
/// events for a sandbox have names of their own, so that they are never sent to Meta, nor Meta's to a sandbox.
#[must_use]
pub fn log_name(destination: &Destination, mode: Mode, is_durable: bool) -> String {
    let pixel_id = destination.graph.pixel_id.as_ref().map(PixelId::as_str);
    let name = destination.name.as_deref().or(pixel_id);
    match (mode, is_durable, name) {
        (Mode::Sandbox, true, Some(name)) => format!("sandbox-{name}"),
        (Mode::Sandbox, true, None) => "sandbox".to_owned(),
        (_, _, name) => name.unwrap_or("events").to_owned(),
    }
}

impl ResolvedDestination {
    /// Resolves the secrets of a destination and makes its mapping ready. `is_durable` says whether its events go through a
    /// data folder; `memory` is the one of that folder.
    ///
    /// # Errors
    ///
    /// When pixel or token is missing, or a secret cannot be read.
    pub fn resolve(
        destination: &Destination,
        mode: Mode,
        is_durable: bool,
        memory: Option<&MatchMemory>,
    ) -> Result<Self, AppError> {
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
        let name = log_name(destination, mode, is_durable);
        let mut mapping = mapping_of(destination)?;
        if let Some(memory) = memory.and_then(|memory| memory.of_destination(&name)) {
            mapping = mapping.with_memory(memory);
        }
        Ok(Self {
            name: name.into(),
            mapping: Arc::new(mapping),
            options,
            transport,
        })
    }

    /// The transport, to a sandbox at this address if there is one.
    pub(crate) fn connect(
        &self,
        sandbox: Option<GraphUrl>,
    ) -> Result<Option<GraphTransport>, AppError> {
        let Some(mut builder) = self.transport.clone() else {
            return Ok(None);
        };
        if let Some(url) = sandbox {
            builder = builder.base_url(url);
        }
        let built = builder
            .build()
            .map_err(|error| AppError::System(error.sentence().to_owned()))?;
        Ok(Some(built))
    }
}

/// Where pixel and token are to be entered.
fn how_to_add(destination: &Destination) -> String {
    match &destination.name {
        None if destination.given.is_empty() => {
            "name a settings file with --settings FILE (`segue init` writes one)".to_owned()
        }
        None => "add what is missing to the settings file".to_owned(),
        Some(name) => format!("add what is missing to the destination {name} in the settings file"),
    }
}

fn to_meta(destination: &Destination) -> Result<GraphTransportBuilder, AppError> {
    let graph = &destination.graph;
    let (Some(pixel_id), Some(token)) = (&graph.pixel_id, &graph.access_token) else {
        let missing = match (&graph.pixel_id, &graph.access_token) {
            (None, None) => "`pixel_id` and `access_token` are missing",
            (None, Some(_)) => "`pixel_id` is missing",
            _ => "`access_token` is missing",
        };
        return Err(AppError::Configuration(format!(
            "{missing}: {}, or try --sandbox, which needs neither",
            how_to_add(destination)
        )));
    };
    let token = credential("access_token", token, AccessToken::parse)?;
    let mut builder =
        GraphTransport::builder(pixel_id.clone(), token).api_version(graph.api_version);
    if let Some(source) = &graph.app_secret {
        builder = builder.app_secret(credential("app_secret", source, AppSecret::parse)?);
    }
    if let Some(url) = &graph.url {
        builder = builder.base_url(url.clone());
    }
    Ok(builder)
}

fn to_sandbox(destination: &Destination) -> Result<GraphTransportBuilder, AppError> {
    let defect = || AppError::Defect("addressing the sandbox");
    let pixel_id = match &destination.graph.pixel_id {
        Some(pixel_id) => pixel_id.clone(),
        None => SANDBOX_PIXEL.parse().map_err(|_| defect())?,
    };
    let token = AccessToken::parse("sandbox").map_err(|_| defect())?;
    Ok(GraphTransport::builder(pixel_id, token).api_version(destination.graph.api_version))
}

fn credential<T>(
    name: &str,
    source: &SecretSource,
    parse: impl Fn(&str) -> Result<T, CredentialError>,
) -> Result<T, AppError> {
    parse(resolve_secret(name, source)?.expose_secret()).map_err(|error| {
        AppError::Configuration(format!("`{name}` ({source}) cannot be used: {error}"))
    })
}

/// Reads a secret from where the settings say.
pub(crate) fn resolve_secret(name: &str, source: &SecretSource) -> Result<SecretString, AppError> {
    let environment = |name: &str| std::env::var_os(name);
    source
        .resolve(&environment)
        .map_err(|error| AppError::Configuration(format!("`{name}` cannot be read: {error}")))
}

/// Starts a sandbox for these destinations. Its page links to a console at this address.
pub(crate) async fn start_sandbox(
    clock: RunClock,
    destinations: &[ResolvedDestination],
    limits: SandboxLimits,
    console: Option<String>,
) -> Result<Sandbox, AppError> {
    let largest = destinations
        .iter()
        .map(|one| one.options.batch_bytes)
        .max()
        .unwrap_or_default();
    let mut sandbox = Sandbox::builder();
    if let Some(console) = console {
        sandbox = sandbox.console(console);
    }
    let sandbox = sandbox
        .now(move || clock.system_time())
        .keep(limits.events, limits.bytes)
        // The JSON around events may double a body.
        .body_limit(largest.saturating_mul(2).max(4 << 20));
    sandbox
        .start()
        .await
        .map_err(|error| AppError::System(format!("the sandbox cannot be started: {error}")))
}

/// The address of a sandbox, for a transport.
pub(crate) fn sandbox_url(sandbox: &Sandbox) -> Result<GraphUrl, AppError> {
    sandbox
        .url()
        .parse()
        .map_err(|_| AppError::Defect("addressing the sandbox"))
}

/// Starts to deliver what is in a log and what will be appended to it; to a sandbox at this address if there is
/// one. The observer is told what happens.
pub(crate) fn start_engine(
    destinations: &[ResolvedDestination],
    clock: RunClock,
    sandbox: Option<&GraphUrl>,
    log: Arc<dyn EventLog>,
    observer: Option<Arc<dyn DeliveryObserver>>,
) -> Result<Engine, AppError> {
    let mut builder = Engine::builder().clock(Arc::new(clock)).log(log);
    if let Some(observer) = observer {
        builder = builder.observer(observer);
    }
    for one in destinations {
        let name = Arc::clone(&one.name);
        builder = match one.connect(sandbox.cloned())? {
            Some(transport) => builder.destination(name, Arc::new(transport), one.options.clone()),
            None => builder.append_only(name),
        };
    }
    Ok(builder.start())
}
