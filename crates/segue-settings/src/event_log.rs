//! `[log]`: where `segue serve` keeps events until they are delivered.

mod table;

use std::time::Duration;

use crate::broker_access::BrokerAccess;
use crate::diagnostic::Mistake;
use crate::reader::Reader;
use crate::table::{Given, InForce, in_force, need_restart, read as read_table};
use crate::tree::Node;

/// What keeps events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogEngine {
    /// The data folder of this machine.
    Disk,
    /// A cluster of NATS servers that several machines share.
    Nats,
}

/// Where `segue serve` keeps events until they are delivered.
#[derive(Clone, Debug)]
pub struct LogSettings {
    /// What keeps events.
    pub engine: LogEngine,
    /// Addresses of the NATS servers: `nats://host:port`, or `tls://host:port`.
    pub servers: Vec<String>,
    /// What tells several installations on one cluster apart.
    pub namespace: String,
    /// The name of this machine in the status; by default its host name.
    pub node: Option<String>,
    /// Who this machine is to the broker, and how it speaks TLS.
    pub access: BrokerAccess,
    /// Copies of each stream.
    pub replicas: u64,
    /// Bytes of undelivered events, for each destination.
    pub max_bytes: u64,
    /// Bytes of all dead letters.
    pub dead_letter_bytes: u64,
    /// How long after its last sign of life another machine gets what a machine had in hand.
    pub ack_wait: Duration,
    /// Where the servers answer monitoring requests: `http://host:port`.
    pub monitor: Vec<String>,
    /// Small requests that come at the same time share a message.
    pub group_small: bool,
    /// Start although streams promise less than they should.
    pub allow_weak: bool,
    /// The settings that the file gives, and where.
    pub given: Given,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            engine: LogEngine::Disk,
            servers: vec!["nats://127.0.0.1:4222".to_owned()],
            namespace: "segue".to_owned(),
            node: None,
            access: BrokerAccess::default(),
            replicas: 3,
            max_bytes: 50_000_000_000,
            dead_letter_bytes: 5_000_000_000,
            ack_wait: Duration::from_mins(1),
            monitor: Vec::new(),
            group_small: false,
            allow_weak: false,
            given: Given::new(),
        }
    }
}

impl LogSettings {
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
pub(crate) fn read(node: &Node, reader: &mut Reader<'_>) -> LogSettings {
    let Some(entries) = reader.members("log", node, "[log]") else {
        return LogSettings::default();
    };
    let log: LogSettings = read_table(entries, &[], reader);
    for mistake in mistakes(&log) {
        reader.error(&node.span, mistake);
    }
    log
}

/// What no single setting shows. Values are not quoted: a secret may stand in their place.
fn mistakes(log: &LogSettings) -> Vec<Mistake> {
    let mut mistakes = log.access.mistakes();
    let is_safe = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if log.namespace.len() > 32 || !log.namespace.chars().all(is_safe) {
        mistakes.push(Mistake::new(
            "`namespace` must be up to 32 letters, digits, hyphens and underscores",
        ));
    }
    let servers = log.servers.iter();
    mistakes.extend(servers.filter_map(|server| log.access.mistake_of_nats_server(server)));
    mistakes
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use jiff::Timestamp;

    use super::*;

    fn read(text: &str) -> Result<LogSettings, String> {
        let text = format!("pixel_id = \"1234567890\"\n[log]\n{text}");
        let read = crate::parse(Path::new("segue.toml"), &text, Timestamp::UNIX_EPOCH);
        read.map(|settings| settings.log).map_err(|mistakes| {
            let mistakes = mistakes.iter().map(|one| one.message.clone());
            mistakes.collect::<Vec<_>>().join("; ")
        })
    }

    #[test]
    fn a_cluster_is_described_and_the_disk_is_the_default() {
        assert_eq!(read("").expect("read").engine, LogEngine::Disk);
        let text = "engine = \"nats\"\nservers = [\"tls://n1:4222\", \"nats://127.0.0.1:4222\"]\n\
             user = \"segue\"\npassword = { env = \"NATS_PASSWORD\" }\nmax_bytes = 1000000000\n";
        let log = read(text).expect("read");
        assert_eq!(log.engine, LogEngine::Nats);
        assert_eq!(
            (log.servers.len(), log.max_bytes, log.replicas),
            (2, 1_000_000_000, 3)
        );
    }

    #[test]
    fn what_does_not_fit_together_is_a_mistake_that_quotes_nothing() {
        for (text, mistake) in [
            ("servers = [\"nats://n1:4222\"]", "without TLS"),
            (
                "servers = [\"nats://me:hunter2@n1:4222\"]",
                "has a user in it",
            ),
            ("servers = [\"hunter2\"]", "must be like"),
            ("namespace = \"a.b\"", "`namespace` must be"),
            ("user = \"segue\"", "belong together"),
            ("tls_key = \"key.pem\"", "belong together"),
            (
                "nkey_seed = { env = \"A\" }\ncredentials = { env = \"B\" }",
                "in different ways",
            ),
        ] {
            let mistakes = read(text).expect_err(text);
            assert!(mistakes.contains(mistake), "{text}: {mistakes}");
            assert!(!mistakes.contains("hunter2"), "{mistakes}");
        }
        assert!(read("servers = [\"nats://n1:4222\"]\nallow_plaintext = true").is_ok());
    }
}
