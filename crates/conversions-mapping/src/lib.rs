//! The mapping engine: a Segment message, settings and the time of day give a server event of Meta's Conversions API,
//! with a note for every field, or a reason why not.
//!
//! Mapping is total: any bytes give an outcome, and what cannot be used of a message is left out and said. Nothing is
//! sent, read from disk, or asked of a clock; there is no async runtime. The tables in [`rules`] are the mapping, one
//! row for each line of the documentation.
//!
//! The only crate that knows both vocabularies. Whatever moves events (delivery, ingest, the command) may depend on it.

mod context;
mod eligibility;
mod engine;
mod event_names;
mod integrations;
mod note;
mod outcome;
mod outcome_counts;
mod privacy;
mod rules;
mod settings;
mod transforms;

pub use engine::{Mapper, Mapping};
pub use event_names::{DEFAULT_EVENTS, EXTENDED_EVENTS};
pub use integrations::NAMES as INTEGRATION_NAMES;
pub use note::{Effect, Note, Path, is_printable};
pub use outcome::{Mapped, MessageFault, Outcome, RejectReason, Rejection, SkipReason};
pub use outcome_counts::OutcomeCounts;
pub use privacy::pii::PERSONAL_NAMES;
pub use rules::row::RuleDescription;
pub use rules::table::{computed_fields, rules};
pub use settings::{PiiProperties, Settings, SettingsError};
