//! What settings and options come to: who may send, how that is taken, and where it goes.

use std::sync::Arc;

use conversions_ingest::{DestinationMapping, IngestOptions, Source};
use jiff::Timestamp;
use secrecy::SecretString;

use crate::failure::{Failure, say_all};
use crate::route::{Mode, Route};
use crate::serve::ServeArgs;
use crate::settings::{self, Destination, EventSource, Settings};

/// The name of the source when the settings have none.
const ONLY_SOURCE: &str = "default";

/// Everything that can be in force, ready to be put in force.
pub(crate) struct Configuration {
    pub(crate) routes: Vec<Route>,
    pub(crate) ingest: IngestOptions,
    /// Whether the key that was made for this run is the one that senders may use.
    pub(crate) uses_made_key: bool,
}

impl Configuration {
    /// Reads settings and secrets; warnings are said.
    pub(crate) fn read(args: &ServeArgs, made_key: &str) -> Result<Self, Failure> {
        let settings = match &args.settings {
            Some(path) => settings::load(path, Timestamp::now()).map_err(Failure::Settings)?,
            None => Settings::default(),
        };
        say_all(&settings.warnings);
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
        Ok(Self {
            routes,
            ingest: IngestOptions::new(sources),
            uses_made_key,
        })
    }
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
    Ok((sources.collect(), false))
}

/// A source of the settings, with the mappings of its destinations.
fn of(source: &EventSource, targets: &[(&Destination, &Route)]) -> Source {
    let goes_to = |destination: &Destination| {
        let name = destination.name.as_ref();
        name.is_none_or(|name| source.destinations.contains(name))
    };
    let mappings = targets
        .iter()
        .filter(|(destination, _)| goes_to(destination))
        .map(|(_, route)| mapping_of(route));
    Source {
        write_keys: source.write_keys.iter().map(SecretString::clone).collect(),
        ..Source::new(source.name.as_str(), mappings.collect())
    }
}

fn mapping_of(route: &Route) -> Arc<DestinationMapping> {
    let (name, mapping) = (Arc::clone(&route.name), Arc::clone(&route.mapping));
    Arc::new(DestinationMapping::new(name, mapping))
}
