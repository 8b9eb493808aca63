//! `segue serve` under the load of 64 connections, next to a server that only writes to the disk.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::figure::{Figure, Section, Unit, median};
use super::mapping::as_float;
use super::process::Server;
use super::setup::{ClientReport, Setup, Visitors, WRITE_KEY, remove};
use crate::problem::{Outcome, Problem};

pub(super) const SINGLE: &str = "/v1/track";
pub(super) const BATCH: &str = "/v1/batch";
pub(super) const EVENTS_OF_BATCH: u64 = 100;
/// How long a server may take to start.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// A `segue serve`.
pub(super) struct Serve {
    server: Server,
    address: String,
    start_millis: f64,
}

/// The file of `--ready-file`.
#[derive(Deserialize)]
struct Ready {
    ingest: String,
}

impl Serve {
    fn start(setup: &Setup, graph: &str, data: &Path) -> Outcome<Self> {
        Self::start_with(setup, graph, data, "")
    }

    /// Starts it with further settings.
    pub(super) fn start_with(setup: &Setup, graph: &str, data: &Path, more: &str) -> Outcome<Self> {
        let settings = setup.settings_with(graph, more)?.display().to_string();
        let ready_file = setup.fresh("ready.json");
        remove(&ready_file);
        let (data, ready) = (data.display().to_string(), ready_file.display().to_string());
        let start = Instant::now();
        let mut server = Server::start_without_output(
            setup
                .segue(&["serve", "--settings", &settings, "--write-key", WRITE_KEY])
                .args(["--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0"])
                .args(["--data-dir", &data, "--ready-file", &ready]),
        )?;
        while server.is_running() && start.elapsed() < START_TIMEOUT {
            let said = fs::read(&ready_file).ok();
            if let Some(ready) = said.and_then(|text| serde_json::from_slice::<Ready>(&text).ok()) {
                return Ok(Self {
                    server,
                    address: ready
                        .ingest
                        .trim_start_matches("http://")
                        .trim_end_matches('/')
                        .to_owned(),
                    start_millis: start.elapsed().as_secs_f64() * 1000.0,
                });
            }
            thread::sleep(Duration::from_millis(1));
        }
        Err(Problem::new(
            "segue serve did not start",
            "run it by itself, as xtask/src/bench/serving.rs does, and see what it says",
        ))
    }

    /// Puts it under load, and adds its processor time to the report.
    pub(super) fn load(
        &self,
        setup: &Setup,
        path: &str,
        batch: u64,
        seconds: u64,
    ) -> Outcome<ClientReport> {
        self.measured(|address| setup.load(address, path, batch, seconds))
    }

    /// The same by so many people, each of whom sends some messages in a row.
    pub(super) fn load_by(
        &self,
        setup: &Setup,
        path: &str,
        batch: u64,
        seconds: u64,
        by: Visitors,
    ) -> Outcome<ClientReport> {
        self.measured(|address| setup.load_by(address, path, batch, seconds, by))
    }

    fn measured(&self, load: impl FnOnce(&str) -> Outcome<ClientReport>) -> Outcome<ClientReport> {
        let before = self.server.cpu_seconds();
        let report = load(&self.address)?;
        let cpu_seconds = self.server.cpu_seconds() - before;
        Ok(ClientReport {
            cpu_seconds,
            ..report
        })
    }
}

