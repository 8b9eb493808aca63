//! Three NATS servers that sync always.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use super::cores::Cores;
use crate::bench::process::Server;
use crate::problem::{Outcome, Problem};

pub(super) struct Brokers {
    servers: Vec<Server>,
    pub(super) urls: Vec<String>,
}

impl Brokers {
    pub(super) fn start(program: &Path, folder: &Path, cores: &Cores) -> Outcome<Self> {
        let ports = [free_port()?, free_port()?, free_port()?];
        let routes = [free_port()?, free_port()?, free_port()?];
        let url = |port: &u16| format!("nats://127.0.0.1:{port}");
        let ways: Vec<String> = routes.iter().map(url).collect();
        let mut servers = Vec::new();
        for (number, (port, route)) in ports.iter().zip(routes).enumerate() {
            let text = format!(
                "server_name: n{number}\nlisten: 127.0.0.1:{port}\n\
                 jetstream {{ store_dir: \"{}\", sync_interval: always, max_file_store: 100GB }}\n\
                 cluster {{ name: bench, listen: 127.0.0.1:{route}, routes: {ways:?} }}\n",
                folder.join(format!("store{number}")).display()
            );
            let config = folder.join(format!("n{number}.conf"));
            fs::write(&config, text).map_err(|error| Problem::file(&config, &error))?;
            servers.push(Server::start_without_output(
                cores.broker(program).arg("-c").arg(&config),
            )?);
        }
        Ok(Self {
            servers,
            urls: ports.iter().map(url).collect(),
        })
    }

    /// Processor time of all three.
    pub(super) fn cpu_seconds(&self) -> f64 {
        self.servers.iter().map(Server::cpu_seconds).sum()
    }
}

fn free_port() -> Outcome<u16> {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    port.map(|address| address.port())
        .map_err(|error| Problem::new(format!("no port is free: {error}"), "close some programs"))
}
