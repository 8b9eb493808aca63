//! Three servers that replicate.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::http;
use crate::link::{Link, Passing};
use crate::ports::free_ports;

/// How long a new leader or a server that was started may take.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Brokers {
    program: PathBuf,
    servers: Vec<Server>,
    /// The ways between the servers; empty where they connect directly.
    routes: Vec<Route>,
    folder: TempDir,
}

struct Server {
    config: PathBuf,
    client: u16,
    monitor: u16,
    process: Mutex<Option<Child>>,
}

/// The way by which one server reaches another.
struct Route {
    between: [usize; 2],
    link: Link,
}

/// What is different from servers that speak without TLS to everyone.
#[derive(Default)]
pub(crate) struct BrokerOptions {
    /// Whether the ways between the servers can be cut.
    pub(crate) can_be_cut: bool,
    /// More of each server's configuration.
    pub(crate) more: String,
    /// What is put between the store's folder and the server of this number, such as a small disk.
    pub(crate) store_of: Option<(usize, PathBuf)>,
}

impl Brokers {
    /// Starts them. Whether they have a leader shows when the streams are made.
    pub(crate) async fn start(program: &Path, options: BrokerOptions) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let ports: Vec<[u16; 3]> = (0..3).map(|_| free_ports()).collect();
        let mut routes = Vec::new();
        let mut servers = Vec::new();
        for (number, [client, monitor, route]) in ports.iter().copied().enumerate() {
            let mut ways = Vec::new();
            for (other, [.., to]) in ports.iter().copied().enumerate() {
                let mut port = to;
                if options.can_be_cut && other != number {
                    [port] = free_ports();
                    let link = Link::open(port, to).await;
                    routes.push(Route {
                        between: [number, other],
                        link,
                    });
                }
                ways.push(format!("nats://127.0.0.1:{port}"));
            }
            let store = match &options.store_of {
                Some((of, store)) if *of == number => store.clone(),
                _ => folder.path().join(format!("store{number}")),
            };
            let text = format!(
                "server_name: n{number}\nlisten: 127.0.0.1:{client}\nhttp: 127.0.0.1:{monitor}\n\
                 jetstream {{ store_dir: \"{}\", sync_interval: always, max_file_store: 20GB }}\n\
                 cluster {{ name: test, listen: 127.0.0.1:{route}, no_advertise: {}, routes: {ways:?} }}\n{}\n",
                store.display(),
                options.can_be_cut,
                options.more,
            );
            let config = folder.path().join(format!("n{number}.conf"));
            fs::write(&config, text).expect("written");
            servers.push(Server {
                config,
                client,
                monitor,
                process: Mutex::default(),
            });
        }
        let brokers = Self {
            program: program.to_owned(),
            servers,
            routes,
            folder,
        };
        for number in 0..3 {
            brokers.restart(number);
        }
        brokers
    }

    /// Where clients connect.
    pub(crate) fn urls(&self, scheme: &str) -> Vec<String> {
        let url = |server: &Server| format!("{scheme}://127.0.0.1:{}", server.client);
        self.servers.iter().map(url).collect()
    }

    /// Where a server takes clients.
    pub(crate) fn client_port(&self, number: usize) -> u16 {
        self.servers[number].client
    }

    /// Where the servers answer questions of operators.
    pub(crate) fn monitors(&self) -> Vec<String> {
        let url = |server: &Server| format!("http://127.0.0.1:{}", server.monitor);
        self.servers.iter().map(url).collect()
    }

    /// Starts a server again.
    pub(crate) fn restart(&self, number: usize) {
        let log = self.folder.path().join(format!("n{number}.log"));
        let process = Command::new(&self.program)
            .arg("-c")
            .arg(&self.servers[number].config)
            .stdout(Stdio::null())
            .stderr(
                fs::File::options()
                    .create(true)
                    .append(true)
                    .open(log)
                    .expect("a file"),
            )
            .spawn();
        *self.process(number) = Some(process.expect("started"));
    }

    /// Ends a server without asking.
    pub(crate) fn kill(&self, number: usize) {
        if let Some(mut process) = self.process(number).take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Asks a server to end, and waits until it has.
    pub(crate) async fn stop(&self, number: usize) {
        self.signal(number, Signal::TERM);
        let process = self.process(number).take();
        let ended = tokio::task::spawn_blocking(|| process.expect("running").wait());
        ended.await.expect("waited").expect("its status");
    }

    /// Stops a server where it stands, or lets it go on.
    pub(crate) fn signal(&self, number: usize, signal: Signal) {
        let id = self.process(number).as_ref().expect("running").id();
        let id = i32::try_from(id).expect("an id");
        kill_process(Pid::from_raw(id).expect("an id"), signal).expect("signalled");
    }

    /// Cuts a server off from the others, or connects it again. Its clients stay connected to it.
    pub(crate) fn cut_off(&self, number: usize, is_cut: bool) {
        let passing = if is_cut {
            Passing::Nothing
        } else {
            Passing::All
        };
        for route in self
            .routes
            .iter()
            .filter(|route| route.between.contains(&number))
        {
            route.link.set(passing);
        }
    }

    /// Which server leads the stream of a destination's events, as the servers say that are not `except`.
    pub(crate) async fn leader(
        &self,
        namespace: &str,
        destination: &str,
        except: Option<usize>,
    ) -> usize {
        let wanted = format!("_{namespace}_EV_{destination}-");
        let started = Instant::now();
        loop {
            for number in (0..3).filter(|number| Some(*number) != except) {
                let streams = self.streams(number).await;
                let own = streams.iter().find(|stream| named(stream, &wanted));
                let leader = own.and_then(|stream| stream["cluster"]["leader"].as_str());
                let leader = leader.and_then(|name| name.trim_start_matches('n').parse().ok());
                if let Some(leader) = leader.filter(|leader| Some(*leader) != except) {
                    return leader;
                }
            }
            assert!(
                started.elapsed() < PATIENCE,
                "the stream of {destination} has no leader"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// How many messages the stream of a destination's events has had.
    pub(crate) async fn last_sequence(&self, namespace: &str, destination: &str) -> u64 {
        let wanted = format!("_{namespace}_EV_{destination}-");
        let mut last = 0;
        for number in 0..3 {
            let streams = self.streams(number).await;
            let own = streams.iter().filter(|stream| named(stream, &wanted));
            let sequences = own.filter_map(|stream| stream["state"]["last_seq"].as_u64());
            last = sequences.fold(last, u64::max);
        }
        last
    }

    /// Waits until a server that was started has caught up.
    pub(crate) async fn wait_until_healthy(&self, number: usize) {
        let started = Instant::now();
        loop {
            let said = http::get(self.servers[number].monitor, "/healthz").await;
            if said.is_some_and(|said| said["status"] == "ok") {
                return;
            }
            assert!(
                started.elapsed() < PATIENCE,
                "server {number} is not healthy"
            );
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn streams(&self, number: usize) -> Vec<Value> {
        let said = http::get(self.servers[number].monitor, "/jsz?streams=true").await;
        let accounts = said
            .as_ref()
            .and_then(|said| said["account_details"].as_array());
        let streams = accounts.into_iter().flatten();
        let streams = streams.filter_map(|account| account["stream_detail"].as_array());
        streams.flatten().cloned().collect()
    }

    fn process(&self, number: usize) -> MutexGuard<'_, Option<Child>> {
        self.servers[number].process.lock().expect("no panic")
    }
}

fn named(stream: &Value, wanted: &str) -> bool {
    stream["name"]
        .as_str()
        .is_some_and(|name| name.contains(wanted))
}

impl Drop for Brokers {
    fn drop(&mut self) {
        for number in 0..3 {
            self.kill(number);
        }
    }
}
