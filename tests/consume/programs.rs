//! The programs that `cargo xtask brokers` names.

use std::path::PathBuf;

use crate::broker::Kind;

pub(crate) struct Programs {
    pub(crate) segue: PathBuf,
    pub(crate) nats_server: Option<PathBuf>,
    #[cfg(feature = "kafka")]
    pub(crate) kafka: Option<KafkaAt>,
}

/// A broker that speaks Kafka's protocol.
#[cfg(feature = "kafka")]
pub(crate) enum KafkaAt {
    /// One that runs, `host:port`.
    Address(String),
    /// The program of Tansu.
    Tansu(PathBuf),
}

impl Programs {
    /// `None` without a command to test.
    pub(crate) fn named() -> Option<Self> {
        let path = |name| std::env::var_os(name).map(PathBuf::from);
        #[cfg(feature = "kafka")]
        let own = std::env::var("SEGUE_TEST_KAFKA").ok().map(KafkaAt::Address);
        Some(Self {
            segue: path("SEGUE_CONSUME_COMMAND")?,
            nats_server: path("SEGUE_NATS_SERVER"),
            #[cfg(feature = "kafka")]
            kafka: own.or_else(|| path("SEGUE_TANSU").map(KafkaAt::Tansu)),
        })
    }

    /// The brokers that are there.
    pub(crate) fn brokers(&self) -> Vec<Kind> {
        let mut kinds = Vec::new();
        if self.nats_server.is_some() {
            kinds.push(Kind::Nats);
        }
        #[cfg(feature = "kafka")]
        if self.kafka.is_some() {
            kinds.push(Kind::Kafka);
        }
        kinds
    }
}
