//! `[memory]`: what is remembered of people between their messages.

pub(crate) mod kinds;
mod table;

pub(crate) use kinds::Age;

use std::time::Duration;

use match_memory::{Fields, Options};

use crate::reader::Reader;
use crate::table::{Given, InForce, in_force, need_restart, read as read_table};
use crate::tree::Node;

/// What is remembered of people between their messages.
#[derive(Clone, Debug)]
pub struct MemorySettings {
    /// Whether anything is.
    pub enabled: bool,
    /// How long something is remembered after it was last seen.
    pub ttl: Duration,
    /// People who are known, at most.
    pub max_people: u64,
    /// What is remembered, without IP address and user agent.
    pub remember: Fields,
    /// Whether IP address and user agent are remembered too, in clear.
    pub remember_client: bool,
    /// Which events a message helps.
    pub scope: MemoryScope,
    /// With [`MemoryScope::SourceGroup`], the group that events of files belong to.
    pub files_group: Option<String>,
    /// The settings that the file gives, and where.
    pub given: Given,
}

/// Which events a message helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryScope {
    /// Those of the same destination.
    Destination,
    /// Those of sources with the same `memory_group`, for whichever destination. A source without one is a group of its own.
    SourceGroup,
    /// All.
    All,
}

impl Default for MemorySettings {
    fn default() -> Self {
        let Options {
            ttl,
            max_people,
            remember,
            ..
        } = Options::default();
        Self {
            enabled: false,
            ttl,
            max_people,
            remember,
            remember_client: false,
            scope: MemoryScope::Destination,
            files_group: None,
            given: Given::new(),
        }
    }
}

impl MemorySettings {
    /// What is remembered.
    #[must_use]
    pub fn fields(&self) -> Fields {
        if self.remember_client {
            self.remember.union(Fields::CLIENT)
        } else {
            self.remember
        }
    }

    /// What it does, or would do, in sentences for people who check their settings.
    #[must_use]
    pub fn explanation(&self) -> String {
        if !self.enabled {
            return "Off. With `enabled = true` under `[memory]`, what earlier messages of a person said is added to later \
                    events that lack it: the e-mail address of an Identify call to a purchase that a webhook reports. \
                    `segue check --events FILE` says how many of your events it would help."
                .to_owned();
        }
        let fields: Vec<_> = self
            .fields()
            .iter()
            .map(match_memory::Field::name)
            .collect();
        let clear = if self.remember_client {
            " IP address and user agent are kept in clear."
        } else {
            ""
        };
        format!(
            "Adds {} to events that lack them, from earlier messages of the same person. Hashes and click ids are kept, for {} \
             days after they were last seen.{clear} `segue check --events FILE` says what it adds to your events, `segue \
             forget` erases a person.",
            fields.join(", "),
            self.ttl.as_secs().div_ceil(24 * 3600),
        )
    }

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

/// Reads the table.
pub(crate) fn read(node: &Node, reader: &mut Reader<'_>) -> MemorySettings {
    match reader.members("memory", node, "[memory]") {
        Some(entries) => read_table(entries, &[], reader),
        None => MemorySettings::default(),
    }
}

#[cfg(test)]
mod tests;
