//! What can be said of events and of their delivery, as data and JSON: why an event has the fields it has, how well a file
//! of events will match, how delivery stands, and which events were given up.
//!
//! - [`explain`]: one event, with the source of every field.
//! - [`event_check`]: the match quality of a file of events.
//! - [`status`]: the status of delivery, whether or not a process is running.
//! - [`dead_letters`]: list, show, export, replay and purge events that were given up.
//!
//! Absent on purpose: terminals, command lines, settings files, HTTP. Nothing here prints, and nothing shows an IP address, a
//! user agent or contact data, except an export that asks for them.
//!
//! User interfaces depend on this crate: the command draws its tables from it.
//!
//! ```
//! use conversions_mapping::{Mapping, Settings};
//! use segue_insight::explain::Explanation;
//!
//! let mapping = Mapping::new(Settings::default())?;
//! let line = br#"{"type":"track","event":"Lead","userId":"u-1","timestamp":"2026-11-20T11:00:00Z"}"#;
//! let now = "2026-11-20T12:00:00Z".parse()?;
//! let mut mapper = mapping.mapper().with_notes(true);
//! let explanation = mapper.map_bytes(line, now, |outcome| Explanation::of(&outcome, 1));
//! assert_eq!(explanation.outcome, "accepted");
//! let id = explanation.fields.iter().find(|field| field.field == "user_data.external_id");
//! assert_eq!(id.and_then(|field| field.from.as_deref()), Some("userId"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod dead_letters;
pub mod event_check;
pub mod explain;
pub mod status;
mod time;

pub use time::rfc3339;
