//! Three servers that replicate, and what an operator does with them.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use async_nats::Client;
use conversions_log_nats::{NatsLogOptions, create_streams};
use conversions_nats::test_server::TestServer;
use serde_json::Value;

use crate::server::options_of;

/// How long servers may take to find each other, or a leader.
const PATIENCE: Duration = Duration::from_secs(30);
/// A question that is not answered by then is asked again.
const ANSWERS_WITHIN: Duration = Duration::from_millis(250);

/// Three servers that end with the test.
pub(crate) struct ThreeServers {
    servers: Vec<TestServer>,
    client: Client,
}

impl ThreeServers {
    /// Starts them; `None` when there is no program.
    pub(crate) async fn start() -> Option<Self> {
        let listeners: Vec<TcpListener> = (0..3)
            .map(|_| TcpListener::bind("127.0.0.1:0").expect("a port"))
            .collect();
        let routes: Vec<String> = listeners
            .iter()
            .map(|listener| listener.local_addr().expect("its address").to_string())
            .collect();
        drop(listeners);
        let ways: Vec<String> = routes.iter().map(|way| format!("nats://{way}")).collect();
        let mut servers = Vec::new();
        for (number, route) in routes.iter().enumerate() {
            servers.push(TestServer::start(&format!(
                "server_name: n{number}\ncluster {{ name: test, listen: \"{route}\", no_advertise: true, routes: {ways:?} }}"
            ))?);
        }
        let client = async_nats::connect(servers[1].url()).await;
        Some(Self {
            servers,
            client: client.expect("connected"),
        })
    }

    /// The port of the first server. The operator uses another one.
    pub(crate) fn port(&self) -> u16 {
        self.servers[0].port()
    }

    /// Makes the streams of one destination, each with three copies. Returns options for the first server.
    pub(crate) async fn create_streams(&self) -> NatsLogOptions {
        let options = NatsLogOptions {
            replicas: 3,
            ..options_of(&self.servers[0].url())
        };
        let started = Instant::now();
        while create_streams(&options, &["shop".to_owned()])
            .await
            .is_err()
        {
            assert!(started.elapsed() < PATIENCE, "the servers do not agree");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        options
    }

    /// The stream of events of a namespace.
    pub(crate) async fn events_stream(&self, options: &NatsLogOptions) -> String {
        let prefix = format!("SEGUE_{}_EV_", options.namespace);
        let names = self.request("STREAM.NAMES").await;
        let names = names["streams"].as_array().expect("names");
        let mut names = names.iter().filter_map(Value::as_str);
        let own = names.find(|name| name.starts_with(&prefix));
        own.expect("its stream").to_owned()
    }

    /// What the leader of the consumer says of it. While there is none, nobody answers.
    pub(crate) async fn consumer(&self, stream: &str) -> Value {
        let started = Instant::now();
        let question = format!("CONSUMER.INFO.{stream}.deliver");
        loop {
            let asked = self.request(&question);
            let info = tokio::time::timeout(ANSWERS_WITHIN, asked).await;
            if let Ok(info) = info
                && info["num_ack_pending"].is_u64()
            {
                return info;
            }
            assert!(started.elapsed() < PATIENCE, "the consumer has no leader");
        }
    }

    /// Makes another server lead the consumer, and waits until one does.
    pub(crate) async fn step_down(&self, stream: &str) {
        let since = |info: &Value| info["cluster"]["leader_since"].clone();
        let before = since(&self.consumer(stream).await);
        self.request(&format!("CONSUMER.LEADER.STEPDOWN.{stream}.deliver"))
            .await;
        let started = Instant::now();
        loop {
            let now = since(&self.consumer(stream).await);
            if now.is_string() && now != before {
                break;
            }
            assert!(started.elapsed() < PATIENCE, "no other server leads");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // Until the servers know where its acknowledgements go.
        tokio::time::sleep(Duration::from_millis(300)).await;
    }

    /// Waits until the broker waits for no acknowledgement; the number that it still waits for when that takes too long.
    pub(crate) async fn unacknowledged(&self, stream: &str, within: Duration) -> u64 {
        let started = Instant::now();
        loop {
            let info = self.consumer(stream).await;
            let waiting = info["num_ack_pending"].as_u64();
            if waiting == Some(0) || started.elapsed() > within {
                return waiting.expect("a number");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The answer to a request to `JetStream`; nothing when nobody answers.
    async fn request(&self, subject: &str) -> Value {
        let asked = self
            .client
            .request(format!("$JS.API.{subject}"), "".into())
            .await;
        asked.ok().map_or(Value::Null, |answer| {
            serde_json::from_slice(&answer.payload).unwrap_or_default()
        })
    }
}
