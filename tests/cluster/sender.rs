//! Senders that keep sending: each event until it is answered with 200, on one node or the other.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::cluster::write_key;
use crate::http;

/// Requests at once.
const SENDERS: usize = 8;
/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(50);

/// Senders at work.
pub(crate) struct Senders {
    tasks: JoinSet<()>,
    shared: Arc<Shared>,
}

struct Shared {
    ports: Vec<u16>,
    destination: usize,
    name: &'static str,
    next: AtomicUsize,
    is_stopping: AtomicBool,
    sent: Mutex<Sent>,
}

impl Shared {
    fn sent(&self) -> MutexGuard<'_, Sent> {
        self.sent.lock().expect("no sender panicked")
    }
}

/// What was sent.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    /// The events that were answered with 200.
    pub(crate) ids: Vec<String>,
    /// How often each other status came; 0 is a connection that failed.
    pub(crate) refused: BTreeMap<u16, usize>,
    /// The longest time without an answer of 200.
    pub(crate) gap: Duration,
    last: Option<Instant>,
}

impl Sent {
    fn accept(&mut self, ids: Vec<String>) {
        let now = Instant::now();
        let since = self
            .last
            .replace(now)
            .map_or(Duration::ZERO, |last| now - last);
        self.gap = self.gap.max(since);
        self.ids.extend(ids);
    }

    /// No answer but 200, 503 and failed connections.
    pub(crate) fn check(&self) {
        let wrong = self
            .refused
            .keys()
            .filter(|status| ![0, 503].contains(*status));
        let wrong: Vec<_> = wrong.collect();
        assert!(wrong.is_empty(), "answers {:?}", self.refused);
    }

    pub(crate) fn account(&self) -> String {
        let count = |status| self.refused.get(&status).copied().unwrap_or_default();
        format!(
            "{} events answered with 200, {} requests with 503, {} connections failed, longest time without a 200 {:.1} s",
            self.ids.len(),
            count(503),
            count(0),
            self.gap.as_secs_f64()
        )
    }
}

impl Senders {
    /// Starts to send to these ports. The name is that of the scenario, which tells its events from those of others.
    pub(crate) fn start(name: &'static str, ports: Vec<u16>, destination: usize) -> Self {
        let shared = Arc::new(Shared {
            ports,
            destination,
            name,
            next: AtomicUsize::new(0),
            is_stopping: AtomicBool::new(false),
            sent: Mutex::default(),
        });
        let mut tasks = JoinSet::new();
        for sender in 0..SENDERS {
            tasks.spawn(send(Arc::clone(&shared), sender));
        }
        Self { tasks, shared }
    }

    /// Ends when every event that was begun is answered with 200.
    pub(crate) async fn stop(mut self) -> Sent {
        self.shared.is_stopping.store(true, Ordering::Release);
        while let Some(ended) = self.tasks.join_next().await {
            ended.expect("a sender ends well");
        }
        std::mem::take(&mut *self.shared.sent())
    }
}

async fn send(shared: Arc<Shared>, sender: usize) {
    while !shared.is_stopping.load(Ordering::Acquire) {
        let number = shared.next.fetch_add(1, Ordering::Relaxed);
        // Every fifth request is a batch.
        let events = if number % 5 == 0 { 20 } else { 1 };
        let ids: Vec<String> = (0..events)
            .map(|at| format!("{}-{number}-{at}", shared.name))
            .collect();
        let body = batch(&ids);
        let mut attempt = sender;
        loop {
            let port = shared.ports[attempt % shared.ports.len()];
            attempt += 1;
            let status = http::post(port, "/v1/batch", &write_key(shared.destination), &body).await;
            if status == Some(200) {
                shared.sent().accept(ids);
                break;
            }
            *shared
                .sent()
                .refused
                .entry(status.unwrap_or(0))
                .or_default() += 1;
            tokio::time::sleep(PAUSE).await;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A batch with an order for each id.
pub(crate) fn batch(ids: &[String]) -> String {
    let messages: Vec<_> = ids.iter().map(|id| order(id)).collect();
    json!({ "batch": messages }).to_string()
}

/// An order, whose `messageId` this is.
pub(crate) fn order(id: &str) -> Value {
    json!({
        "type": "track", "event": "Order Completed", "messageId": id, "userId": "u1",
        "context": { "ip": "203.0.113.7", "userAgent": "Mozilla/5.0" },
        "properties": { "revenue": 5, "currency": "EUR" },
    })
}
