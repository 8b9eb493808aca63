//! Events into a log, and out of it in batches.

use std::sync::Arc;

use bytes::Bytes;
use conversions_delivery::{AppendGroup, EventLog, MemoryLog, UnixMillis, Wanted};
use conversions_disk_log::{DiskLog, DiskLogOptions};
use conversions_transport::{EventsBody, EventsRequest, NewEvent};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use tokio::runtime::Runtime;

/// Events that are appended together.
const GROUPS: [usize; 3] = [1, 100, 1000];
/// Bytes of an event.
const EVENT: usize = 1200;
const NOW: UnixMillis = UnixMillis(1_785_585_600_000);

fn main() {
    divan::main();
}

/// A log, and what it needs to live.
struct Bench {
    runtime: Runtime,
    log: Arc<dyn EventLog>,
    _folder: Option<tempfile::TempDir>,
}

#[expect(
    clippy::expect_used,
    reason = "a benchmark without a log measures nothing"
)]
impl Bench {
    fn in_memory() -> Self {
        Self {
            runtime: Runtime::new().expect("a runtime"),
            log: Arc::new(MemoryLog::default()),
            _folder: None,
        }
    }

    fn on_disk() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let runtime = Runtime::new().expect("a runtime");
        let inside = runtime.enter();
        let log = DiskLog::open(folder.path(), DiskLogOptions::default()).expect("a log");
        drop(inside);
        Self {
            runtime,
            log: Arc::new(log),
            _folder: Some(folder),
        }
    }

    fn append(&self, group: AppendGroup) {
        let appended = self.runtime.block_on(self.log.append(group, NOW));
        let _ = black_box(appended.expect("room"));
    }

    /// Takes out what is there and settles it, so that the log stays small.
    fn settle(&self, events: usize) {
        let wanted = Wanted {
            destination: "shop",
            events,
            bytes: usize::MAX,
        };
        let lease = self
            .runtime
            .block_on(self.log.lease(wanted, NOW))
            .expect("a lease");
        self.runtime
            .block_on(self.log.acknowledge("shop", &lease.keys(), NOW))
            .expect("an end");
    }
}

fn group(events: usize) -> AppendGroup {
    let text = Bytes::from(format!(r#"{{"event_name":"{}"}}"#, "x".repeat(EVENT)));
    let event = |_| NewEvent::new("shop", text.clone(), NOW.seconds());
    (0..events).map(event).collect::<Vec<_>>().into()
}

#[divan::bench(args = GROUPS)]
fn append_in_memory(bencher: Bencher<'_, '_>, events: usize) {
    append(bencher, &Bench::in_memory(), events);
}

#[divan::bench(args = GROUPS, max_time = 3)]
fn append_on_disk(bencher: Bencher<'_, '_>, events: usize) {
    append(bencher, &Bench::on_disk(), events);
}

fn append(bencher: Bencher<'_, '_>, bench: &Bench, events: usize) {
    bencher
        .counter(ItemsCount::new(events))
        .with_inputs(|| group(events))
        .bench_local_values(|group| {
            bench.append(group);
            bench.settle(events);
        });
}

/// The body of a request out of finished events.
#[divan::bench(args = GROUPS)]
fn batch(bencher: Bencher<'_, '_>, events: usize) {
    let request = EventsRequest::of_frames(group(events).frames);
    let body = EventsBody::default();
    bencher
        .counter(ItemsCount::new(events))
        .bench_local(|| black_box(body.for_request(black_box(&request))));
}
