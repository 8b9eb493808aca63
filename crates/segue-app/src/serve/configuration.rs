//! Settings and options together: who may send, how requests are handled, and where events go.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use conversions_ingest::{
    DestinationMapping, Ingest, IngestOptions, RateLimit, SharedSecret, Source, Webhook,
};
use jiff::Timestamp;
use secrecy::SecretString;
use segue_console::Access;
use segue_settings::{
    Destination, Diagnostic, Endpoint, EventSource, InputSettings, LogEngine, SecretSource,
    Settings,
};

use crate::destinations::{self, Mode, ResolvedDestination, resolve_secret};
use crate::error::AppError;
use crate::memory::MatchMemory;
use crate::serve::alerts::AlertTargets;
use crate::serve::browser_bundle;
use crate::serve::certificate::Certificate;
use crate::serve::consume;
use crate::serve::options::{EndpointOptions, Role};
use crate::serve::otel;
use crate::serve::recorder::RecordingSettings;

/// The name of the source when the settings have none.
pub(super) const ONLY_SOURCE: &str = "default";

/// A checked configuration.
pub(super) struct Configuration {
    pub(super) destinations: Vec<ResolvedDestination>,
    pub(super) ingest: IngestOptions,
    /// The brokers that are read.
    pub(super) inputs: Vec<InputSettings>,
    pub(super) certificate: Option<Certificate>,
    /// The settings of the endpoint, with the addresses that the options replace.
    pub(super) endpoint: Endpoint,
    /// Who may see the console, by its settings.
    pub(super) console_password: Option<SecretString>,
    /// The settings as they were read.
    pub(super) settings: Settings,
    /// The file that they were read from.
    pub(super) file: Option<PathBuf>,
    /// What is remembered of people, with new settings.
    pub(super) memory: MatchMemory,
    /// What is remembered of what happened.
    pub(super) recording: RecordingSettings,
    /// Whom alerts are told to.
    pub(super) alerts: AlertTargets,
    /// Warnings about the settings.
    pub(super) warnings: Vec<Diagnostic>,
    /// Whether senders use the write key that was generated for this run.
    pub(super) uses_generated_key: bool,
    /// The files that it was read from.
    pub(super) files: Vec<PathBuf>,
}

impl Configuration {
    /// Reads settings, secrets and certificate.
    ///
    /// # Errors
    ///
    /// Every mistake that putting it in force would show.
    pub(super) fn read(
        options: &EndpointOptions,
        generated_key: &str,
        memory: &MatchMemory,
    ) -> Result<Self, AppError> {
        let settings = match &options.settings {
            Some(path) => {
                refuse_pipe(path)?;
                segue_settings::load(path, Timestamp::now()).map_err(AppError::Settings)?
            }
            None => Settings::default(),
        };
        let mode = mode(options, &settings)?;
        let memory = memory.with_settings(settings.memory.clone());
        let resolved = settings
            .destinations
            .iter()
            .map(|destination| ResolvedDestination::resolve(destination, mode, true, Some(&memory)))
            .collect::<Result<Vec<_>, _>>()?;
        let targets = Targets {
            all: settings.destinations.iter().zip(&resolved).collect(),
            memory: &memory,
        };
        let (sources, uses_generated_key) = sources(options, &settings, &targets, generated_key)?;
        let mut endpoint = settings.endpoint.clone();
        for (address, option) in [
            (&mut endpoint.listen, &options.listen),
            (&mut endpoint.ops_listen, &options.ops_listen),
        ] {
            if let Some(option) = option {
                address.clone_from(option);
            }
        }
        let ingest = IngestOptions {
            sources,
            rate_limit: rate_limit(&endpoint),
            browser_bundle: browser_bundle::read(&endpoint)?,
            ..endpoint.ingest.clone()
        };
        Ingest::check(&ingest)?;
        otel::check(&settings.otel)?;
        Ok(Self {
            console_password: console_password(&settings)?,
            file: options.settings.clone(),
            destinations: resolved,
            ingest,
            inputs: consume::chosen(options, &settings)?,
            certificate: Certificate::read(&endpoint)?,
            endpoint,
            memory,
            recording: RecordingSettings {
                history: settings.history.clone(),
                trace: settings.trace.clone(),
            },
            alerts: AlertTargets::resolve(&settings.alerts)?,
            uses_generated_key: uses_generated_key && options.role != Role::Consume,
            files: files(options, &settings),
            warnings: settings.warnings.clone(),
            settings,
        })
    }
}

/// Where this endpoint sends events, by its options.
fn mode(options: &EndpointOptions, settings: &Settings) -> Result<Mode, AppError> {
    let shares_log = matches!(options.role, Role::Ingest | Role::Deliver);
    if shares_log && settings.log.engine == LogEngine::Disk {
        return Err(AppError::Configuration(
            "--role takes a log that several machines share: set `engine = \"nats\"` under [log]"
                .to_owned(),
        ));
    }
    match (options.role, options.sandbox) {
        (Role::All | Role::Deliver | Role::Consume, false) => Ok(Mode::Meta),
        (Role::All | Role::Consume, true) => Ok(Mode::Sandbox),
        (Role::Ingest, false) => Ok(Mode::DryRun),
        _ => Err(AppError::Configuration(
            "--sandbox is a receiver in the same process: it goes with --role all only".to_owned(),
        )),
    }
}

