//! Tansu, or a Kafka of one's own.

use std::net::TcpListener;
use std::process::Command;

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;

use crate::front::{Asks, Front};
use crate::process::{Process, free_port, program};

/// A broker that ends with its test, or one that was there before.
pub(crate) struct Broker {
    _process: Option<Process>,
    pub(crate) address: String,
    /// Topics of a broker that outlives the tests have names that were not used before.
    pub(crate) suffix: String,
    pub(crate) front: Option<Front>,
    /// What clients need besides the address.
    client: Vec<(&'static str, String)>,
}

impl Broker {
    pub(crate) fn start() -> Option<Self> {
        if let Ok(address) = std::env::var("SEGUE_TEST_KAFKA") {
            return Some(Self {
                _process: None,
                address,
                suffix: format!("-{}", std::process::id()),
                front: None,
                client: Vec::new(),
            });
        }
        let port = free_port();
        Some(Self {
            _process: Some(tansu(port, port)?),
            address: format!("127.0.0.1:{port}"),
            suffix: String::new(),
            front: None,
            client: Vec::new(),
        })
    }

    /// Tansu behind a port that asks for this, and that clients reach with these options.
    pub(crate) fn start_behind(asks: Asks, client: Vec<(&'static str, String)>) -> Option<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
        let advertised = listener.local_addr().expect("an address").port();
        let port = free_port();
        Some(Self {
            _process: Some(tansu(port, advertised)?),
            address: format!("127.0.0.1:{advertised}"),
            suffix: String::new(),
            front: Some(Front::open(listener, port, asks)),
            client,
        })
    }

    pub(crate) fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.address)
            .set("message.max.bytes", "20000000");
        for (name, value) in &self.client {
            config.set(*name, value);
        }
        config
    }

    pub(crate) async fn create(&self, topic: &str, partitions: u32) {
        let admin: AdminClient<DefaultClientContext> = self.config().create().expect("a client");
        let partitions = i32::try_from(partitions).expect("few");
        let topic = NewTopic::new(topic, partitions, TopicReplication::Fixed(1))
            .set("max.message.bytes", "20000000");
        let made = admin.create_topics([&topic], &AdminOptions::new()).await;
        made.expect("an answer").remove(0).expect("a topic");
    }
}

fn tansu(port: u16, advertised: u16) -> Option<Process> {
    let program = program("SEGUE_TANSU", "tansu")?;
    let url = |port: u16| format!("tcp://127.0.0.1:{port}");
    let mut command = Command::new(program);
    command
        .args(["broker", "--listener-url", &url(port)])
        .args(["--advertised-listener-url", &url(advertised)])
        .args(["--storage-engine", "memory://tansu/"]);
    Some(Process::start(&mut command, port))
}
