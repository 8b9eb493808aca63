//! What the console knows of the configuration in force. A reload replaces it.

use std::sync::{Arc, PoisonError, RwLock};

use conversions_mapping::Mapping;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use segue_console::{DataError, Refusal, SourceEntry};
use segue_settings::{Diagnostic, Settings, Severity};

use crate::destinations::{ResolvedDestination, mapping_of};
use crate::error::AppError;
use crate::serve::configuration::Configuration;

/// Characters of a write key that are shown without being asked for.
const SHOWN_OF_KEY: usize = 4;

/// The configuration in force, as the console needs it.
pub(in crate::serve) struct ConsoleSetup(RwLock<Arc<InForce>>);

#[derive(Clone)]
pub(super) struct InForce {
    pub(super) settings: Settings,
    pub(super) file: Option<String>,
    pub(super) loaded_at: Timestamp,
    pub(super) refused: Option<Refusal>,
    destinations: Vec<ResolvedDestination>,
    sources: Vec<SourceKeys>,
}

/// A source, and the first of its write keys.
#[derive(Clone)]
struct SourceKeys {
    name: String,
    key: Option<SecretString>,
    destinations: Vec<String>,
}

/// A destination to try a message with.
pub(super) struct TestDestination {
    pub(super) resolved: ResolvedDestination,
    /// Its mapping without the match memory: a test teaches it nothing.
    pub(super) mapping: Mapping,
}

impl ConsoleSetup {
    pub(in crate::serve) fn new(configuration: &Configuration) -> Self {
        Self(RwLock::new(Arc::new(InForce::of(configuration))))
    }

    /// A new configuration is in force.
    pub(in crate::serve) fn replace(&self, configuration: &Configuration) {
        self.set(InForce::of(configuration));
    }

    /// A new configuration was refused.
    pub(in crate::serve) fn refuse(&self, error: &AppError) {
        let mistakes = match error {
            AppError::Settings(diagnostics) => {
                let is_error = |one: &&Diagnostic| one.severity == Severity::Error;
                diagnostics.iter().filter(is_error).map(line).collect()
            }
            error => vec![error.sentence()],
        };
        let mut in_force = InForce::clone(&self.get());
        in_force.refused = Some(Refusal {
            at: Timestamp::now(),
            mistakes,
        });
        self.set(in_force);
    }

    pub(super) fn get(&self) -> Arc<InForce> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn set(&self, in_force: InForce) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(in_force);
    }

    /// The names under which the log keeps the events of each destination.
    pub(super) fn destinations(&self) -> Vec<String> {
        let in_force = self.get();
        in_force
            .destinations
            .iter()
            .map(|one| one.name.to_string())
            .collect()
    }

    pub(super) fn sources(&self) -> Vec<SourceEntry> {
        let in_force = self.get();
        in_force.sources.iter().map(SourceKeys::entry).collect()
    }

    /// The first write key of a source.
    pub(super) fn write_key(&self, source: &str) -> Result<String, DataError> {
        let in_force = self.get();
        let found = in_force.sources.iter().find(|one| one.name == source);
        let key = found.and_then(|source| source.key.as_ref());
        key.map(|key| key.expose_secret().to_owned()).ok_or_else(|| {
            DataError::NotFound("There is no source of this name with a write key. First steps lists the sources.".to_owned())
        })
    }

    /// The destination of this name, or the first one.
    pub(super) fn test_destination(&self, name: &str) -> Result<TestDestination, DataError> {
        let in_force = self.get();
        let pairs = || {
            in_force
                .destinations
                .iter()
                .zip(&in_force.settings.destinations)
        };
        let found = pairs().find(|(resolved, _)| &*resolved.name == name);
        let first = || pairs().next().filter(|_| name.is_empty());
        let (resolved, settings) = found.or_else(first).ok_or_else(|| {
            DataError::Invalid(
                "There is no destination of this name any more. Choose another one.".to_owned(),
            )
        })?;
        let mapping =
            mapping_of(settings).map_err(|error| DataError::Unavailable(error.sentence()))?;
        Ok(TestDestination {
            resolved: resolved.clone(),
            mapping,
        })
    }
}

impl InForce {
    fn of(configuration: &Configuration) -> Self {
        let keys = |source: &conversions_ingest::Source| SourceKeys {
            name: source.name.to_string(),
            key: source.write_keys.first().cloned(),
            destinations: source
                .destinations
                .iter()
                .map(|one| one.name.to_string())
                .collect(),
        };
        Self {
            settings: configuration.settings.clone(),
            file: configuration
                .file
                .as_ref()
                .map(|path| path.display().to_string()),
            loaded_at: Timestamp::now(),
            refused: None,
            destinations: configuration.destinations.clone(),
            sources: configuration.ingest.sources.iter().map(keys).collect(),
        }
    }
}

impl SourceKeys {
    fn entry(&self) -> SourceEntry {
        let masked = |key: &SecretString| {
            let key = key.expose_secret();
            let shown = SHOWN_OF_KEY.min(key.chars().count() / 4);
            let shown: String = key.chars().take(shown).collect();
            format!("{shown}…")
        };
        SourceEntry {
            name: self.name.clone(),
            masked_key: self.key.as_ref().map(masked),
            destinations: self.destinations.clone(),
        }
    }
}

/// A diagnostic on one line.
pub(super) fn line(diagnostic: &Diagnostic) -> String {
    diagnostic.to_string().replace("\n  ", "; ")
}
