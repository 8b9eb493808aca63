//! The match memory of a data folder, as mappings use it.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use conversions_delivery::Clock as _;
use conversions_mapping::{Customer, CustomerMemory, Mapping};
use facebook_conversions::UserData;
use jiff::Timestamp;
use match_memory::{Field, Memory, Options, PersonIds, Scope};
use segue_settings::{MemoryScope, MemorySettings};

use crate::clock::RunClock;
use crate::data_folder::DataFolder;
use crate::error::AppError;

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
        let clock = Arc::new(move || u64::try_from(clock.now().0).unwrap_or(0));
        let options = self.options(clock, backpressure_timeout);
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

    fn options(&self, clock: match_memory::Clock, backpressure_timeout: Duration) -> Options {
        Options {
            ttl: self.settings.ttl,
            max_people: self.settings.max_people,
            remember: self.settings.fields(),
            backpressure_timeout,
            clock,
            ..Options::default()
        }
    }

    /// The part of it that a destination's events use: those of files, and those of sources unless
    /// [`MatchMemory::of_source`] says otherwise. None if the settings want no memory.
    pub(crate) fn of_destination(&self, destination: &str) -> Option<Arc<dyn CustomerMemory>> {
        match (self.settings.scope, &self.settings.files_group) {
            (MemoryScope::Destination, _) => self.of_scope(destination.to_owned()),
            (MemoryScope::SourceGroup, Some(group)) => self.of_scope(of_group(group)),
            (MemoryScope::SourceGroup, None) => self.of_scope("files".to_owned()),
            (MemoryScope::All, _) => self.of_scope(String::new()),
        }
    }

    /// The part that a source's events use; none where that depends on their destination, or on nothing.
    pub(crate) fn of_source(
        &self,
        name: &str,
        group: Option<&str>,
    ) -> Option<Arc<dyn CustomerMemory>> {
        match (self.settings.scope, group) {
            (MemoryScope::SourceGroup, Some(group)) => self.of_scope(of_group(group)),
            (MemoryScope::SourceGroup, None) => self.of_scope(format!("source {name}")),
            (MemoryScope::Destination | MemoryScope::All, _) => None,
        }
    }

    fn of_scope(&self, scope_name: String) -> Option<Arc<dyn CustomerMemory>> {
        self.settings.enabled.then(|| {
            let memory: Arc<dyn CustomerMemory> = Arc::new(ScopedMemory {
                memory: Arc::clone(&self.memory),
                scope_name,
                scope: OnceLock::new(),
            });
            memory
        })
    }

    /// Opens an empty memory in a temporary folder, which goes with the returned value: to try what it would add.
    ///
    /// # Errors
    ///
    /// When there is no room for temporary files.
    pub fn open_on_trial(&self, now: Timestamp) -> Result<tempfile::TempDir, AppError> {
        let folder = tempfile::tempdir().map_err(|error| {
            AppError::System(format!("a temporary folder cannot be made: {error}"))
        })?;
        let now = u64::try_from(now.as_millisecond()).unwrap_or(0);
        let options = self.options(Arc::new(move || now), BACKPRESSURE_OF_FILES);
        let _ = self.memory.set(Memory::open(folder.path(), options)?);
        Ok(folder)
    }

    /// A mapping that uses this memory as the events of files do.
    #[must_use]
    pub fn completing(&self, mapping: Mapping, destination: &str) -> Mapping {
        match self.of_destination(destination) {
            Some(memory) => mapping.with_memory(memory),
            None => mapping,
        }
    }

    /// Opens the memory of a folder to look at it: nothing is learned for later.
    ///
    /// # Errors
    ///
    /// When nothing was ever remembered in the folder, or it cannot be read.
    pub fn open_read_only(&self, folder: &DataFolder, now: Timestamp) -> Result<(), AppError> {
        let now = u64::try_from(now.as_millisecond()).unwrap_or(0);
        let options = self.options(Arc::new(move || now), Duration::ZERO);
        let memory = Memory::open_read_only(folder.path(), options)?;
        let _ = self.memory.set(memory);
        Ok(())
    }

    /// Writes to disk what was learned.
    pub(crate) fn flush(&self) {
        if let Some(memory) = self.memory.get() {
            memory.flush();
        }
    }
}

/// The name of the scope of a group of sources.
fn of_group(group: &str) -> String {
    format!("group {group}")
}

/// What is remembered in one scope.
#[derive(Debug)]
struct ScopedMemory {
    memory: Arc<OnceLock<Memory>>,
    scope_name: String,
    scope: OnceLock<Scope>,
}

impl ScopedMemory {
    fn scope(&self) -> Option<&Scope> {
        let memory = self.memory.get()?;
        Some(self.scope.get_or_init(|| memory.scope(&self.scope_name)))
    }
}

impl CustomerMemory for ScopedMemory {
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
        let recalled = person.learn_and_recall(time, user_data);
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
        anonymous_external_id: customer.anonymous_external_id,
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
