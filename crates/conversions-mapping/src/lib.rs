//! The mapping engine: turns a Segment message, by settings and the current time, into a server event of Meta's
//! Conversions API with a note for every field, or into a reason why there is none.
//!
//! Mapping is total: any bytes give an outcome, and unusable parts of a message are left out with a note. The crate does
//! not send, does no I/O, and reads no clock; there is no async runtime. The tables in [`rules`] are the mapping, one
//! row for each line of the documentation.
//!
//! The only crate that knows both vocabularies. Crates that move events (delivery, ingest, the command) may depend on it.
//! ```
//! use conversions_mapping::{Mapping, Outcome, Settings};
//! use segment_spec::Line;
//!
//! let mapping = Mapping::new(Settings::default())?;
//! let now = "2026-11-23T12:00:00Z".parse()?;
//! let line = Line::new(br#"{"type":"track","event":"Order Completed","userId":"u1","timestamp":"2026-11-23T11:59:30Z",
//!     "context":{"traits":{"email":"Jane@Example.com"}},"properties":{"revenue":19.90,"currency":"eur"}}"#)?;
//!
//! let Outcome::Accepted(mapped) = mapping.mapper().map(&line, now) else { panic!("not accepted") };
//! let json = mapped.event.to_json();
//! assert!(json.contains(r#""event_name":"Purchase""#) && json.contains(r#""currency":"EUR","value":19.90"#));
//! assert!(!json.contains('@'));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cached_year;
mod compiled;
mod context;
mod destination_field;
mod eligibility;
mod engine;
mod event_names;
mod field_rule;
mod integrations;
mod memory;
mod note;
mod outcome;
mod outcome_counts;
mod privacy;
mod rules;
mod settings;
mod transforms;

pub use destination_field::{DestinationField, DestinationFieldError};
pub use engine::{Mapper, Mapping};
pub use event_names::{DEFAULT_EVENTS, EXTENDED_EVENTS};
pub use field_rule::{FieldRule, FieldSource, MessagePath, MessagePathError};
pub use integrations::NAMES as INTEGRATION_NAMES;
pub use memory::{Customer, CustomerMemory};
pub use note::{Effect, Note, Path, is_printable};
pub use outcome::{Mapped, MessageFault, Outcome, RejectReason, Rejection, SkipReason};
pub use outcome_counts::OutcomeCounts;
pub use privacy::pii::PERSONAL_NAMES;
pub use rules::field::writable_fields;
pub use rules::row::RuleDescription;
pub use rules::table::{computed_fields, rules};
pub use settings::{PiiProperties, Settings, SettingsError};
