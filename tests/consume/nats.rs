//! A real NATS server, and as much of its protocol as a producer and an onlooker need.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use conversions_nats::test_server::TestServer;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use crate::broker::Place;

/// The stream of all scenarios.
const STREAM: &str = "SEGMENT";
const SUBJECT: &str = "segment.events";
const INBOX: &str = "_INBOX.onlooker";

/// Starts a server, with an empty stream.
async fn start(program: &Path) -> TestServer {
    let server = TestServer::of_program(program, "");
    let stream = json!({ "name": STREAM, "subjects": [SUBJECT], "storage": "file" });
    let subject = format!("$JS.API.STREAM.CREATE.{STREAM}");
    let mut client = connect(&server).await;
    let made = client.ask(&subject, &stream.to_string()).await;
    assert!(made["error"].is_null(), "{made}");
    server
}

/// Connects, as soon as the server answers.
async fn connect(server: &TestServer) -> NatsClient {
    for _ in 0..200 {
        if let Ok(stream) = TcpStream::connect(("127.0.0.1", server.port())).await {
            return NatsClient::greet(stream).await;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the server does not answer");
}

/// A server with a connection to it.
pub(crate) struct NatsBroker {
    server: TestServer,
    client: NatsClient,
}

impl NatsBroker {
    pub(crate) async fn start(program: &Path) -> Self {
        let server = start(program).await;
        let client = connect(&server).await;
        Self { server, client }
    }

    /// Kills the server, and starts it again on its store after a while.
    pub(crate) async fn restart(&mut self, after: Duration) {
        self.server.kill();
        tokio::time::sleep(after).await;
        self.server.restart();
        self.client = connect(&self.server).await;
        // Its streams are there a little later.
        let subject = format!("$JS.API.STREAM.INFO.{STREAM}");
        while !self.client.ask(&subject, "").await["error"].is_null() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Makes a durable consumer, as operators do, that waits for a sign of life no longer than this.
    pub(crate) async fn create_consumer(&mut self, name: &str, ack_wait: Duration) {
        let subject = format!("$JS.API.CONSUMER.DURABLE.CREATE.{STREAM}.{name}");
        let config = json!({
            "stream_name": STREAM,
            "config": {
                "durable_name": name, "ack_policy": "explicit", "deliver_policy": "all", "replay_policy": "instant",
                "max_deliver": -1, "max_ack_pending": 10_000,
                "ack_wait": u64::try_from(ack_wait.as_nanos()).expect("not long"),
            },
        });
        let made = self.client.ask(&subject, &config.to_string()).await;
        assert!(made["error"].is_null(), "{made}");
    }

    /// How many messages members have in hand.
    pub(crate) async fn in_hand(&mut self, consumer: &str) -> u64 {
        let subject = format!("$JS.API.CONSUMER.INFO.{STREAM}.{consumer}");
        let info = self.client.ask(&subject, "").await;
        info["num_ack_pending"].as_u64().unwrap_or(0)
    }

    pub(crate) fn input(&self) -> Value {
        let url = self.server.url();
        json!({ "kind": "nats", "servers": [url], "stream": STREAM, "consumer": "segue" })
    }

    pub(crate) async fn publish(&mut self, records: &[Option<Vec<u8>>]) -> Vec<Place> {
        let texts = records.iter().map(|record| {
            let text = String::from_utf8(record.clone().unwrap_or_default());
            text.expect("messages of these scenarios are text")
        });
        let sequences = self.client.publish(&texts.collect::<Vec<_>>()).await;
        sequences.into_iter().map(|number| (0, number)).collect()
    }

    /// The message after the last up to which everything is acknowledged.
    pub(crate) async fn positions(&mut self, consumer: &str) -> BTreeMap<u32, u64> {
        let subject = format!("$JS.API.CONSUMER.INFO.{STREAM}.{consumer}");
        let info = self.client.ask(&subject, "").await;
        let floor = info["ack_floor"]["stream_seq"].as_u64().unwrap_or(0);
        BTreeMap::from([(0, floor + 1)])
    }

    pub(crate) async fn dead(&mut self) -> u64 {
        let subject = format!("$JS.API.STREAM.INFO.{STREAM}-segue-dead");
        let info = self.client.ask(&subject, "").await;
        info["state"]["messages"].as_u64().unwrap_or(0)
    }
}

/// A connection that publishes, and asks the server about consumers.
struct NatsClient {
    read: BufReader<OwnedReadHalf>,
    write: OwnedWriteHalf,
}

impl NatsClient {
    async fn greet(stream: TcpStream) -> Self {
        let (read, write) = stream.into_split();
        let mut client = Self {
            read: BufReader::new(read),
            write,
        };
        client.line().await;
        let options = json!({ "verbose": false, "pedantic": false });
        client
            .send(&format!("CONNECT {options}\r\nSUB {INBOX} 1\r\n"))
            .await;
        client
    }

    /// Publishes messages, and waits until the server has all of them. Returns their sequences.
    async fn publish(&mut self, messages: &[String]) -> Vec<u64> {
        let commands: String = messages
            .iter()
            .map(|text| format!("PUB {SUBJECT} {INBOX} {}\r\n{text}\r\n", text.len()))
            .collect();
        self.send(&commands).await;
        let mut sequences = Vec::with_capacity(messages.len());
        for _ in messages {
            let answer = self.message().await;
            sequences.push(answer["seq"].as_u64().expect("a sequence"));
        }
        sequences
    }

    async fn ask(&mut self, subject: &str, payload: &str) -> Value {
        let length = payload.len();
        self.send(&format!("PUB {subject} {INBOX} {length}\r\n{payload}\r\n"))
            .await;
        self.message().await
    }

    async fn send(&mut self, commands: &str) {
        self.write
            .write_all(commands.as_bytes())
            .await
            .expect("the server reads");
    }

    /// The payload of the next message.
    async fn message(&mut self) -> Value {
        loop {
            let line = self.line().await;
            if line.starts_with("PING") {
                self.send("PONG\r\n").await;
            }
            assert!(!line.starts_with("-ERR"), "{line}");
            let Some(header) = line.strip_prefix("MSG ") else {
                continue;
            };
            let length = header.trim().rsplit(' ').next().expect("a length");
            let length: usize = length.parse().expect("a number");
            let mut payload = vec![0; length + 2];
            self.read.read_exact(&mut payload).await.expect("a payload");
            payload.truncate(length);
            return serde_json::from_slice(&payload).expect("JSON");
        }
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        let read = self
            .read
            .read_line(&mut line)
            .await
            .expect("the server answers");
        assert!(read > 0, "the server has closed the connection");
        line
    }
}

/// A port that nobody uses, as far as that can be known.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}
