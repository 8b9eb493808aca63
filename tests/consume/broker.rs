//! A real broker with an input of its own: a stream or a topic.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

#[cfg(feature = "kafka")]
use crate::kafka::KafkaBroker;
use crate::nats::NatsBroker;
use crate::programs::Programs;

/// Which broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Nats,
    #[cfg(feature = "kafka")]
    Kafka,
}

/// The partition and the offset of a record.
pub(crate) type Place = (u32, u64);

/// A broker, and a connection to it that publishes and looks on.
pub(crate) enum Broker {
    Nats(Box<NatsBroker>),
    #[cfg(feature = "kafka")]
    Kafka(Box<KafkaBroker>),
}

impl Broker {
    /// Starts one, with an empty stream or topic.
    pub(crate) async fn start(kind: Kind, programs: &Programs) -> Self {
        match kind {
            Kind::Nats => {
                let program = programs.nats_server.as_ref().expect("a NATS server");
                Self::Nats(Box::new(NatsBroker::start(program).await))
            }
            #[cfg(feature = "kafka")]
            Kind::Kafka => {
                let at = programs.kafka.as_ref().expect("a Kafka broker");
                Self::Kafka(Box::new(KafkaBroker::start(at).await))
            }
        }
    }

    /// Its settings in `[[inputs]]`, without name and source.
    pub(crate) fn input(&self) -> Value {
        match self {
            Self::Nats(broker) => broker.input(),
            #[cfg(feature = "kafka")]
            Self::Kafka(broker) => broker.input(),
        }
    }

    /// The group whose position counts.
    pub(crate) fn group(&self, commit: &str) -> &'static str {
        match (self, commit) {
            (Self::Nats(_), "delivered") => "segue-shop",
            #[cfg(feature = "kafka")]
            (Self::Kafka(_), "delivered") => "segue.shop",
            _ => "segue",
        }
    }

    /// Publishes records, `None` being one without a value, and waits until the broker has all of them.
    pub(crate) async fn publish(&mut self, records: &[Option<Vec<u8>>]) -> Vec<Place> {
        match self {
            Self::Nats(broker) => broker.publish(records).await,
            #[cfg(feature = "kafka")]
            Self::Kafka(broker) => broker.publish(records).await,
        }
    }

    /// From where each partition would be read after a restart: everything before that is settled.
    pub(crate) async fn positions(&mut self, group: &str) -> BTreeMap<u32, u64> {
        match self {
            Self::Nats(broker) => broker.positions(group).await,
            #[cfg(feature = "kafka")]
            Self::Kafka(broker) => broker.positions(group).await,
        }
    }

    /// The broker is away for a while: NATS is killed and starts again with its store, Kafka cannot be reached.
    pub(crate) async fn interrupt(&mut self, pause: Duration) {
        match self {
            Self::Nats(broker) => broker.restart(pause).await,
            #[cfg(feature = "kafka")]
            Self::Kafka(broker) => broker.cut(pause).await,
        }
    }

    /// The NATS server of a scenario that is about NATS.
    pub(crate) fn nats(&mut self) -> &mut NatsBroker {
        match self {
            Self::Nats(broker) => broker,
            #[cfg(feature = "kafka")]
            Self::Kafka(_) => panic!("this broker is not a NATS server"),
        }
    }

    /// Number of rejected records and dead letters that the broker has.
    pub(crate) async fn dead(&mut self) -> u64 {
        match self {
            Self::Nats(broker) => broker.dead().await,
            #[cfg(feature = "kafka")]
            Self::Kafka(broker) => broker.dead().await.len() as u64,
        }
    }
}