pub(super) fn measure(setup: &Setup) -> Outcome<Section> {
    let (_sink, sink) = setup.server(&["sink"])?;
    let file = setup.folder.join("baseline.log");
    let (_baseline, baseline) = setup.server(&["ingest", &file.display().to_string()])?;
    let data = setup.fresh("serve-data");
    let serve = Serve::start(setup, &sink, &data)?;
    let seconds = setup.effort.load_seconds;
    let mut rounds = Vec::new();
    for _ in 0..setup.effort.rounds {
        rounds.push([
            setup.load(&baseline, SINGLE, 1, seconds)?,
            serve.load(setup, SINGLE, 1, seconds)?,
            serve.load(setup, BATCH, EVENTS_OF_BATCH, seconds)?,
        ]);
    }
    drop(serve);
    remove(&file);
    remove(&data);
    let middle = |of: fn(&[ClientReport; 3]) -> f64| median(rounds.iter().map(of));
    let requests = |of: fn(&[ClientReport; 3]) -> f64| Unit::RequestsPerSecond.of(middle(of));
    let figures = vec![
        requests(|[baseline, ..]| baseline.requests / baseline.seconds)
            .named("baseline: one write and fdatasync for all waiting requests"),
        requests(|[_, single, _]| single.requests / single.seconds)
            .named("single events of 1.5 KB")
            .times(
                middle(|[baseline, single, _]| {
                    (single.requests / single.seconds) / (baseline.requests / baseline.seconds)
                }),
                "the baseline",
            ),
        Unit::Milliseconds
            .of(middle(|[_, single, _]| single.micros_p50 / 1000.0))
            .named("single events: median time to the answer"),
        Unit::Milliseconds
            .of(middle(|[_, single, _]| single.micros_p99 / 1000.0))
            .named("single events: 99th percentile of the time to the answer"),
        Unit::NanosPerEvent
            .of(middle(|[_, single, _]| {
                single.cpu_seconds * 1e9 / single.events
            }))
            .named("single events: processor time for an event, stored and delivered"),
        Unit::EventsPerSecond
            .of(middle(|[_, _, batch]| batch.events / batch.seconds))
            .named("batches of 100 events"),
        Unit::NanosPerEvent
            .of(middle(|[_, _, batch]| {
                batch.cpu_seconds * 1e9 / batch.events
            }))
            .named("batches of 100 events: processor time for an event, stored and delivered"),
    ];
    let title = "segue serve, 64 connections, answered when the events are on disk".to_owned();
    Ok(Section { title, figures })
}

/// The time from start to the first answer, with an empty log.
pub(super) fn start(setup: &Setup) -> Outcome<Figure> {
    let starts = (0..setup.effort.rounds).map(|_| {
        let data = setup.fresh("serve-data");
        let serve = Serve::start(setup, "127.0.0.1:9", &data)?;
        remove(&data);
        Outcome::Ok(serve.start_millis)
    });
    let millis = median(starts.collect::<Outcome<Vec<_>>>()?);
    Ok(Figure::new("segue serve, until it answers", millis, Unit::Milliseconds).at_most(200.0))
}

/// A backlog that cannot be delivered: the memory it needs, and how much it slows down ingest.
pub(super) fn backlog(setup: &Setup) -> Outcome<Vec<Figure>> {
    // No program listens on port 9 of nearly all machines, so nothing is delivered.
    let data = setup.fresh("serve-data");
    let serve = Serve::start(setup, "127.0.0.1:9", &data)?;
    let seconds = setup.effort.load_seconds;
    let rate = || {
        let rates = (0..setup.effort.rounds)
            .map(|_| setup.load(&serve.address, SINGLE, 1, seconds))
            .collect::<Outcome<Vec<_>>>()?;
        Outcome::Ok(median(
            rates.iter().map(|report| report.requests / report.seconds),
        ))
    };
    let empty = rate()?;
    let mut events = 0.0;
    while events < as_float(setup.effort.large) {
        events += setup
            .load(&serve.address, BATCH, EVENTS_OF_BATCH, 1)?
            .events;
    }
    let full = rate()?;
    let peak = serve.server.peak_megabytes();
    drop(serve);
    remove(&data);
    let behind = format!("behind a backlog of {} events", setup.effort.large);
    Ok(vec![
        Figure::new(format!("segue serve {behind}"), peak, Unit::Megabytes).at_most(150.0),
        Figure::new(
            format!("ingest {behind}, of what it is without"),
            full / empty * 100.0,
            Unit::Percent,
        ),
    ])
}
