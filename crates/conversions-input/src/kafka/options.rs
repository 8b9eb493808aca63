//! Which topics to read, and how to reach their brokers.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use crate::limits::Limits;
use crate::start::{Checkpoints, Start};

/// Options of a [`KafkaInput`](crate::kafka::KafkaInput).
#[derive(Clone, Debug)]
pub struct KafkaInputOptions {
    /// Addresses of brokers, `host:port`. One that answers is enough.
    pub brokers: Vec<String>,
    /// The topics, which exist.
    pub topics: Vec<String>,
    /// The consumer group. Its members share the partitions of all topics.
    pub group: String,
    /// Where a group begins that has not committed anything.
    pub start: Start,
    /// What the caller has stored, when it keeps positions of its own.
    pub checkpoints: Option<Arc<dyn Checkpoints>>,
    /// Who this member is.
    pub sasl: Option<Sasl>,
    /// TLS; plain text when there is none.
    pub tls: Option<KafkaTls>,
    /// How much may be in hand.
    pub limits: Limits,
    /// After this long without a sign of life the broker gives a member's partitions to others.
    pub session_timeout: Duration,
    /// How often positions are committed.
    pub commit_interval: Duration,
    /// How long records of revoked partitions may take to be settled. The whole group waits for it.
    pub revoke_wait: Duration,
}

impl Default for KafkaInputOptions {
    /// A broker on this machine; a session of 45 seconds, commits each second, ten seconds for revoked partitions. Topics and
    /// group are empty.
    fn default() -> Self {
        Self {
            brokers: vec!["127.0.0.1:9092".to_owned()],
            topics: Vec::new(),
            group: String::new(),
            start: Start::default(),
            checkpoints: None,
            sasl: None,
            tls: None,
            limits: Limits::default(),
            session_timeout: Duration::from_secs(45),
            commit_interval: Duration::from_secs(1),
            revoke_wait: Duration::from_secs(10),
        }
    }
}

/// User and password.
#[derive(Clone)]
pub struct Sasl {
    /// How the password is proven.
    pub mechanism: SaslMechanism,
    /// The user.
    pub username: String,
    /// The password.
    pub password: SecretString,
}

/// Without the password.
impl fmt::Debug for Sasl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sasl")
            .field("mechanism", &self.mechanism)
            .finish_non_exhaustive()
    }
}

/// How a password is proven to a broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaslMechanism {
    /// The password is sent; use it with TLS only.
    Plain,
    /// SCRAM with SHA-256.
    ScramSha256,
    /// SCRAM with SHA-512.
    ScramSha512,
}

impl SaslMechanism {
    /// Kafka's name of it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha512 => "SCRAM-SHA-512",
        }
    }

    /// The mechanism of this name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        [Self::Plain, Self::ScramSha256, Self::ScramSha512]
            .into_iter()
            .find(|mechanism| mechanism.name() == name)
    }
}

/// How to speak TLS with brokers.
#[derive(Clone, Debug, Default)]
pub struct KafkaTls {
    /// The certificates to trust, as PEM; those of the system when there are none.
    pub ca: Option<PathBuf>,
    /// A certificate of this member and its key, as PEM.
    pub identity: Option<(PathBuf, PathBuf)>,
}
