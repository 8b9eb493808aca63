//! `segue serve` with its log on three NATS servers of this machine, next to the raw client, which publishes and consumes the
//! same messages in turns with it.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::figure::{Section, Unit, median};
use super::process::{self, Server};
use super::serving::{BATCH, EVENTS_OF_BATCH, SINGLE};
use super::setup::{ClientReport, Effort, Setup, WRITE_KEY, remove};
use super::{build, table};
use crate::clients::Missing;
use crate::problem::{Outcome, Problem};
use crate::{cluster, terminal};

/// What the name of the stream with events begins with.
const EVENTS: &str = "SEGUE_segue_EV_";
/// The stream of the raw client.
const RAW: &str = "RAW";
/// As many requests at once as `wire` has connections.
const IN_FLIGHT: &str = "64";
/// How much of the raw client's rate is expected.
const AT_LEAST: f64 = 0.7;
const MEMORY_AT_MOST: f64 = 150.0;
/// How long the servers and a node may take to start.
const START_TIMEOUT: Duration = Duration::from_mins(1);

pub(super) fn run(effort: Effort) -> Outcome {
    let server = match cluster::server(false) {
        Ok(server) => server,
        Err(Missing(what)) => {
            println!("{} {what}.", terminal::bad("not measured:"));
            return Ok(());
        }
    };
    let setup = Setup::new(effort, &["nats"])?;
    let [raw] = build::programs("bench", &["jetstream"], &["--features", "jetstream"])?;
    println!("{}", table::of(&measure(&setup, &server, &raw)?, None));
    Ok(())
}

/// Three servers.
struct Brokers {
    _servers: Vec<Server>,
    urls: Vec<String>,
}

impl Brokers {
    fn start(program: &Path, folder: &Path) -> Outcome<Self> {
        let ports = [free_port()?, free_port()?, free_port()?];
        let routes = [free_port()?, free_port()?, free_port()?];
        let ways: Vec<String> = routes
            .iter()
            .map(|port| format!("nats://127.0.0.1:{port}"))
            .collect();
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
                Command::new(program).arg("-c").arg(&config),
            )?);
        }
        Ok(Self {
            _servers: servers,
            urls: ports
                .iter()
                .map(|port| format!("nats://127.0.0.1:{port}"))
                .collect(),
        })
    }
}

fn free_port() -> Outcome<u16> {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    port.map(|address| address.port())
        .map_err(|error| Problem::new(format!("no port is free: {error}"), "close some programs"))
}

/// What takes turns, all over the same servers.
struct Bench<'a> {
    setup: &'a Setup,
    raw: &'a Path,
    brokers: Brokers,
    settings: PathBuf,
}

/// Rates and costs of one round with messages of one kind.
#[derive(Clone, Copy)]
struct Round {
    ingest: ClientReport,
    raw_publish: ClientReport,
    deliver: ClientReport,
    raw_consume: ClientReport,
}

impl Round {
    fn published(&self) -> f64 {
        rate(&self.ingest) / rate(&self.raw_publish)
    }

    fn consumed(&self) -> f64 {
        rate(&self.deliver) / rate(&self.raw_consume)
    }
}

fn rate(report: &ClientReport) -> f64 {
    report.events / report.seconds
}

fn measure(setup: &Setup, server: &Path, raw: &Path) -> Outcome<Section> {
    let folder = setup.fresh("cluster");
    fs::create_dir_all(&folder).map_err(|error| Problem::file(&folder, &error))?;
    let brokers = Brokers::start(server, &folder)?;
    let (_sink, sink) = setup.server(&["sink"])?;
    let log = format!(
        "linger_ms = 10\n[log]\nengine = \"nats\"\nservers = {:?}\nmax_bytes = 8000000000\ndead_letter_bytes = 100000000\n",
        brokers.urls
    );
    let settings = setup.settings_with(&sink, &log)?;
    let bench = Bench {
        setup,
        raw,
        brokers,
        settings,
    };
    bench.create_streams()?;
    let (ingest, address) = bench.node("ingest")?;
    let (mut singles, mut frames) = (Vec::new(), Vec::new());
    let mut memory = 0.0_f64;
    for _ in 0..setup.effort.rounds {
        singles.push(bench.round(&ingest, &address, SINGLE, 1, &mut memory)?);
        frames.push(bench.round(&ingest, &address, BATCH, EVENTS_OF_BATCH, &mut memory)?);
    }
    let memory = memory.max(ingest.peak_megabytes());
    drop(ingest);
    drop(bench);
    remove(&folder);
    let mut figures = Vec::new();
    for (name, rounds) in [("single events", singles), ("frames of 100", frames)] {
        let middle = |of: &dyn Fn(&Round) -> f64| median(rounds.iter().map(of));
        let events = |of: &dyn Fn(&Round) -> f64| Unit::EventsPerSecond.of(middle(of));
        let raw = format!("the raw client (at least {AT_LEAST} is expected)");
        figures.extend([
            events(&|round| rate(&round.ingest))
                .named(format!("{name}: serve --role ingest"))
                .times(middle(&Round::published), raw.clone()),
            Unit::Milliseconds
                .of(middle(&|round| round.ingest.micros_p99 / 1000.0))
                .named(format!(
                    "{name}: 99th percentile of the time to the answer, 64 connections"
                ))
                .at_most(100.0),
            Unit::NanosPerEvent
                .of(middle(&|round| {
                    round.ingest.cpu_seconds * 1e9 / round.ingest.events
                }))
                .named(format!("{name}: processor time of ingest for an event")),
            events(&|round| rate(&round.deliver))
                .named(format!("{name}: serve --role deliver"))
                .times(middle(&Round::consumed), raw),
            Unit::NanosPerEvent
                .of(middle(&|round| {
                    round.deliver.cpu_seconds * 1e9 / round.deliver.events
                }))
                .named(format!("{name}: processor time of delivery for an event")),
        ]);
    }
    figures.push(
        Unit::Megabytes
            .of(memory)
            .named("memory of a node, at most")
            .at_most(MEMORY_AT_MOST),
    );
    let title =
        "segue serve on three NATS servers that sync always, all on this machine".to_owned();
    Ok(Section { title, figures })
}

