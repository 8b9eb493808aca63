//! `[trace]`: what `segue serve` keeps of what became of each event.

use std::time::Duration;

use crate::kinds::{Count, Flag};
use crate::memory::Age;
use crate::reader::Reader;
use crate::setting::{Setting, row_after_restart as row};
use crate::table::{Given, InForce, Table, in_force, need_restart, read as read_table};
use crate::tree::Node;

/// What `segue serve` keeps of what became of each event.
#[derive(Clone, Debug)]
pub struct TraceSettings {
    /// Whether anything is.
    pub enabled: bool,
    /// Events that are kept; the newest stay.
    pub max_events: u64,
    /// How long they are kept.
    pub max_age: Duration,
    /// Bytes on disk, at most.
    pub max_bytes: u64,
    /// The settings that the file gives, and where.
    pub given: Given,
}

impl Default for TraceSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            max_events: 1_000_000,
            max_age: Duration::from_hours(7 * 24),
            max_bytes: 300_000_000,
            given: Given::new(),
        }
    }
}

impl TraceSettings {
    /// Every setting and its value, in the order in which they are explained.
    #[must_use]
    pub fn in_force(&self) -> Vec<InForce> {
        in_force(self, &self.given)
    }

    /// The settings that differ in `new`, and whose difference only a restart puts in force.
    #[must_use]
    pub fn settings_that_need_restart(&self, new: &Self) -> Vec<&'static str> {
        need_restart(self, new)
    }
}

macro_rules! at {
    ($($field:ident).+, $kind:expr) => { crate::setting::at!(TraceSettings, $($field).+, $kind) };
}

impl Table for TraceSettings {
    #[rustfmt::skip]
    const SETTINGS: &'static [Setting<Self>] = &[
        row("enabled",    at!(enabled, Flag),                              "keeps what became of each event, found by messageId, event_id or order_id, which are kept as fingerprints"),
        row("max_events", at!(max_events, Count(1000, 1_000_000_000)),     "events that are kept, at most; the newest stay"),
        row("max_age",    at!(max_age, Age),                               "how long they are kept, like 7d or 12h"),
        row("max_bytes",  at!(max_bytes, Count(1_000_000, 1 << 40)),       "bytes that they may take on disk"),
    ];

    fn given(&mut self) -> &mut Given {
        &mut self.given
    }
}

/// Reads the table.
pub(crate) fn read(node: &Node, reader: &mut Reader<'_>) -> TraceSettings {
    match reader.members("trace", node, "[trace]") {
        Some(entries) => read_table(entries, &[], reader),
        None => TraceSettings::default(),
    }
}
