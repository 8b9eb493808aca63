//! What the console shows of an endpoint that runs.

mod changes;
mod charts;
mod dead_letters;
mod events;
mod first_steps;
mod life;
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
use conversions_history::history::Range;
use segue_console::{
    About, Access, Console, ConsoleData, DataError, DeadLetter, DeadLetterAction, DeadLetterList,
    DeadLetterPage, DeadLetterSelection, DeadLetterSummary, EventFilter, EventLife, EventList,
    FirstSteps, MatchQuality, MessageTest, Overview, QualityWindow, SearchResult, SettingsView,
    TestResult, TimeRange,
};
use tokio::sync::watch;

use crate::clock::RunClock;
use crate::open_log::Letters;
use crate::serve::configuration::Configuration;
use crate::serve::delivery::Delivery;
use crate::serve::listening::BoundAddresses;
use crate::serve::recorder::Recorder;

pub(super) use setup::ConsoleSetup;

/// Who may see the console of an endpoint whose operators look at this address; `None` if it is switched off.
pub(super) fn access(configuration: &Configuration, address: SocketAddr) -> Option<Access> {
    let is_enabled = configuration.settings.console.enabled;
    let password = configuration.console_password.clone();
    is_enabled.then(|| Access::of_listener(address, password))
}

/// What the console is made of.
pub(super) struct EndpointConsole {
    pub(super) addresses: BoundAddresses,
    pub(super) letters: Letters,
    pub(super) delivery: Arc<Delivery>,
    pub(super) clock: RunClock,
    pub(super) setup: Arc<ConsoleSetup>,
    pub(super) recorder: Recorder,
}

/// The data of a console that is shown.
struct ShownConsole {
    endpoint: EndpointConsole,
    changes: watch::Receiver<u64>,
}

impl EndpointConsole {
    /// Starts to look for changes. Must be called in a tokio runtime.
    pub(super) fn shown_to(self, access: Access) -> Console {
        let trace = self.recorder.trace.as_ref();
        let changes = changes::watch(&self.delivery, trace.map(|trace| trace.changes()));
        let endpoint = self;
        Console::new(Arc::new(ShownConsole { endpoint, changes }), access)
    }

    async fn held(&self) -> events::Held {
        events::held(&self.delivery.progress().await)
    }
}

#[async_trait]
impl ConsoleData for ShownConsole {
    fn about(&self) -> About {
        About {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            sandbox: self.endpoint.addresses.sandbox.clone(),
            node: None,
        }
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.clone()
    }

    fn destinations(&self) -> Vec<String> {
        self.endpoint.setup.destinations()
    }

    async fn overview(&self, range: TimeRange) -> Result<Overview, DataError> {
        let progress = self.endpoint.delivery.progress().await;
        let letters = dead_letters::counts(&self.endpoint.letters).await?;
        let mut overview = overview::overview(&progress, &letters, self.endpoint.clock.now());
        if let Some(history) = &self.endpoint.recorder.history {
            let day = history.report(Range::LastDay);
            for destination in &mut overview.destinations {
                destination.rejected = charts::rejected(&day, &destination.name);
            }
            let report = history.report(charts::range_of(range));
            overview.charts = Some(charts::charts(range, &report));
        }
        Ok(overview)
    }

    async fn first_steps(&self) -> Result<FirstSteps, DataError> {
        let progress = self.endpoint.delivery.progress().await;
        let history = self.endpoint.recorder.history.as_deref();
        let ingest = self
            .endpoint
            .addresses
            .ingest
            .as_deref()
            .unwrap_or_default();
        Ok(first_steps::first_steps(
            ingest,
            &self.endpoint.setup,
            &progress,
            history,
        ))
    }

    async fn write_key(&self, source: &str) -> Result<String, DataError> {
        self.endpoint.setup.write_key(source)
    }

    async fn events(&self, filter: &EventFilter) -> Result<EventList, DataError> {
        let held = self.endpoint.held().await;
        Ok(events::list(
            self.endpoint.recorder.trace.as_deref(),
            filter,
            &held,
        ))
    }

    async fn search(&self, id: &str) -> Result<SearchResult, DataError> {
        let held = self.endpoint.held().await;
        events::search(self.endpoint.recorder.trace.clone(), id, &held).await
    }

    async fn event(&self, key: &str, id: Option<&str>) -> Result<EventLife, DataError> {
        let event = events::find(self.endpoint.recorder.trace.clone(), key, id).await?;
        let mut life = life::life(&event, &self.endpoint.held().await);
        let letters = &self.endpoint.letters;
        if let Some(id) = life.dead_letter
            && (!letters.has_event_keys || dead_letters::one(letters, id).await.is_err())
        {
            life.dead_letter = None;
        }
        Ok(life)
    }

    async fn test_message(&self, test: &MessageTest) -> Result<TestResult, DataError> {
        let destination = self.endpoint.setup.test_destination(&test.destination)?;
        tester::run(
            &destination,
            self.endpoint.delivery.sandbox(),
            test,
            self.endpoint.clock.timestamp(),
        )
        .await
    }

    async fn dead_letters(
        &self,
        selection: &DeadLetterSelection,
        page: DeadLetterPage,
    ) -> Result<DeadLetterList, DataError> {
        dead_letters::list(&self.endpoint.letters, selection, page).await
    }

    async fn dead_letter(&self, id: u64) -> Result<DeadLetter, DataError> {
        dead_letters::one(&self.endpoint.letters, id).await
    }

    async fn act_on_dead_letters(
        &self,
        action: DeadLetterAction,
        selection: &DeadLetterSelection,
    ) -> Result<DeadLetterSummary, DataError> {
        dead_letters::act(
            &self.endpoint.letters,
            action,
            selection,
            self.endpoint.clock.now(),
        )
        .await
    }

    async fn export_dead_letters(
        &self,
        selection: &DeadLetterSelection,
    ) -> Result<Vec<u8>, DataError> {
        dead_letters::export(&self.endpoint.letters, selection).await
    }

    async fn match_quality(&self, window: QualityWindow) -> Result<MatchQuality, DataError> {
        let history = self.endpoint.recorder.history.as_deref();
        Ok(match_quality::match_quality(history, window))
    }

    async fn settings(&self) -> Result<SettingsView, DataError> {
        Ok(settings::view(&self.endpoint.setup))
    }
}
