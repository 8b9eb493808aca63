//! What the console shows of an endpoint that runs.

mod changes;
mod dead_letters;
mod events;
mod first_steps;
mod match_quality;
mod overview;
mod settings;
mod setup;
mod tester;
mod time;

use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use conversions_delivery::Clock as _;
use segue_console::{
    About, Access, ConsoleData, DataError, DeadLetter, DeadLetterAction, DeadLetterList,
    DeadLetterPage, DeadLetterSelection, DeadLetterSummary, EventFilter, EventLife, EventList,
    FirstSteps, MatchQuality, MessageTest, Overview, QualityWindow, SearchResult, SettingsView,
    TestResult, TimeRange,
};
use tokio::sync::watch;

use crate::clock::RunClock;
use crate::data_folder::DataFolder;
use crate::serve::configuration::Configuration;
use crate::serve::delivery::Delivery;
use crate::serve::listening::BoundAddresses;

pub(super) use setup::ConsoleSetup;

/// Who may see the console of an endpoint whose operators look at this address; `None` if it is switched off.
pub(super) fn access(configuration: &Configuration, address: SocketAddr) -> Option<Access> {
    let is_enabled = configuration.settings.console.enabled;
    let password = configuration.console_password.clone();
    is_enabled.then(|| Access::of_listener(address, password))
}

/// The data of the console.
pub(super) struct EndpointConsole {
    pub(super) addresses: BoundAddresses,
    pub(super) folder: DataFolder,
    pub(super) delivery: Arc<Delivery>,
    pub(super) clock: RunClock,
    pub(super) setup: Arc<ConsoleSetup>,
    pub(super) changes: watch::Receiver<u64>,
}

impl EndpointConsole {
    /// Starts to look for changes.
    pub(super) fn watch(delivery: &Arc<Delivery>) -> watch::Receiver<u64> {
        changes::watch(delivery)
    }
}

#[async_trait]
impl ConsoleData for EndpointConsole {
    fn about(&self) -> About {
        About {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            sandbox: self.addresses.sandbox.clone(),
            node: None,
        }
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.clone()
    }

    fn destinations(&self) -> Vec<String> {
        self.setup.destinations()
    }

    async fn overview(&self, _: TimeRange) -> Result<Overview, DataError> {
        let progress = self.delivery.progress().await;
        let letters = dead_letters::counts(&self.folder).await?;
        Ok(overview::overview(&progress, &letters, self.clock.now()))
    }

    async fn first_steps(&self) -> Result<FirstSteps, DataError> {
        let progress = self.delivery.progress().await;
        let steps = first_steps::first_steps(&self.addresses.ingest, &self.setup, &progress);
        Ok(steps)
    }

    async fn write_key(&self, source: &str) -> Result<String, DataError> {
        self.setup.write_key(source)
    }

    async fn events(&self, filter: &EventFilter) -> Result<EventList, DataError> {
        Ok(events::list(filter))
    }

    async fn search(&self, id: &str) -> Result<SearchResult, DataError> {
        Ok(events::search(id))
    }

    async fn event(&self, key: &str, id: Option<&str>) -> Result<EventLife, DataError> {
        events::life(key, id)
    }

    async fn test_message(&self, test: &MessageTest) -> Result<TestResult, DataError> {
        let destination = self.setup.test_destination(&test.destination)?;
        tester::run(
            &destination,
            self.delivery.sandbox(),
            test,
            self.clock.timestamp(),
        )
        .await
    }

    async fn dead_letters(
        &self,
        selection: &DeadLetterSelection,
        page: DeadLetterPage,
    ) -> Result<DeadLetterList, DataError> {
        dead_letters::list(&self.folder, selection, page).await
    }

    async fn dead_letter(&self, id: u64) -> Result<DeadLetter, DataError> {
        dead_letters::one(&self.folder, id).await
    }

    async fn act_on_dead_letters(
        &self,
        action: DeadLetterAction,
        selection: &DeadLetterSelection,
    ) -> Result<DeadLetterSummary, DataError> {
        dead_letters::act(&self.folder, action, selection, self.clock.now()).await
    }

    async fn export_dead_letters(
        &self,
        selection: &DeadLetterSelection,
    ) -> Result<Vec<u8>, DataError> {
        dead_letters::export(&self.folder, selection).await
    }

    async fn match_quality(&self, window: QualityWindow) -> Result<MatchQuality, DataError> {
        Ok(match_quality::match_quality(window))
    }

    async fn settings(&self) -> Result<SettingsView, DataError> {
        Ok(settings::view(&self.setup))
    }
}