impl Bench<'_> {
    /// Makes the streams, which takes until the servers have found each other.
    fn create_streams(&self) -> Outcome {
        let start = Instant::now();
        let settings = self.settings.display().to_string();
        loop {
            let created = process::run(
                &mut self
                    .setup
                    .segue(&["log", "create", "--settings", &settings]),
                false,
            );
            match created {
                Ok(_) => return Ok(()),
                Err(problem) if start.elapsed() > START_TIMEOUT => return Err(problem),
                Err(_) => thread::sleep(Duration::from_millis(500)),
            }
        }
    }

    /// Events come in and wait; the raw client publishes the same messages and consumes them; then the events are delivered.
    fn round(
        &self,
        ingest: &Server,
        address: &str,
        path: &str,
        batch: u64,
        memory: &mut f64,
    ) -> Outcome<Round> {
        let seconds = self.setup.effort.load_seconds;
        self.client("create", &[])?;
        let before = ingest.cpu_seconds();
        let mut taken = self.setup.load(address, path, batch, seconds)?;
        taken.cpu_seconds = ingest.cpu_seconds() - before;
        let raw_publish = self.client("publish", &[EVENTS, &seconds.to_string(), IN_FLIGHT])?;
        let raw_consume = self.client("consume", &[RAW])?;
        let (node, _) = self.node("deliver")?;
        let waited = self.client("wait", &[EVENTS])?;
        let deliver = ClientReport {
            events: taken.events,
            cpu_seconds: node.cpu_seconds(),
            ..waited
        };
        *memory = memory.max(node.peak_megabytes());
        Ok(Round {
            ingest: taken,
            raw_publish,
            deliver,
            raw_consume,
        })
    }

    /// Starts a node, and returns where it takes events, if it does.
    fn node(&self, role: &str) -> Outcome<(Server, String)> {
        let ready = self.setup.folder.join(format!("{role}.json"));
        remove(&ready);
        let data = self.setup.fresh(&format!("cluster/{role}"));
        let data = data.display().to_string();
        let (settings, file) = (
            self.settings.display().to_string(),
            ready.display().to_string(),
        );
        let mut server = Server::start_without_output(
            self.setup
                .segue(&[
                    "serve",
                    "--role",
                    role,
                    "--settings",
                    &settings,
                    "--write-key",
                    WRITE_KEY,
                ])
                .args(["--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0"])
                .args(["--data-dir", &data, "--ready-file", &file]),
        )?;
        let start = Instant::now();
        while server.is_running() && start.elapsed() < START_TIMEOUT {
            let said = fs::read(&ready).ok();
            if let Some(said) = said.and_then(|text| serde_json::from_slice::<Value>(&text).ok()) {
                let url = said["ingest"].as_str().unwrap_or_default();
                let address = url.trim_start_matches("http://").trim_end_matches('/');
                return Ok((server, address.to_owned()));
            }
            thread::sleep(Duration::from_millis(1));
        }
        Err(Problem::new(
            format!("segue serve --role {role} did not start"),
            "run it by itself, as xtask/src/bench/cluster.rs does, and see what it says",
        ))
    }

    /// Runs the raw client.
    fn client(&self, what: &str, more: &[&str]) -> Outcome<ClientReport> {
        let servers = self.brokers.urls.join(",");
        let mut command = Command::new(self.raw);
        let finished = process::run(command.args([what, &servers]).args(more), true)?;
        if finished.output.is_empty() {
            return Ok(ClientReport::default());
        }
        serde_json::from_str(&finished.output).map_err(|error| {
            Problem::new(
                format!("jetstream: {error}"),
                "report this as a defect of the bench package",
            )
        })
    }
}
