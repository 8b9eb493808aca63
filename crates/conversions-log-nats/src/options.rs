//! How to reach the cluster, and what the log asks of it.

use std::time::Duration;

use conversions_delivery::dedup::DedupOptions;
use conversions_nats::ConnectionOptions;

use crate::names::Namespace;

/// Options of a [`NatsLog`](crate::NatsLog).
#[derive(Clone, Debug)]
pub struct NatsLogOptions {
    /// The servers, and who this node is to them.
    pub connection: ConnectionOptions,
    /// What tells several installations on one cluster apart.
    pub namespace: Namespace,
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
    /// Small requests that come at the same time share a message. The broker can no longer tell a repetition of one of them,
    /// which then only this node knows.
    pub group_small: bool,
    /// The window in which a repeated `messageId` is a duplicate on this node.
    pub dedup: DedupOptions,
    /// How long the size of a backlog may be reported as it was.
    pub backlog_fresh_for: Duration,
}

impl Default for NatsLogOptions {
    /// Three replicas, 50 GB a destination, 5 GB of dead letters, a server on this machine.
    fn default() -> Self {
        Self {
            connection: ConnectionOptions::default(),
            namespace: Namespace::default(),
            node: String::new(),
            replicas: 3,
            max_bytes: 50_000_000_000,
            dead_letter_bytes: 5_000_000_000,
            ack_wait: Duration::from_mins(1),
            allow_weak: false,
            group_small: false,
            dedup: DedupOptions::default(),
            backlog_fresh_for: Duration::from_secs(1),
        }
    }
}
