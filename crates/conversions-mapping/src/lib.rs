//! The mapping engine: a Segment message, settings and the time of day give a server event of Meta's Conversions API,
//! with a note for every field, or a reason why not.
//!
//! Mapping is total: any bytes give an outcome, and what cannot be used of a message is left out and said. Nothing is
//! sent, read from disk, or asked of a clock; there is no async runtime. The tables in [`rules`] are the mapping, one
//! row for each line of the documentation.
//!
//! The only crate that knows both vocabularies. Whatever moves events (delivery, ingest, the command) may depend on it.

mod app_data;
mod cut;
mod cx;
mod data_processing;
mod derive;
mod email;
mod event_name;
mod event_time;
mod external_id;
mod field;
mod gate;
mod integrations;
mod mapping;
mod note;
mod outcome;
mod outcome_counts;
mod page_url;
mod pass_through;
mod personal;
mod property;
mod row;
mod settings;
mod source;
mod table;
mod time;
mod transform;
mod value;

pub use event_name::{DEFAULT_EVENTS, EXTENDED_EVENTS};
pub use integrations::NAMES as INTEGRATION_NAMES;
pub use mapping::{Mapper, Mapping};
pub use note::{Effect, Note, Path, is_printable};
pub use outcome::{Mapped, MessageFault, Outcome, RejectReason, Rejection, SkipReason};
pub use outcome_counts::OutcomeCounts;
pub use personal::PERSONAL_NAMES;
pub use row::RuleDescription;
pub use settings::{PiiProperties, Settings, SettingsError};
pub use table::{computed_fields, rules};
