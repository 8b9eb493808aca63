//! `[console]`: the pages that `segue serve` shows to operators.

mod table;

use crate::reader::Reader;
use crate::secret::SecretSource;
use crate::table::{Given, InForce, in_force, need_restart, read as read_table};
use crate::tree::Node;

/// The pages that `segue serve` shows to operators.
#[derive(Clone, Debug)]
pub struct ConsoleSettings {
    /// Whether there are pages.
    pub enabled: bool,
    /// Who knows it may see them. Without one, only this machine may.
    pub password: Option<SecretSource>,
    /// The settings that the file gives, and where.
    pub given: Given,
}

impl Default for ConsoleSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            password: None,
            given: Given::new(),
        }
    }
}

impl ConsoleSettings {
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
pub(crate) fn read(node: &Node, reader: &mut Reader<'_>) -> ConsoleSettings {
    match reader.members("console", node, "[console]") {
        Some(entries) => read_table(entries, &[], reader),
        None => ConsoleSettings::default(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use jiff::Timestamp;

    use super::*;

    fn read(text: &str) -> ConsoleSettings {
        let settings = crate::parse(Path::new("segue.toml"), text, Timestamp::UNIX_EPOCH);
        settings.unwrap().console
    }

    #[test]
    fn the_console_is_on_without_a_password_by_default() {
        let console = read("");
        assert!(console.enabled && console.password.is_none());
    }

    #[test]
    fn the_password_is_never_shown() {
        let text = "[console]\nenabled = false\npassword = { env = \"CONSOLE_PASSWORD\" }\n";
        let console = read(text);
        let shown: Vec<_> = console.in_force().into_iter().map(|one| one.text).collect();
        assert_eq!(
            shown,
            ["false", "from the environment variable CONSOLE_PASSWORD"]
        );
        let written = read("[console]\npassword = \"sekrit-sekrit-sekrit\"\n");
        assert!(!format!("{:?}", written.in_force()).contains("sekrit"));
        let changed = ConsoleSettings::default().settings_that_need_restart(&console);
        assert_eq!(changed, ["enabled", "password"]);
    }
}
