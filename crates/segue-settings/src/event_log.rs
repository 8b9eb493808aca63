//! `[log]`: where `segue serve` keeps events until they are delivered.

mod table;

use std::path::PathBuf;
use std::time::Duration;

use crate::diagnostic::Mistake;
use crate::reader::Reader;
use crate::secret::SecretSource;
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
    /// The text of a `.creds` file.
    pub credentials: Option<SecretSource>,
    /// The seed of an nkey.
    pub nkey_seed: Option<SecretSource>,
    /// A user, with a password.
    pub user: Option<String>,
    /// The password of the user.
    pub password: Option<SecretSource>,
    /// Certificates to trust besides those of the system, PEM.
    pub tls_ca: Option<PathBuf>,
    /// A certificate of this machine, PEM.
    pub tls_certificate: Option<PathBuf>,
    /// The private key of the certificate, PEM.
    pub tls_key: Option<PathBuf>,
    /// Whether servers elsewhere may be spoken to without TLS.
    pub allow_plaintext: bool,
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
            credentials: None,
            nkey_seed: None,
            user: None,
            password: None,
            tls_ca: None,
            tls_certificate: None,
            tls_key: None,
            allow_plaintext: false,
            replicas: 3,
            max_bytes: 50_000_000_000,
            dead_letter_bytes: 5_000_000_000,
            ack_wait: Duration::from_mins(1),
            monitor: Vec::new(),
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
    let mut mistakes = Vec::new();
    if log.tls_certificate.is_some() != log.tls_key.is_some() {
        mistakes.push(Mistake::new(
            "`tls_certificate` and `tls_key` belong together: one is missing",
        ));
    }
    let ways = [
        log.credentials.is_some(),
        log.nkey_seed.is_some(),
        log.user.is_some(),
    ];
    if ways.into_iter().filter(|is_given| *is_given).count() > 1 {
        let mistake = "`credentials`, `nkey_seed` and `user` say who this is in different ways";
        mistakes.push(Mistake::new(mistake).help("keep one of them"));
    }
    if log.user.is_some() != log.password.is_some() {
        mistakes.push(Mistake::new(
            "`user` and `password` belong together: one is missing",
        ));
    }
    let is_safe = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if log.namespace.len() > 32 || !log.namespace.chars().all(is_safe) {
        mistakes.push(Mistake::new(
            "`namespace` must be up to 32 letters, digits, hyphens and underscores",
        ));
    }
    for server in &log.servers {
        mistakes.extend(server_mistake(server, log.allow_plaintext));
    }
    mistakes
}

fn server_mistake(server: &str, allow_plaintext: bool) -> Option<Mistake> {
    let (scheme, host) = server.split_once("://").unwrap_or(("", server));
    if !["nats", "tls"].contains(&scheme) || host.is_empty() {
        let mistake = "an entry of `servers` must be like nats://host:4222 or tls://host:4222";
        return Some(Mistake::new(mistake));
    }
    if host.contains('@') {
        let mistake = "an entry of `servers` has a user in it";
        let help = "`user` and `password`, or `credentials`, are where that belongs";
        return Some(Mistake::new(mistake).help(help));
    }
    let is_here = ["127.", "localhost", "[::1]"]
        .iter()
        .any(|here| host.starts_with(here));
    if scheme == "nats" && !is_here && !allow_plaintext {
        let mistake = "an entry of `servers` is on another machine and without TLS: events hold addresses and user agents";
        let help = "write tls://, or allow_plaintext = true where the network itself is encrypted";
        return Some(Mistake::new(mistake).help(help));
    }
    None
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
