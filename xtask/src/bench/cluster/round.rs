//! One round: events come in and wait, the raw client publishes and consumes the same events, then the events are delivered.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::brokers::Brokers;
use crate::bench::process::{self, Server};
use crate::bench::serving::{BATCH, EVENTS_OF_BATCH, SINGLE};
use crate::bench::setup::{ClientReport, Setup, WRITE_KEY, remove};
use crate::problem::{Outcome, Problem};

/// What the name of the stream with events begins with.
const EVENTS: &str = "SEGUE_segue_EV_";
/// The stream of the raw client.
const RAW: &str = "RAW";
/// As many requests at once as `wire` has connections.
const IN_FLIGHT: &str = "64";
/// How long the servers and a node may take to start.
const START_TIMEOUT: Duration = Duration::from_mins(1);

/// What a request holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Single,
    /// Single events, which may share messages: `group_small`.
    Grouped,
    Batch,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Single => "single events",
            Self::Grouped => "single events with group_small",
            Self::Batch => "batches of 100",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Single | Self::Grouped => SINGLE,
            Self::Batch => BATCH,
        }
    }

    fn events(self) -> u64 {
        match self {
            Self::Single | Self::Grouped => 1,
            Self::Batch => EVENTS_OF_BATCH,
        }
    }
}

/// A part of a round: what was done, and the processor time that it took, in seconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Phase {
    pub(super) report: ClientReport,
    /// Of the node; none in the raw client's parts.
    pub(super) node: f64,
    pub(super) brokers: f64,
    /// Of who sends or receives: the load, the raw client, or the server that stands for Meta.
    pub(super) other: f64,
}

impl Phase {
    pub(super) fn rate(&self) -> f64 {
        self.report.events / self.report.seconds
    }
}

/// The parts of a round.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round {
    pub(super) ingest: Phase,
    /// At half the rate that was reached.
    pub(super) half_load: Phase,
    pub(super) deliver: Phase,
    /// Of a message for each request, not compressed.
    pub(super) raw: Raw,
    /// Of the messages that segue has made, where it has compressed them.
    pub(super) raw_compressed: Option<Raw>,
}

/// What the raw client did.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raw {
    pub(super) publish: Phase,
    pub(super) consume: Phase,
}

/// What takes turns, all over the same servers.
pub(super) struct Bench<'a> {
    pub(super) setup: &'a Setup,
    /// The program of the raw client.
    pub(super) raw: &'a Path,
    pub(super) brokers: Brokers,
    /// The server that stands for Meta.
    pub(super) sink: Server,
    pub(super) settings: PathBuf,
    /// The same, for single events that share messages.
    pub(super) grouping: PathBuf,
}

impl Bench<'_> {
    /// Makes the streams, which takes until the servers have found each other.
    pub(super) fn create_streams(&self) -> Outcome {
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

    /// Measures a round, and raises `memory` to what a node took. Of single events that share messages the raw client makes
    /// nothing of its own: `raw` is what it did with single ones.
    pub(super) fn round(
        &self,
        ingest: &(Server, String),
        kind: Kind,
        raw: Option<Raw>,
        memory: &mut f64,
    ) -> Outcome<Round> {
        let (ingest, address) = ingest;
        let seconds = self.setup.effort.load_seconds;
        let load = |rate| {
            self.phase(Some(ingest), || {
                self.setup
                    .load_at(address, kind.path(), kind.events(), seconds, rate)
            })
        };
        let taken = load(None)?;
        let half_load = load(Some(taken.report.requests / taken.report.seconds / 2.0))?;
        let raw = match raw {
            Some(raw) => raw,
            None => self.raw("plain")?,
        };
        let raw_compressed = match kind {
            Kind::Batch => Some(self.raw("stored")?),
            Kind::Single | Kind::Grouped => None,
        };
        let (node, _) = self.node("deliver", kind)?;
        let before = self.sink.cpu_seconds();
        let mut deliver = self.phase(None, || self.client("wait", &[EVENTS]))?;
        deliver.report.events = taken.report.events + half_load.report.events;
        deliver.node = node.cpu_seconds();
        deliver.other = self.sink.cpu_seconds() - before;
        *memory = memory.max(node.peak_megabytes());
        Ok(Round {
            ingest: taken,
            half_load,
            deliver,
            raw,
            raw_compressed,
        })
    }

    /// Lets the raw client publish and consume for a while, in one of its forms.
    fn raw(&self, form: &str) -> Outcome<Raw> {
        self.client("create", &[])?;
        let seconds = self.setup.effort.load_seconds.to_string();
        let publish = self.phase(None, || {
            self.client("publish", &[EVENTS, form, &seconds, IN_FLIGHT])
        })?;
        let consume = self.phase(None, || self.client("consume", &[RAW]))?;
        Ok(Raw { publish, consume })
    }

    /// Measures what a client does, and what it takes of others.
    fn phase(
        &self,
        node: Option<&Server>,
        client: impl FnOnce() -> Outcome<ClientReport>,
    ) -> Outcome<Phase> {
        let of_node = || node.map_or(0.0, Server::cpu_seconds);
        let before = (of_node(), self.brokers.cpu_seconds());
        let report = client()?;
        Ok(Phase {
            report,
            node: of_node() - before.0,
            brokers: self.brokers.cpu_seconds() - before.1,
            other: report.client_cpu_seconds,
        })
    }

    /// Starts a node, and returns where it takes events, if it does.
    pub(super) fn node(&self, role: &str, kind: Kind) -> Outcome<(Server, String)> {
        let ready = self.setup.folder.join(format!("{role}.json"));
        remove(&ready);
        let data = self.setup.fresh(&format!("cluster/{role} {kind:?}"));
        let data = data.display().to_string();
        let settings = match kind {
            Kind::Grouped => &self.grouping,
            Kind::Single | Kind::Batch => &self.settings,
        };
        let settings = settings.display().to_string();
        let file = ready.display().to_string();
        let mut server = Server::start_without_output(
            self.setup
                .segue(&["serve", "--role", role, "--settings", &settings])
                .args(["--write-key", WRITE_KEY])
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
            "run it by itself, as xtask/src/bench/cluster/round.rs does, and see what it says",
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
        let report: ClientReport = serde_json::from_str(&finished.output).map_err(|error| {
            Problem::new(
                format!("jetstream: {error}"),
                "report this as a defect of the bench package",
            )
        })?;
        Ok(ClientReport {
            client_cpu_seconds: finished.cpu_seconds,
            ..report
        })
    }
}
