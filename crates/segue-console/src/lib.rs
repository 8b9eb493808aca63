//! Pages that say whether events are delivered, and what became of one event, as an [`axum`] router over [`ConsoleData`].
//!
//! [`Console::router`] has the pages, their style sheet and script, `/live` for updates, and `/api/v1` with the data of each
//! page as JSON. Pages are rendered here and work without JavaScript. [`Access`] says who may see them.
//!
//! Absent on purpose: where the data comes from, storage, delivery, listeners, other operators' routes. No page asks another
//! server for anything.
//!
//! Programs that deliver events and want to show how it goes depend on this crate, and implement [`ConsoleData`].
//!
//! ```
//! use std::net::{Ipv4Addr, SocketAddr};
//! use std::sync::Arc;
//! use segue_console::{Access, Console, ConsoleData};
//!
//! /// What is served at that address; the program implements `ConsoleData` over what it knows of its delivery.
//! fn pages(data: Arc<dyn ConsoleData>, listener: SocketAddr) -> axum::Router {
//!     Console::new(data, Access::of_listener(listener, None)).router()
//! }
//!
//! // Without a password the pages are for this machine only.
//! let everyone = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 8081));
//! assert!(matches!(Access::of_listener(everyone, None), Access::Off));
//! ```

mod access;
mod api;
mod assets;
mod chart;
mod console;
mod data;
mod fault;
mod figures;
mod form;
mod format;
mod layout;
mod live;
mod pages;
mod parts;
mod state;
mod token;
mod viewers;

pub use access::{Access, PasswordError};
pub use api::OPENAPI;
pub use console::Console;
pub use data::{
    About, Advice, ChartPoint, Charts, ConsoleData, DataError, DeadLetter, DeadLetterAction,
    DeadLetterGroup, DeadLetterList, DeadLetterPage, DeadLetterSelection, DeadLetterSummary,
    DestinationState, DestinationSummary, EventFields, EventFilter, EventLife, EventList,
    EventQuality, EventSummary, Field, FirstSteps, KeyShare, LastAnswer, LifeStep, MatchQuality,
    MessageTest, Outcome, Overview, QualityWindow, Refusal, RefusedReplay, SearchResult,
    SettingRow, SettingsSection, SettingsView, SourceEntry, StepKind, TestAnswer, TestResult,
    TimeRange, UnusedMember, Verdict,
};
pub use figures::{counted, grouped};
