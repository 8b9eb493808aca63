//! A server of the tests' own, on a free port of this machine.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use conversions_delivery::{
    Clock as _, EventLog as _, LeasedEvent, SystemClock, UnixMillis, Wanted,
};
use conversions_log_nats::{Namespace, NatsLog, NatsLogOptions, create_streams};
use conversions_transport::NewEvent;
use tempfile::TempDir;
use tokio::runtime::{Handle, Runtime};

/// A server that ends with the test.
pub(crate) struct Server {
    process: Child,
    pub(crate) port: u16,
    _folder: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Where the program is; `None`, with a sentence, when it is nowhere.
fn program() -> Option<PathBuf> {
    let named = std::env::var_os("SEGUE_NATS_SERVER").map(PathBuf::from);
    let program = named.unwrap_or_else(|| "nats-server".into());
    let found = Command::new(&program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if found.is_ok_and(|status| status.success()) {
        return Some(program);
    }
    println!("skipped: there is no nats-server (SEGUE_NATS_SERVER names one)");
    None
}

impl Server {
    /// Starts a server and waits until it answers; `None` when there is no program.
    pub(crate) fn start() -> Option<Self> {
        let program = program()?;
        let folder = tempfile::tempdir().expect("a folder");
        // The server chooses its port and writes it into a file: one chosen here could be that of another test by then.
        let ports = folder.path().join("ports");
        std::fs::create_dir(&ports).expect("a folder");
        let text = format!(
            "listen: \"127.0.0.1:-1\"\nports_file_dir: \"{}\"\njetstream {{ store_dir: \"{}\", sync_interval: always }}\n",
            ports.display(),
            folder.path().join("store").display()
        );
        let config = folder.path().join("nats.conf");
        std::fs::write(&config, text).expect("written");
        let process = Command::new(program)
            .arg("-c")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("started");
        Some(Self {
            process,
            port: port_in(&ports).expect("the server listens within 10 s"),
            _folder: folder,
        })
    }

    /// Options for this server, with a namespace that no other test has.
    pub(crate) fn options(&self) -> NatsLogOptions {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        NatsLogOptions {
            servers: vec![format!("nats://127.0.0.1:{}", self.port)],
            namespace: Namespace::new(&format!("test{number}")).expect("safe"),
            replicas: 1,
            max_bytes: 1 << 26,
            dead_letter_bytes: 1 << 20,
            allow_weak: true,
            backlog_fresh_for: Duration::ZERO,
            ..NatsLogOptions::default()
        }
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

/// The port in the file that a server writes into this folder when it listens.
fn port_in(folder: &Path) -> Option<u16> {
    for _ in 0..200 {
        let files = std::fs::read_dir(folder).expect("a folder");
        let texts = files.filter_map(|file| std::fs::read_to_string(file.ok()?.path()).ok());
        let mut ports = texts.filter_map(|text| {
            let (_, address) = text.split_once("nats://127.0.0.1:")?;
            let (port, _) = address.split_once('"')?;
            port.parse().ok()
        });
        if let Some(port) = ports.next() {
            return Some(port);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    None
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
