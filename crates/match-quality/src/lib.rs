//! How well Meta will match events: which match keys they have, why lines are skipped or rejected, under which names events
//! are sent, what to do first, and which settings would help.
//!
//! [`QualityCounts`] counts lines one by one in constant memory; counts of several threads are merged. A [`Report`] is the
//! counts of one input with the time and the settings by which they were judged. It holds names and numbers, never a value
//! of an event.
//!
//! Absent on purpose: reading files, terminals. `segue-insight` reads the file, the command draws the tables.
//!
//! Everything that shows how ready events are may depend on this crate. It knows the mapping and both vocabularies.
//!
//! ```
//! use conversions_mapping::{Mapping, Settings};
//! use match_quality::{JudgedAt, QualityCounts, Report, TimeSource};
//!
//! let mapping = Mapping::new(Settings::default())?;
//! let now = "2026-11-20T12:00:00Z".parse()?;
//! let mut counts = QualityCounts::default();
//! let line = br#"{"type":"track","event":"Lead","userId":"u-1","timestamp":"2026-11-20T11:00:00Z"}"#;
//! counts.count_line(&mut mapping.mapper(), line, now);
//! let report = Report {
//!     input: "events.ndjson".to_owned(),
//!     destination: None,
//!     settings: Settings::default(),
//!     judged_at: JudgedAt { time: now, source: TimeSource::Option },
//!     counts,
//! };
//! let worst = &report.findings()[0];
//! assert_eq!((worst.name, worst.lines), ("missing_em", 1));
//! assert_eq!(report.to_json()["match_keys"]["external_id"]["events"], 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod advice;
mod counts;
mod findings;
mod hints;
mod json;
mod keys;
mod names;
mod report;
mod share;
mod suggestions;

pub use counts::{KeyCount, QualityCounts};
pub use findings::{Finding, FindingKind, MISSING_KEYS, MissingKey, REJECT_WEIGHT, warning_weight};
pub use names::{NameCounts, NamedEvents, TopNames};
pub use report::{JudgedAt, MatchKey, Report, TimeSource};
pub use share::{percent, rounded_parts, share};
pub use suggestions::{Suggestion, SuggestionKind};
