//! `[history]`: the counts that `segue serve` keeps of what happened.

use crate::kinds::Flag;
use crate::reader::Reader;
use crate::setting::{Setting, row_after_restart as row};
use crate::table::{Given, InForce, Table, in_force, need_restart, read as read_table};
use crate::tree::Node;

/// The counts that `segue serve` keeps of what happened.
#[derive(Clone, Debug)]
pub struct HistorySettings {
    /// Whether any are kept.
    pub enabled: bool,
    /// The settings that the file gives, and where.
    pub given: Given,
}

impl Default for HistorySettings {
    fn default() -> Self {
        Self {
            enabled: true,
            given: Given::new(),
        }
    }
}

impl HistorySettings {
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
    ($($field:ident).+, $kind:expr) => { crate::setting::at!(HistorySettings, $($field).+, $kind) };
}

impl Table for HistorySettings {
    #[rustfmt::skip]
    const SETTINGS: &'static [Setting<Self>] = &[
        row("enabled", at!(enabled, Flag), "counts what happens by the minute, for charts, and for `segue history`"),
    ];

    fn given(&mut self) -> &mut Given {
        &mut self.given
    }
}

/// Reads the table.
pub(crate) fn read(node: &Node, reader: &mut Reader<'_>) -> HistorySettings {
    match reader.members("history", node, "[history]") {
        Some(entries) => read_table(entries, &[], reader),
        None => HistorySettings::default(),
    }
}