/// The password of the console, if it has one and is not switched off.
fn console_password(settings: &Settings) -> Result<Option<SecretString>, AppError> {
    let source = settings.console.password.as_ref();
    let Some(source) = source.filter(|_| settings.console.enabled) else {
        return Ok(None);
    };
    let password = resolve_secret("console.password", source)?;
    Access::check_password(&password).map_err(|error| {
        AppError::Configuration(format!(
            "`console.password` ({source}) cannot be used: {error}"
        ))
    })?;
    Ok(Some(password))
}

fn rate_limit(endpoint: &Endpoint) -> Option<RateLimit> {
    let number = |count: u64| NonZeroU32::new(u32::try_from(count).unwrap_or(u32::MAX));
    Some(RateLimit {
        per_second: number(endpoint.rate_per_second)?,
        burst: number(endpoint.rate_burst)?,
    })
}

/// The settings file and all files that it names.
fn files(options: &EndpointOptions, settings: &Settings) -> Vec<PathBuf> {
    let graph = |destination: &Destination| {
        let graph = destination.graph.clone();
        [graph.access_token, graph.app_secret]
    };
    let secrets = settings.destinations.iter().flat_map(graph);
    let of_sources = settings
        .sources
        .iter()
        .flat_map(EventSource::secrets)
        .cloned();
    let secret_files = secrets
        .flatten()
        .chain(of_sources)
        .chain(settings.console.password.clone())
        .chain(settings.alerts.webhook.clone())
        .filter_map(|secret| match secret {
            SecretSource::File(path) => Some(path),
            _ => None,
        });
    let Endpoint {
        tls_certificate,
        tls_key,
        analytics_js,
        ..
    } = &settings.endpoint;
    let named = options
        .settings
        .iter()
        .chain(tls_certificate)
        .chain(tls_key)
        .chain(analytics_js);
    named.cloned().chain(secret_files).collect()
}

fn sources(
    options: &EndpointOptions,
    settings: &Settings,
    targets: &Targets<'_>,
    generated_key: &str,
) -> Result<(Vec<Source>, bool), AppError> {
    if settings.sources.is_empty() {
        let [one] = targets.all.as_slice() else {
            return Err(AppError::Configuration(
                "the settings have several destinations and no [[sources]]: name there which source sends to which"
                    .to_owned(),
            ));
        };
        let mapping = targets.mapping_of(*one, ONLY_SOURCE, None)?;
        let mut source = Source::new(ONLY_SOURCE, vec![mapping]);
        let keys = options.write_keys.iter().map(String::as_str);
        for key in keys.collect::<BTreeSet<_>>() {
            source = source.with_write_key(key);
        }
        let generates = options.write_keys.is_empty();
        if generates {
            source = source.with_write_key(generated_key);
        }
        return Ok((vec![source], generates));
    }
    if !options.write_keys.is_empty() {
        return Err(AppError::Configuration(
            "the settings have [[sources]] with their own write keys: leave --write-key out"
                .to_owned(),
        ));
    }
    let sources = settings.sources.iter().map(|source| of(source, targets));
    Ok((sources.collect::<Result<_, _>>()?, false))
}

/// A source of the settings, with the mappings of its destinations.
fn of(source: &EventSource, targets: &Targets<'_>) -> Result<Source, AppError> {
    let goes_to = |destination: &Destination| {
        let name = destination.name.as_ref();
        name.is_none_or(|name| source.destinations.contains(name))
    };
    let mappings = targets
        .all
        .iter()
        .filter(|(destination, _)| goes_to(destination))
        .map(|one| targets.mapping_of(*one, &source.name, source.memory_group.as_deref()))
        .collect::<Result<_, _>>()?;
    let shared_secret = || {
        let header = source.webhook_header.clone();
        let header = header.zip(source.webhook_header_secret.as_ref());
        let shared = header.map(|(header, secret)| {
            let value = resolve_secret("webhook_header_secret", secret)?;
            Ok::<_, AppError>(SharedSecret { header, value })
        });
        shared.transpose()
    };
    let webhook = source.webhook_secret.as_ref().map(|secret| {
        Ok::<_, AppError>(Webhook {
            secret: resolve_secret("webhook_secret", secret)?,
            shared_secret: shared_secret()?,
        })
    });
    Ok(Source {
        write_keys: source.write_keys.clone(),
        webhook: webhook.transpose()?,
        ..Source::new(source.name.as_str(), mappings)
    })
}

/// Where sources can send, and what is remembered of people.
struct Targets<'s> {
    all: Vec<(&'s Destination, &'s ResolvedDestination)>,
    memory: &'s MatchMemory,
}

impl Targets<'_> {
    /// The mapping of a destination for a source. Sources have mappings of their own where what is remembered depends on
    /// the source.
    fn mapping_of(
        &self,
        (destination, one): (&Destination, &ResolvedDestination),
        source: &str,
        group: Option<&str>,
    ) -> Result<Arc<DestinationMapping>, AppError> {
        let mapping = match self.memory.of_source(source, group) {
            Some(memory) => Arc::new(destinations::mapping_of(destination)?.with_memory(memory)),
            None => Arc::clone(&one.mapping),
        };
        Ok(Arc::new(DestinationMapping::new(
            Arc::clone(&one.name),
            mapping,
        )))
    }
}

/// Settings are read again whenever they change. A second read of a pipe never ends.
fn refuse_pipe(path: &Path) -> Result<(), AppError> {
    let kind = std::fs::metadata(path).map(|metadata| metadata.file_type());
    if kind.is_ok_and(|kind| !kind.is_file() && !kind.is_dir()) {
        return Err(AppError::Configuration(format!(
            "{} is not a regular file, and serve reads its settings more than once: write them to a file",
            path.display()
        )));
    }
    Ok(())
}
