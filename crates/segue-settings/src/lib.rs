//! The settings of `segue` as data: one destination, or several, the sources that feed them, and the endpoint that takes
//! their events.
//!
//! [`load`] reads a file, TOML or JSON, and either returns [`Settings`] or all its mistakes at once, each a
//! [`Diagnostic`] with file, line, column and advice. [`schema::schema`] describes such files for editors,
//! [`template::text`] writes a new one, `reference` lists all settings for a manual, [`report`] says what is in force, and
//! [`move_in`] reads what other systems call settings.
//!
//! Absent on purpose: text for terminals, the command line, networks, and the values of secrets, which are read when
//! [`SecretSource::resolve`] is called. No diagnostic shows a value.
//!
//! Programs that are configured like `segue` depend on this crate, and tools that write or check its files.
//!
//! ```
//! use std::path::Path;
//! use jiff::Timestamp;
//!
//! let text = "pixel_id = \"1234567890\"\nlimited_data_usee = true\n";
//! let mistakes = segue_settings::parse(Path::new("segue.toml"), text, Timestamp::UNIX_EPOCH).unwrap_err();
//! assert_eq!(
//!     mistakes[0].to_string(),
//!     "segue.toml:2:1: error: unknown key `limited_data_usee`\n  did you mean `limited_data_use`?",
//! );
//! ```

mod alerts;
mod broker_access;
mod console;
mod destination;
mod destinations;
mod diagnostic;
mod document;
mod endpoint;
mod event_log;
pub mod hints;
mod history;
mod inputs;
mod json_tree;
mod kinds;
mod load;
mod memory;
pub mod move_in;
mod otel;
mod reader;
pub mod reference;
pub mod report;
pub mod schema;
mod secret;
mod setting;
mod show;
mod sources;
mod suggest;
mod table;
pub mod template;
pub mod test_event_code;
mod toml_tree;
mod trace;
mod tree;
mod visible;
pub mod write_key;

pub use alerts::AlertSettings;
pub use broker_access::BrokerAccess;
pub use console::ConsoleSettings;
pub use destination::{Delivery, Destination, Graph};
pub use diagnostic::{Diagnostic, Severity};
pub use document::Position;
pub use endpoint::Endpoint;
pub use event_log::{LogEngine, LogSettings};
pub use history::HistorySettings;
pub use inputs::{InputCommit, InputKind, InputSettings, InputStart, SaslMechanism};
pub use load::{Settings, load, parse};
pub use memory::{MemoryScope, MemorySettings};
pub use otel::OtelSettings;
pub use secret::{SecretError, SecretSource};
pub use sources::EventSource;
pub use table::{Given, GivenAt, InForce};
pub use trace::TraceSettings;
