//! What the pages show, as data: the trait that has it, and its types. Each type is the JSON of `/api/v1` too.

mod dead_letters;
mod events;
mod first_steps;
mod match_quality;
mod overview;
mod settings;
mod tester;

use async_trait::async_trait;
use serde::Serialize;
use tokio::sync::watch;

pub use dead_letters::{
    DeadLetter, DeadLetterAction, DeadLetterGroup, DeadLetterList, DeadLetterPage,
    DeadLetterSelection, DeadLetterSummary, RefusedReplay,
};
pub use events::{
    EventFields, EventFilter, EventLife, EventList, EventSummary, Field, LifeStep, Outcome,
    SearchResult, StepKind, UnusedMember,
};
pub use first_steps::{FirstSteps, SourceEntry};
pub use match_quality::{Advice, EventQuality, KeyShare, MatchQuality, QualityWindow};
pub use overview::{
    ChartPoint, Charts, DestinationState, DestinationSummary, LastAnswer, Overview, TimeRange,
    Verdict,
};
pub use settings::{Refusal, SettingRow, SettingsSection, SettingsView};
pub use tester::{MessageTest, TestAnswer, TestResult};

/// Where the pages get what they show. Implementations answer within a second or so: a page waits for them.
///
/// Nothing that is returned may hold contact data, an IP address, a user agent, an access token or a secret. The pages show
/// it as it is.
#[async_trait]
pub trait ConsoleData: Send + Sync + 'static {
    /// The process that the pages are about.
    fn about(&self) -> About;

    /// A number that changes when any of the pages would look different.
    fn changes(&self) -> watch::Receiver<u64>;

    /// How delivery stands.
    ///
    /// # Errors
    ///
    /// [`DataError::Unavailable`] when it cannot be read.
    async fn overview(&self, range: TimeRange) -> Result<Overview, DataError>;

    /// How far a new installation has come.
    ///
    /// # Errors
    ///
    /// [`DataError::Unavailable`] when it cannot be read.
    async fn first_steps(&self) -> Result<FirstSteps, DataError>;

    /// The write key of a source, in clear, for the person who sets up a sender.
    ///
    /// # Errors
    ///
    /// [`DataError::NotFound`] when there is no such source, or it has no key.
    async fn write_key(&self, source: &str) -> Result<String, DataError>;

    /// The latest outcomes that pass a filter, the newest first.
    ///
    /// # Errors
    ///
    /// [`DataError::Unavailable`] when they cannot be read.
    async fn events(&self, filter: &EventFilter) -> Result<EventList, DataError>;

    /// The events of a `messageId`, `event_id` or `order_id`. The id is of any length and content.
    ///
    /// # Errors
    ///
    /// [`DataError::Unavailable`] when they cannot be read.
    async fn search(&self, id: &str) -> Result<SearchResult, DataError>;

    /// What became of one event, by [`EventSummary::key`]; `id` is what was searched for when it was found.
    ///
    /// # Errors
    ///
    /// [`DataError::NotFound`] when nothing is known of it any more.
    async fn event(&self, key: &str, id: Option<&str>) -> Result<EventLife, DataError>;

    /// Maps a Segment message, and sends the event if the test says so.
    ///
    /// # Errors
    ///
    /// [`DataError::Invalid`] when the test cannot be made as it is.
    async fn test_message(&self, test: &MessageTest) -> Result<TestResult, DataError>;

    /// Names of the destinations, in the order of the settings.
    fn destinations(&self) -> Vec<String>;

    /// Events that were given up.
    ///
    /// # Errors
    ///
    /// [`DataError::Unavailable`] when they cannot be read.
    async fn dead_letters(
        &self,
        selection: &DeadLetterSelection,
        page: DeadLetterPage,
    ) -> Result<DeadLetterList, DataError>;

    /// All about one of them.
    ///
    /// # Errors
    ///
    /// [`DataError::NotFound`] when it was purged or sent again meanwhile.
    async fn dead_letter(&self, id: u64) -> Result<DeadLetter, DataError>;

    /// Sends them again, or removes them for good. Says what was done, in numbers.
    ///
    /// # Errors
    ///
    /// [`DataError::NotFound`] when one letter was asked for and is not there any more.
    async fn act_on_dead_letters(
        &self,
        action: DeadLetterAction,
        selection: &DeadLetterSelection,
    ) -> Result<DeadLetterSummary, DataError>;

    /// Their events as JSON lines, without IP addresses and user agents.
    ///
    /// # Errors
    ///
    /// [`DataError::Unavailable`] when they cannot be read.
    async fn export_dead_letters(
        &self,
        selection: &DeadLetterSelection,
    ) -> Result<Vec<u8>, DataError>;

    /// How well events can be matched.
    ///
    /// # Errors
    ///
    /// [`DataError::Unavailable`] when it cannot be read.
    async fn match_quality(&self, window: QualityWindow) -> Result<MatchQuality, DataError>;

    /// The settings in force.
    ///
    /// # Errors
    ///
    /// [`DataError::Unavailable`] when they cannot be read.
    async fn settings(&self) -> Result<SettingsView, DataError>;
}

/// The process that the pages are about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct About {
    /// Its version.
    pub version: String,
    /// The address of the sandbox that it sends to, if it does not send to Meta.
    pub sandbox: Option<String>,
    /// The name of the machine or node, if it has one.
    pub node: Option<String>,
}

/// Why something cannot be shown or done. The sentence says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DataError {
    /// It does not exist, or no longer.
    #[error("{0}")]
    NotFound(String),
    /// What was asked for makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// It cannot be read or done at the moment.
    #[error("{0}")]
    Unavailable(String),
}
