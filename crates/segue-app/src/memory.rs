//! The match memory of a data folder, as mappings use it.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use conversions_delivery::Clock as _;
use conversions_mapping::{Customer, CustomerMemory};
use facebook_conversions::UserData;
use match_memory::{Field, Memory, Options, PersonIds, Scope};
use segue_settings::{MemoryScope, MemorySettings};

use crate::clock::RunClock;
use crate::data_folder::DataFolder;

/// How long reading a file waits for a disk that cannot keep up with what is learned.
pub(crate) const BACKPRESSURE_OF_FILES: Duration = Duration::from_secs(10);
/// How long a sender waits for it: hardly at all.
pub(crate) const BACKPRESSURE_OF_SENDERS: Duration = Duration::from_millis(100);

/// The match memory of a run, by its settings. Mappings are given it before the data folder is open, and use it from then
/// on.
#[derive(Clone, Debug, Default)]
pub struct MatchMemory {
    settings: MemorySettings,
    memory: Arc<OnceLock<Memory>>,
}

impl MatchMemory {
    /// The memory of a run. Nothing is opened yet.
    #[must_use]
    pub fn new(settings: MemorySettings) -> Self {
        Self {
            settings,
            memory: Arc::default(),
        }
    }

    /// The same memory under settings that were read again.
    pub(crate) fn with_settings(&self, settings: MemorySettings) -> Self {
        Self {
            settings,
            memory: Arc::clone(&self.memory),
        }
    }

    pub(crate) fn settings(&self) -> &MemorySettings {
        &self.settings
    }

    /// Opens the memory, if the settings want one. If it cannot be opened, events are delivered without.
    pub(crate) fn open(
        &self,
        folder: &DataFolder,
        clock: RunClock,
        backpressure_timeout: Duration,
    ) {
        if !self.settings.enabled {
            return;
        }
        let options = Options {
            ttl: self.settings.ttl,
            max_people: self.settings.max_people,
            remember: self.settings.fields(),
            backpressure_timeout,
            clock: Arc::new(move || u64::try_from(clock.now().0).unwrap_or(0)),
            ..Options::default()
        };
        match Memory::open(folder.path(), options) {
            Ok(memory) => {
                // It is set once: a run opens its data folder once.
                let _ = self.memory.set(memory);
            }
            Err(error) => tracing::error!(
                error = &error as &dyn std::error::Error,
                "events go out without what earlier messages said"
            ),
        }
    }

    /// The part of it that a destination uses; none if the settings want no memory.
    pub(crate) fn of_destination(&self, destination: &str) -> Option<Arc<dyn CustomerMemory>> {
        if !self.settings.enabled {
            return None;
        }
        let scope = match self.settings.scope {
            MemoryScope::Destination => destination,
            MemoryScope::All => "",
        };
        Some(Arc::new(DestinationMemory {
            memory: Arc::clone(&self.memory),
            scope_name: scope.to_owned(),
            scope: OnceLock::new(),
        }))
    }

    /// Writes to disk what was learned.
    pub(crate) fn flush(&self) {
        if let Some(memory) = self.memory.get() {
            memory.flush();
        }
    }
}

/// What one destination remembers.
#[derive(Debug)]
struct DestinationMemory {
    memory: Arc<OnceLock<Memory>>,
    scope_name: String,
    scope: OnceLock<Scope>,
}

impl DestinationMemory {
    fn scope(&self) -> Option<&Scope> {
        let memory = self.memory.get()?;
        Some(self.scope.get_or_init(|| memory.scope(&self.scope_name)))
    }
}

impl CustomerMemory for DestinationMemory {
    fn learn(&self, customer: &Customer<'_>, user_data: &UserData<'_>) {
        if let Some(scope) = self.scope() {
            // The memory counts what it does not learn from.
            let _ = scope
                .person(&ids_of(customer))
                .learn(time_of(customer), user_data);
        }
    }

    fn learn_and_fill(
        &self,
        customer: &Customer<'_>,
        user_data: &mut UserData<'_>,
        remembered: &mut dyn FnMut(&'static str),
    ) {
        let Some(scope) = self.scope() else { return };
        let ids = ids_of(customer);
        let person = scope.person(&ids);
        let time = time_of(customer);
        let _ = person.learn(time, user_data);
        let recalled = person.recall(time, user_data);
        for field in recalled.remembered.iter() {
            remembered(path(field));
        }
        if recalled.is_fbc_dated {
            remembered(path(Field::Fbc));
        }
    }
}

fn ids_of<'c>(customer: &Customer<'c>) -> PersonIds<'c> {
    PersonIds {
        user: customer.user_id,
        anonymous: customer.anonymous_id,
        previous: customer.previous_id,
        hashed_anonymous: customer.hashed_anonymous_id,
    }
}

/// Before 1970 nothing was sent.
fn time_of(customer: &Customer<'_>) -> u64 {
    u64::try_from(customer.time).unwrap_or(0)
}

/// The field as notes name it.
fn path(field: Field) -> &'static str {
    match field {
        Field::Em => "user_data.em",
        Field::Ph => "user_data.ph",
        Field::Fn => "user_data.fn",
        Field::Ln => "user_data.ln",
        Field::Db => "user_data.db",
        Field::Ge => "user_data.ge",
        Field::Ct => "user_data.ct",
        Field::St => "user_data.st",
        Field::Zp => "user_data.zp",
        Field::Country => "user_data.country",
        Field::ExternalId => "user_data.external_id",
        Field::Fbp => "user_data.fbp",
        Field::Fbc => "user_data.fbc",
        Field::ClientIpAddress => "user_data.client_ip_address",
        Field::ClientUserAgent => "user_data.client_user_agent",
    }
}
