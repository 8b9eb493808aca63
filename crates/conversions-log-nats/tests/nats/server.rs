//! A server of the tests' own, on a free port of this machine.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use conversions_delivery::{
    Clock as _, EventLog as _, LeasedEvent, SystemClock, UnixMillis, Wanted,
};
use conversions_log_nats::{ConnectionOptions, Namespace, NatsLog, NatsLogOptions, create_streams};
use conversions_nats::test_server::TestServer;
use conversions_transport::NewEvent;
use tokio::runtime::{Handle, Runtime};

/// A server that ends with the test.
pub(crate) struct Server(pub(crate) TestServer);

impl Server {
    /// Starts a server and waits until it answers; `None` when there is no program.
    pub(crate) fn start() -> Option<Self> {
        TestServer::start("").map(Self)
    }

    /// Options for this server, with a namespace that no other test has.
    pub(crate) fn options(&self) -> NatsLogOptions {
        options_of(&self.0.url())
    }
}

/// Options for the server with this address, with a namespace that no other test has.
pub(crate) fn options_of(url: &str) -> NatsLogOptions {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    NatsLogOptions {
        connection: ConnectionOptions {
            servers: vec![url.to_owned()],
            ..ConnectionOptions::default()
        },
        namespace: Namespace::new(&format!("test{number}")).expect("safe"),
        replicas: 1,
        max_bytes: 1 << 26,
        dead_letter_bytes: 1 << 20,
        allow_weak: true,
        backlog_fresh_for: Duration::ZERO,
        ..NatsLogOptions::default()
    }
}

/// Opens a log with one destination, whose streams are made.
pub(crate) async fn open(options: NatsLogOptions) -> NatsLog {
    let destinations = ["shop".to_owned()];
    create_streams(&options, &destinations).await.expect("made");
    NatsLog::open(options, &destinations).await.expect("opened")
}

/// Opens a log from a thread that is not the runtime's, whose tasks run elsewhere.
pub(crate) fn open_blocking(options: NatsLogOptions) -> Arc<NatsLog> {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime")
    });
    let handle: &Handle = RUNTIME.handle();
    let (sender, receiver) = std::sync::mpsc::channel();
    handle.spawn(async move {
        let _ = sender.send(open(options).await);
    });
    Arc::new(receiver.recv().expect("opened"))
}

/// An event of the destination `shop`.
pub(crate) fn event(id: &str, event_time: i64) -> NewEvent {
    let json = format!(r#"{{"event_name":"Purchase","event_id":"{id}"}}"#);
    NewEvent::new("shop", json, event_time).with_message_id(Some(id))
}

/// Leases what comes until there are this many events or the time is over. The ids, in the order of keys.
pub(crate) async fn lease(
    log: &NatsLog,
    events: usize,
    now: UnixMillis,
    within: Duration,
) -> Vec<LeasedEvent> {
    let started = Instant::now();
    let mut leased = Vec::new();
    while leased.len() < events && started.elapsed() < within {
        let wanted = Wanted {
            destination: "shop",
            events: events - leased.len(),
            bytes: 1_000_000,
        };
        leased.extend(log.lease(wanted, now).await.expect("leased").events());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    leased.sort_by_key(|event| event.key);
    leased
}

/// The `event_id`s.
pub(crate) fn ids(leased: &[LeasedEvent]) -> Vec<String> {
    let ids = leased.iter().map(|event| {
        let text = String::from_utf8_lossy(&event.event);
        let id = text
            .split(r#""event_id":""#)
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        id.unwrap_or_default().to_owned()
    });
    ids.collect()
}

/// The time now.
pub(crate) fn now() -> UnixMillis {
    SystemClock.now()
}
