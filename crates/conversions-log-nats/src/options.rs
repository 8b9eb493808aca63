//! How to reach the cluster, and what the log asks of it.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use conversions_delivery::dedup::DedupOptions;
use secrecy::SecretString;

use crate::names::Namespace;

/// Options of a [`NatsLog`](crate::NatsLog).
#[derive(Clone, Debug)]
pub struct NatsLogOptions {
    /// Addresses of the servers: `nats://host:port` or `tls://host:port`.
    pub servers: Vec<String>,
    /// What tells several installations on one cluster apart.
    pub namespace: Namespace,
    /// Who this node is.
    pub credentials: Credentials,
    /// TLS; it is used for `tls://` in any case.
    pub tls: TlsOptions,
    /// The name of this node in the status, as `segue status` lists it. Empty for one made of the process id.
    pub node: String,
    /// Copies of each stream, 1 to 5. Fewer than 3 survive no loss of a server.
    pub replicas: usize,
    /// Bytes that the undelivered events of a destination may take on each replica, as they are stored.
    pub max_bytes: u64,
    /// Bytes that all dead letters may take on each replica.
    pub dead_letter_bytes: u64,
    /// How long the broker waits for a sign of life before another node gets what this one has in hand. A request to Meta
    /// takes up to 30 seconds: with less than a minute one that is slow may be sent by both.
    pub ack_wait: Duration,
    /// Start although streams promise less than they should.
    pub allow_weak: bool,
    /// The window in which a repeated `messageId` is a duplicate on this node.
    pub dedup: DedupOptions,
    /// How long the size of a backlog may be reported as it was.
    pub backlog_fresh_for: Duration,
}

impl Default for NatsLogOptions {
    /// Three replicas, 50 GB a destination, 5 GB of dead letters, servers on this machine.
    fn default() -> Self {
        Self {
            servers: vec!["nats://127.0.0.1:4222".to_owned()],
            namespace: Namespace::default(),
            credentials: Credentials::None,
            tls: TlsOptions::default(),
            node: String::new(),
            replicas: 3,
            max_bytes: 50_000_000_000,
            dead_letter_bytes: 5_000_000_000,
            ack_wait: Duration::from_mins(1),
            allow_weak: false,
            dedup: DedupOptions::default(),
            backlog_fresh_for: Duration::from_secs(1),
        }
    }
}

/// Who a node is.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Credentials {
    /// Nobody in particular.
    #[default]
    None,
    /// The text of a `.creds` file: a JWT and the seed of its nkey.
    Creds(SecretString),
    /// The seed of an nkey.
    NkeySeed(SecretString),
    /// A user with a password.
    Password {
        /// The user.
        user: String,
        /// The password.
        password: SecretString,
    },
}

/// The kind only.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Creds(_) => "Creds(…)",
            Self::NkeySeed(_) => "NkeySeed(…)",
            Self::Password { .. } => "Password(…)",
        })
    }
}

/// How to speak TLS.
#[derive(Clone, Debug, Default)]
pub struct TlsOptions {
    /// Refuse a connection without TLS.
    pub is_required: bool,
    /// Certificates to trust besides those of the system, as PEM.
    pub ca: Option<PathBuf>,
    /// A certificate of this node and its key, as PEM.
    pub identity: Option<(PathBuf, PathBuf)>,
}
