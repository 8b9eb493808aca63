//! `[alerts]`: whom `segue serve` tells when something is wrong.

use crate::kinds::{Count, Secret};
use crate::reader::Reader;
use crate::secret::SecretSource;
use crate::setting::{Access, Setting};
use crate::table::{Given, InForce, Table, in_force, read as read_table};
use crate::tree::Node;

/// Whom `segue serve` tells when something is wrong.
#[derive(Clone, Debug, Default)]
pub struct AlertSettings {
    /// The address that alerts are posted to. It is a secret: who knows it can post too.
    pub webhook: Option<SecretSource>,
    /// A source that has sent nothing for so many minutes is an alert; 0: never.
    pub silence_minutes: u64,
    /// The settings that the file gives, and where.
    pub given: Given,
}

impl AlertSettings {
    /// Every setting and its value, in the order in which they are explained.
    #[must_use]
    pub fn in_force(&self) -> Vec<InForce> {
        in_force(self, &self.given)
    }
}

const fn row(
    name: &'static str,
    place: &'static dyn Access<AlertSettings>,
    doc: &'static str,
) -> Setting<AlertSettings> {
    Setting::new(name, place, doc)
}

macro_rules! at {
    ($($field:ident).+, $kind:expr) => { crate::setting::at!(AlertSettings, $($field).+, $kind) };
}

impl Table for AlertSettings {
    #[rustfmt::skip]
    const SETTINGS: &'static [Setting<Self>] = &[
        row("webhook",         at!(webhook, Secret),                    "the address that alerts are posted to: an incoming webhook of Slack, Teams or Mattermost, or a program of yours; a secret, so { env = \"NAME\" } or { file = \"PATH\" }")
            .example("{ env = \"ALERT_WEBHOOK\" }"),
        row("silence_minutes", at!(silence_minutes, Count(0, 100_000)), "alerts when a source that has sent something sends nothing for so many minutes; 0 is never"),
    ];

    fn given(&mut self) -> &mut Given {
        &mut self.given
    }
}

/// Reads the table.
pub(crate) fn read(node: &Node, reader: &mut Reader<'_>) -> AlertSettings {
    match reader.members("alerts", node, "[alerts]") {
        Some(entries) => read_table(entries, &[], reader),
        None => AlertSettings::default(),
    }
}
