//! `segue serve` under 64 connections, next to a server that does nothing but write to the disk.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::figure::{Figure, Section, Unit, median};
use super::mapping::as_float;
use super::process::Server;
use super::scene::{Scene, Told, WRITE_KEY, remove};
use crate::problem::{Outcome, Problem};

const SINGLE: &str = "/v1/track";
const BATCH: &str = "/v1/batch";
const EVENTS_OF_BATCH: u64 = 100;
/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// A `segue serve`.
struct Serve {
    server: Server,
    address: String,
    start_millis: f64,
}

/// What `--ready-file` says.
#[derive(Deserialize)]
struct Ready {
    ingest: String,
}

impl Serve {
    fn start(scene: &Scene, graph: &str, data: &Path) -> Outcome<Self> {
        let settings = scene.settings(graph)?.display().to_string();
        let ready_file = scene.fresh("ready.json");
        remove(&ready_file);
        let (data, ready) = (data.display().to_string(), ready_file.display().to_string());
        let start = Instant::now();
        let mut server = Server::silent(
            scene
                .segue(&["serve", "--settings", &settings, "--write-key", WRITE_KEY])
                .args(["--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0"])
                .args(["--data-dir", &data, "--ready-file", &ready]),
        )?;
        while server.is_running() && start.elapsed() < PATIENCE {
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

    /// Sets a crowd in front of it, and adds what that costs it.
    fn under(&self, scene: &Scene, path: &str, batch: u64, seconds: u64) -> Outcome<Told> {
        let before = self.server.cpu_seconds();
        let told = scene.crowd(&self.address, path, batch, seconds)?;
        let cpu_seconds = self.server.cpu_seconds() - before;
        Ok(Told {
            cpu_seconds,
            ..told
        })
    }
}

pub(super) fn measure(scene: &Scene) -> Outcome<Section> {
    let (_sink, sink) = scene.server(&["sink"])?;
    let file = scene.folder.join("stick.log");
    let (_stick, stick) = scene.server(&["ingest", &file.display().to_string()])?;
    let data = scene.fresh("serve-data");
    let serve = Serve::start(scene, &sink, &data)?;
    let seconds = scene.effort.crowd;
    let mut rounds = Vec::new();
    for _ in 0..scene.effort.rounds {
        rounds.push([
            scene.crowd(&stick, SINGLE, 1, seconds)?,
            serve.under(scene, SINGLE, 1, seconds)?,
            serve.under(scene, BATCH, EVENTS_OF_BATCH, seconds)?,
        ]);
    }
    drop(serve);
    remove(&file);
    remove(&data);
    let middle = |of: fn(&[Told; 3]) -> f64| median(rounds.iter().map(of));
    let requests = |of: fn(&[Told; 3]) -> f64| Unit::RequestsPerSecond.of(middle(of));
    let figures = vec![
        requests(|[stick, ..]| stick.requests / stick.seconds)
            .named("stick: one write and fdatasync for all that wait"),
        requests(|[_, single, _]| single.requests / single.seconds)
            .named("single events of 1.5 KB")
            .times(
                middle(|[stick, single, _]| {
                    (single.requests / single.seconds) / (stick.requests / stick.seconds)
                }),
                "the stick",
            ),
        Unit::Milliseconds
            .of(middle(|[_, single, _]| single.micros_p50 / 1000.0))
            .named("single events, answered within, half of them"),
        Unit::Milliseconds
            .of(middle(|[_, single, _]| single.micros_p99 / 1000.0))
            .named("single events, answered within, 99 %"),
        Unit::NanosPerEvent
            .of(middle(|[_, single, _]| {
                single.cpu_seconds * 1e9 / single.events
            }))
            .named("single events: processor time for one, stored and delivered"),
        Unit::EventsPerSecond
            .of(middle(|[_, _, batch]| batch.events / batch.seconds))
            .named("batches of 100 events"),
        Unit::NanosPerEvent
            .of(middle(|[_, _, batch]| {
                batch.cpu_seconds * 1e9 / batch.events
            }))
            .named("batches of 100 events: processor time for one, stored and delivered"),
    ];
    let title = "segue serve, 64 connections, answers when events are on the disk".to_owned();
    Ok(Section { title, figures })
}

/// How long it takes until it answers, with an empty log.
pub(super) fn start(scene: &Scene) -> Outcome<Figure> {
    let starts = (0..scene.effort.rounds).map(|_| {
        let data = scene.fresh("serve-data");
        let serve = Serve::start(scene, "127.0.0.1:9", &data)?;
        remove(&data);
        Outcome::Ok(serve.start_millis)
    });
    let millis = median(starts.collect::<Outcome<Vec<_>>>()?);
    Ok(Figure::new("segue serve, until it answers", millis, Unit::Milliseconds).at_most(200.0))
}

/// A backlog that nobody takes: the memory that it needs, and what it does to ingest.
pub(super) fn backlog(scene: &Scene) -> Outcome<Vec<Figure>> {
    // Port 9 discards, or, as nearly everywhere, nobody listens.
    let data = scene.fresh("serve-data");
    let serve = Serve::start(scene, "127.0.0.1:9", &data)?;
    let seconds = scene.effort.crowd;
    let rate = || {
        let rates = (0..scene.effort.rounds)
            .map(|_| scene.crowd(&serve.address, SINGLE, 1, seconds))
            .collect::<Outcome<Vec<_>>>()?;
        Outcome::Ok(median(
            rates.iter().map(|told| told.requests / told.seconds),
        ))
    };
    let empty = rate()?;
    let mut events = 0.0;
    while events < as_float(scene.effort.large) {
        events += scene
            .crowd(&serve.address, BATCH, EVENTS_OF_BATCH, 1)?
            .events;
    }
    let full = rate()?;
    let peak = serve.server.peak_megabytes();
    drop(serve);
    remove(&data);
    let behind = format!("behind a backlog of {} events", scene.effort.large);
    Ok(vec![
        Figure::new(format!("segue serve {behind}"), peak, Unit::Megabytes).at_most(150.0),
        Figure::new(
            format!("ingest {behind}, of what it is without"),
            full / empty * 100.0,
            Unit::Percent,
        ),
    ])
}
