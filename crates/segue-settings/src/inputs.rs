//! `[[inputs]]`: brokers that `segue consume` reads Segment messages from, and whose rules apply to them.

mod mistakes;
mod table;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use crate::broker_access::BrokerAccess;
use crate::destinations::name_of;
use crate::diagnostic::Mistake;
use crate::reader::Reader;
use crate::sources::EventSource;
use crate::table::{Given, InForce, in_force, need_restart, read as read_table};
use crate::tree::{Node, Value};

/// The broker of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputKind {
    /// Kafka, Redpanda, and what else speaks Kafka's protocol.
    Kafka,
    /// A stream of NATS `JetStream`.
    Nats,
}

/// When the position at the broker moves over a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputCommit {
    /// When its events are in the log of this machine, or of the cluster.
    Stored,
    /// When its events are delivered or dead letters. The broker is the log then.
    Delivered,
}

/// Where a consumer begins that has no position yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputStart {
    /// With the oldest record that the broker has.
    Earliest,
    /// With records that come after it has begun.
    Latest,
}

/// How a user shows a password to Kafka.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaslMechanism {
    /// The password itself.
    Plain,
    /// A proof that the user knows it, with SHA-256.
    ScramSha256,
    /// A proof that the user knows it, with SHA-512.
    ScramSha512,
}

/// A broker that `segue consume` reads.
#[derive(Clone, Debug)]
pub struct InputSettings {
    /// Unique among the inputs.
    pub name: String,
    /// What kind of broker it is.
    pub kind: InputKind,
    /// The source whose destinations and rules apply; absent when the settings have no sources.
    pub source: Option<String>,
    /// When the position moves over a record.
    pub commit: InputCommit,
    /// Where a consumer without a position begins.
    pub start: InputStart,
    /// Kafka: brokers to begin with, `host:port`.
    pub brokers: Vec<String>,
    /// Kafka: the topics.
    pub topics: Vec<String>,
    /// Kafka: the consumer group.
    pub group: Option<String>,
    /// Kafka: whether to speak TLS.
    pub tls: bool,
    /// Kafka: how `user` shows `password`.
    pub sasl_mechanism: SaslMechanism,
    /// Kafka: after this long without a sign of life, partitions of this process go to others.
    pub session_timeout: Duration,
    /// NATS: addresses of the servers, `nats://host:port` or `tls://host:port`.
    pub servers: Vec<String>,
    /// NATS: the stream.
    pub stream: Option<String>,
    /// NATS: the durable consumer.
    pub consumer: Option<String>,
    /// NATS: the only subject to read; absent for all of the stream.
    pub subject: Option<String>,
    /// Who this machine is to the broker, and how it speaks TLS.
    pub access: BrokerAccess,
    /// A file for what cannot be used, JSON lines; by default a topic or subject that is named after the record's own.
    pub rejects_file: Option<PathBuf>,
    /// The settings that the file gives, and where.
    pub given: Given,
}

impl Default for InputSettings {
    fn default() -> Self {
        Self {
            name: String::new(),
            kind: InputKind::Kafka,
            source: None,
            commit: InputCommit::Stored,
            start: InputStart::Earliest,
            brokers: Vec::new(),
            topics: Vec::new(),
            group: None,
            tls: false,
            sasl_mechanism: SaslMechanism::Plain,
            session_timeout: Duration::from_secs(45),
            servers: Vec::new(),
            stream: None,
            consumer: None,
            subject: None,
            access: BrokerAccess::default(),
            rejects_file: None,
            given: Given::new(),
        }
    }
}

impl InputSettings {
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

    /// What several processes share that read this input: the consumer group, or the durable consumer.
    #[must_use]
    pub fn group_name(&self) -> Option<&str> {
        match self.kind {
            InputKind::Kafka => self.group.as_deref(),
            InputKind::Nats => self.consumer.as_deref(),
        }
    }
}

/// Reads the list.
pub(crate) fn read(
    node: &Node,
    sources: &[EventSource],
    reader: &mut Reader<'_>,
) -> Vec<InputSettings> {
    let Value::List(items) = &node.value else {
        let mistake = Mistake::new("`inputs` must be a list of tables, like [[inputs]]");
        reader.error(&node.span, mistake);
        return Vec::new();
    };
    let mut names = BTreeSet::new();
    let mut inputs: Vec<InputSettings> = Vec::with_capacity(items.len());
    for item in items {
        let Some(entries) = reader.members("an entry of inputs", item, "{ name = \"orders\" }")
        else {
            continue;
        };
        let mut input: InputSettings = read_table(entries, &["name"], reader);
        let naming = entries.iter().find(|entry| entry.key == "name");
        let name = name_of("input", item, naming, &mut names, reader);
        mistakes::check(item, &input, &inputs, sources, reader);
        if let Some(name) = name {
            input.name = name;
            inputs.push(input);
        }
    }
    inputs
}

/// The sources that inputs name, before anything is known of either. Such a source needs no write key.
pub(crate) fn fed_sources(node: &Node) -> BTreeSet<&str> {
    match &node.value {
        Value::List(items) => items.iter().filter_map(fed_source).collect(),
        _ => BTreeSet::new(),
    }
}

fn fed_source(item: &Node) -> Option<&str> {
    let Value::Map(entries) = &item.value else {
        return None;
    };
    let entry = entries.iter().find(|entry| entry.key == "source")?;
    match &entry.node.value {
        Value::Text(name) => Some(name.trim()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
