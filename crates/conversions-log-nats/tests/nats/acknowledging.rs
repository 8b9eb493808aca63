//! Acknowledgements in groups: what is lost on the way is sent again.

use std::time::Duration;

use conversions_delivery::{AppendGroup, EventLog as _, KeyRange};
use conversions_log_nats::{ConnectionOptions, NatsLog, NatsLogOptions};

use crate::proxy::Proxy;
use crate::server::{event, lease, now};
use crate::three_servers::ThreeServers;

/// Messages of one group.
const MESSAGES: usize = 64;
const SOON: Duration = Duration::from_secs(5);

/// A log behind a proxy, with messages that are leased.
struct Leased {
    servers: ThreeServers,
    proxy: Proxy,
    stream: String,
    log: NatsLog,
    keys: Vec<KeyRange>,
}

impl Leased {
    /// `None` when there is no program of the server.
    async fn start() -> Option<Self> {
        let servers = ThreeServers::start().await?;
        let options = servers.create_streams().await;
        let stream = servers.events_stream(&options).await;
        let proxy = Proxy::start(servers.port()).await;
        let options = NatsLogOptions {
            connection: ConnectionOptions {
                servers: vec![format!("nats://127.0.0.1:{}", proxy.port)],
                ..ConnectionOptions::default()
            },
            ..options
        };
        let log = NatsLog::open(options, &["shop".to_owned()]).await;
        let log = log.expect("opened");
        for number in 0..MESSAGES {
            let event = event(&number.to_string(), now().seconds());
            let appended = log.append(AppendGroup::from(vec![event]), now()).await;
            appended.expect("appended");
        }
        let leased = lease(&log, MESSAGES, now(), SOON).await;
        assert_eq!(leased.len(), MESSAGES);
        // Groups begin when the broker has said who leads.
        tokio::time::sleep(Duration::from_millis(500)).await;
        Some(Self {
            keys: KeyRange::of_keys(leased.iter().map(|event| event.key)),
            servers,
            proxy,
            stream,
            log,
        })
    }

    /// How many messages the broker still waits for after a while.
    async fn unacknowledged(&self) -> u64 {
        self.servers.unacknowledged(&self.stream, SOON).await
    }

    /// The leader loses all of a group but the last, and another server leads.
    async fn acknowledge_while_the_leader_changes(&self) {
        self.proxy.lose();
        let acknowledging = self.log.acknowledge("shop", &self.keys, now());
        let (acknowledged, lost) = tokio::join!(acknowledging, async {
            let lost = self.proxy.wait().await;
            self.servers.step_down(&self.stream).await;
            self.proxy.pass();
            lost
        });
        assert_eq!(lost, MESSAGES - 1, "one of a group is confirmed");
        acknowledged.expect("the new leader confirms that one");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_a_leader_loses_are_acknowledged_again() {
    let Some(leased) = Leased::start().await else {
        return;
    };
    leased.acknowledge_while_the_leader_changes().await;
    assert_eq!(leased.unacknowledged().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_a_leader_loses_are_acknowledged_again_before_a_node_ends() {
    let Some(leased) = Leased::start().await else {
        return;
    };
    leased.acknowledge_while_the_leader_changes().await;
    leased.log.give_up_leases().await;
    let waiting = leased
        .servers
        .unacknowledged(&leased.stream, Duration::ZERO);
    let waiting = waiting.await;
    assert_eq!(waiting, 0, "when it says that it has given up");
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_acknowledged_again_when_the_connection_ends_within_a_group() {
    let Some(leased) = Leased::start().await else {
        return;
    };
    let Leased {
        proxy, log, keys, ..
    } = &leased;
    proxy.cut();
    if log.acknowledge("shop", keys, now()).await.is_err() {
        // As the engine does.
        let again = log.acknowledge("shop", keys, now()).await;
        again.expect("the connection is back");
    }
    assert_eq!(leased.unacknowledged().await, 0);
}
