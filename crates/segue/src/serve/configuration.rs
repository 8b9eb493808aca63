//! What settings and options come to: who may send, how that is taken, and where it goes.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use conversions_ingest::{
    ConnectionOptions, DestinationMapping, Ingest, IngestOptions, RateLimit, SharedSecret, Source,
    Webhook,
};
use jiff::Timestamp;
use segue_settings::{Destination, Diagnostic, Endpoint, EventSource, SecretSource, Settings};

use crate::failure::Failure;
use crate::route::{self, Mode, Route};
use crate::serve::ServeArgs;
use crate::serve::certificate::Certificate;

/// The name of the source when the settings have none.
const ONLY_SOURCE: &str = "default";

/// Everything that can be in force, checked.
pub(crate) struct Configuration {
    pub(crate) routes: Vec<Route>,
    pub(crate) ingest: IngestOptions,
    pub(crate) certificate: Option<Certificate>,
    /// What takes a restart.
    pub(crate) fixed: Fixed,
    pub(crate) warnings: Vec<Diagnostic>,
    /// Whether the key that was made for this run is the one that senders may use.
    pub(crate) uses_made_key: bool,
    /// The files that it was read from.
    pub(crate) files: Vec<PathBuf>,
}

/// What takes a restart to be put in force.
#[derive(Clone, Debug)]
pub(crate) struct Fixed {
    pub(crate) listen: String,
    pub(crate) ops_listen: String,
    pub(crate) connection: ConnectionOptions,
    pub(crate) disk_bytes: u64,
}

impl Configuration {
    /// Reads settings, secrets and certificate.
    ///
    /// # Errors
    ///
    /// Every mistake that would come to light when it is put in force.
    pub(crate) fn read(args: &ServeArgs, made_key: &str) -> Result<Self, Failure> {
        let settings = match &args.settings {
            Some(path) => {
                refuse_pipe(path)?;
                segue_settings::load(path, Timestamp::now()).map_err(Failure::Settings)?
            }
            None => Settings::default(),
        };
        let mode = if args.sandbox {
            Mode::Sandbox
        } else {
            Mode::Meta
        };
        let routes = settings
            .destinations
            .iter()
            .map(|destination| Route::plan(destination, mode, true))
            .collect::<Result<Vec<_>, _>>()?;
        let (sources, uses_made_key) = sources(args, &settings, &routes, made_key)?;
        let endpoint = &settings.endpoint;
        let ingest = IngestOptions {
            sources,
            rate_limit: rate_limit(endpoint),
            ..endpoint.ingest.clone()
        };
        Ingest::check(&ingest).map_err(|error| Failure::of(&error))?;
        Ok(Self {
            routes,
            ingest,
            certificate: Certificate::read(endpoint)?,
            fixed: Fixed {
                listen: args.listen.as_ref().unwrap_or(&endpoint.listen).clone(),
                ops_listen: args
                    .ops_listen
                    .as_ref()
                    .unwrap_or(&endpoint.ops_listen)
                    .clone(),
                connection: endpoint.connection.clone(),
                disk_bytes: endpoint.disk_bytes,
            },
            uses_made_key,
            files: files(args, &settings),
            warnings: settings.warnings,
        })
    }
}

fn rate_limit(endpoint: &Endpoint) -> Option<RateLimit> {
    let number = |count: u64| NonZeroU32::new(u32::try_from(count).unwrap_or(u32::MAX));
    Some(RateLimit {
        per_second: number(endpoint.rate_per_second)?,
        burst: number(endpoint.rate_burst)?,
    })
}

/// The settings and all files that they name.
fn files(args: &ServeArgs, settings: &Settings) -> Vec<PathBuf> {
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
        .filter_map(|secret| match secret {
            SecretSource::File(path) => Some(path),
            _ => None,
        });
    let Endpoint {
        tls_certificate,
        tls_key,
        ..
    } = &settings.endpoint;
    let named = args.settings.iter().chain(tls_certificate).chain(tls_key);
    named.cloned().chain(secret_files).collect()
}

fn sources(
    args: &ServeArgs,
    settings: &Settings,
    routes: &[Route],
    made_key: &str,
) -> Result<(Vec<Source>, bool), Failure> {
    let targets: Vec<_> = settings.destinations.iter().zip(routes).collect();
    if settings.sources.is_empty() {
        let [(_, route)] = targets.as_slice() else {
            return Err(Failure::sentence(
                "the settings have several destinations and no [[sources]]: say there who sends to which",
            ));
        };
        let mut source = Source::new(ONLY_SOURCE, vec![mapping_of(route)]);
        for key in &args.write_key {
            source = source.with_write_key(key.as_str());
        }
        let makes = args.write_key.is_empty();
        if makes {
            source = source.with_write_key(made_key);
        }
        return Ok((vec![source], makes));
    }
    if !args.write_key.is_empty() {
        return Err(Failure::sentence(
            "the settings have [[sources]] with their own write keys: leave --write-key out",
        ));
    }
    let sources = settings.sources.iter().map(|source| of(source, &targets));
    Ok((sources.collect::<Result<_, _>>()?, false))
}

/// A source of the settings, with the mappings of its destinations.
fn of(source: &EventSource, targets: &[(&Destination, &Route)]) -> Result<Source, Failure> {
    let goes_to = |destination: &Destination| {
        let name = destination.name.as_ref();
        name.is_none_or(|name| source.destinations.contains(name))
    };
    let mappings = targets
        .iter()
        .filter(|(destination, _)| goes_to(destination))
        .map(|(_, route)| mapping_of(route));
    let shared_secret = || {
        let header = source.webhook_header.clone();
        let header = header.zip(source.webhook_header_secret.as_ref());
        let shared = header.map(|(header, secret)| {
            let value = route::text_of("webhook_header_secret", secret)?;
            Ok::<_, Failure>(SharedSecret { header, value })
        });
        shared.transpose()
    };
    let webhook = source.webhook_secret.as_ref().map(|secret| {
        Ok::<_, Failure>(Webhook {
            secret: route::text_of("webhook_secret", secret)?,
            shared_secret: shared_secret()?,
        })
    });
    Ok(Source {
        write_keys: source.write_keys.clone(),
        webhook: webhook.transpose()?,
        ..Source::new(source.name.as_str(), mappings.collect())
    })
}

fn mapping_of(route: &Route) -> Arc<DestinationMapping> {
    let (name, mapping) = (Arc::clone(&route.name), Arc::clone(&route.mapping));
    Arc::new(DestinationMapping::new(name, mapping))
}

/// Settings are read again whenever they change; reading a pipe again waits for ever.
fn refuse_pipe(path: &Path) -> Result<(), Failure> {
    let kind = std::fs::metadata(path).map(|metadata| metadata.file_type());
    if kind.is_ok_and(|kind| !kind.is_file() && !kind.is_dir()) {
        return Err(Failure::sentence(format!(
            "{} is not a regular file, and serve reads its settings more than once: write them to a file",
            path.display()
        )));
    }
    Ok(())
}
