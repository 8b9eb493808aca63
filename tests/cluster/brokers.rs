//! Three servers that replicate.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::http;

pub(crate) struct Brokers {
    program: PathBuf,
    servers: Vec<Server>,
    _folder: TempDir,
}

struct Server {
    config: PathBuf,
    client: u16,
    monitor: u16,
    process: Option<Child>,
}

impl Brokers {
    /// Starts them. Whether they have a leader shows when the streams are made.
    pub(crate) fn start(program: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let ports: Vec<[u16; 3]> = (0..3).map(|_| free_ports()).collect();
        let routes: Vec<String> = ports
            .iter()
            .map(|[_, _, route]| format!("nats://127.0.0.1:{route}"))
            .collect();
        let mut servers = Vec::new();
        for (number, [client, monitor, route]) in ports.into_iter().enumerate() {
            let store = folder.path().join(format!("store{number}"));
            let text = format!(
                "server_name: n{number}\nlisten: 127.0.0.1:{client}\nhttp: 127.0.0.1:{monitor}\n\
                 jetstream {{ store_dir: \"{}\", sync_interval: always }}\n\
                 cluster {{ name: test, listen: 127.0.0.1:{route}, routes: {routes:?} }}\n",
                store.display()
            );
            let config = folder.path().join(format!("n{number}.conf"));
            fs::write(&config, text).expect("written");
            servers.push(Server {
                config,
                client,
                monitor,
                process: None,
            });
        }
        let mut brokers = Self {
            program: program.to_owned(),
            servers,
            _folder: folder,
        };
        for number in 0..3 {
            brokers.restart(number);
        }
        brokers
    }

    /// Where clients connect.
    pub(crate) fn urls(&self) -> Vec<String> {
        let url = |server: &Server| format!("nats://127.0.0.1:{}", server.client);
        self.servers.iter().map(url).collect()
    }

    /// Starts a server again.
    pub(crate) fn restart(&mut self, number: usize) {
        let server = &mut self.servers[number];
        let process = Command::new(&self.program)
            .arg("-c")
            .arg(&server.config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        server.process = Some(process.expect("started"));
    }

    /// Ends a server without asking.
    pub(crate) fn kill(&mut self, number: usize) {
        if let Some(mut process) = self.servers[number].process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Stops a server where it stands, or lets it go on.
    pub(crate) fn signal(&self, number: usize, signal: Signal) {
        let process = self.servers[number].process.as_ref().expect("running");
        let id = i32::try_from(process.id()).expect("an id");
        kill_process(Pid::from_raw(id).expect("an id"), signal).expect("signalled");
    }

    /// Which server leads the stream of a destination's events.
    pub(crate) async fn leader(&self, destination: &str) -> usize {
        for _ in 0..100 {
            for server in &self.servers {
                let said = http::get(server.monitor, "/jsz?streams=true").await;
                let accounts = said
                    .as_ref()
                    .and_then(|said| said["account_details"].as_array());
                let streams = accounts.into_iter().flatten();
                let streams = streams.filter_map(|account| account["stream_detail"].as_array());
                let own = streams.flatten().find(|stream| {
                    let name = stream["name"].as_str().unwrap_or_default();
                    name.contains(&format!("_EV_{destination}-"))
                });
                let leader = own.and_then(|stream| stream["cluster"]["leader"].as_str());
                let number = leader.and_then(|name| name.trim_start_matches('n').parse().ok());
                if let Some(number) = number {
                    return number;
                }
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the stream of {destination} has no leader");
    }
}

impl Drop for Brokers {
    fn drop(&mut self) {
        for number in 0..3 {
            self.kill(number);
        }
    }
}

/// Ports that nobody uses, as far as that can be known.
pub(crate) fn free_ports<const N: usize>() -> [u16; N] {
    let listeners = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port"));
    listeners.map(|listener| listener.local_addr().expect("an address").port())
}
