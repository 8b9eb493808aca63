//! `segue map`: the whole process, next to the library; how that grows; how fast a command starts.

use super::figure::{Figure, Section, Unit, median};
use super::library;
use super::process;
use super::scene::{Scene, remove};
use crate::problem::Outcome;

pub(super) fn measure(scene: &Scene) -> Outcome<Section> {
    let file = scene.file("events.ndjson", scene.effort.file)?;
    let path = file.display().to_string();
    let mut rounds: [Vec<[f64; 3]>; 2] = Default::default();
    for _ in 0..scene.effort.rounds {
        let (map, with_notes) = library::map_nanos(scene)?;
        for ((arguments, library), round) in [
            (&["map", "--events-only", &path][..], map),
            (&["map", &path], with_notes),
        ]
        .into_iter()
        .zip(&mut rounds)
        {
            let finished = process::run(&mut scene.segue(arguments), false)?;
            let events = as_float(scene.effort.file);
            let nanos = finished.seconds * 1e9 / events;
            round.push([
                1e9 / nanos,
                nanos / library,
                finished.cpu_seconds * 1e9 / events,
            ]);
        }
    }
    remove(&file);
    let names = [
        (
            "segue map --events-only FILE",
            "the library's time on one core",
        ),
        (
            "segue map FILE, with notes",
            "the library's time on one core, with notes",
        ),
    ];
    let figures = names
        .into_iter()
        .zip(rounds)
        .flat_map(|((name, stick), round)| {
            let [rate, ratio, cpu] = [0, 1, 2].map(|index| {
                median(
                    round
                        .iter()
                        .filter_map(|figures: &[f64; 3]| figures.get(index).copied()),
                )
            });
            [
                Figure::new(name, rate, Unit::EventsPerSecond).times(ratio, stick),
                Figure::new(
                    format!("{name}: processor time for an event"),
                    cpu,
                    Unit::NanosPerEvent,
                ),
            ]
        });
    Ok(Section {
        title: "segue map, whole process".to_owned(),
        figures: figures.collect(),
    })
}

/// Time and memory from a thousand events on, tenfold at each step; at the last, the largest file is read ten times.
pub(super) fn growth(scene: &Scene) -> Outcome<Section> {
    let mut figures = Vec::new();
    let mut events = 1000;
    while events <= scene.effort.large {
        let file = scene.file("growing.ndjson", events)?;
        let path = file.display().to_string();
        let once = map_times(scene, &path, 1, scene.effort.rounds);
        let is_largest = events * 10 > scene.effort.large;
        let tenfold = is_largest
            .then(|| map_times(scene, &path, 10, 1))
            .transpose();
        remove(&file);
        figures.extend(grown(events, once?));
        if let Some(run) = tenfold? {
            figures.extend(grown(events * 10, run));
        }
        events *= 10;
    }
    Ok(Section {
        title: "How the cost of segue map grows".to_owned(),
        figures,
    })
}

/// Seconds and megabytes of mapping a file so many times over.
fn map_times(scene: &Scene, path: &str, times: usize, rounds: usize) -> Outcome<[f64; 3]> {
    let mut runs = Vec::new();
    for _ in 0..rounds {
        let mut command = scene.segue(&["map", "--events-only"]);
        runs.push(process::run(command.args(vec![path; times]), false)?);
    }
    let peak = |peak: f64, run: &process::Finished| peak.max(run.peak_megabytes);
    Ok([
        median(runs.iter().map(|run| run.seconds)),
        median(runs.iter().map(|run| run.cpu_seconds)),
        runs.iter().fold(0.0, peak),
    ])
}

fn grown(events: u64, [seconds, cpu_seconds, peak]: [f64; 3]) -> [Figure; 3] {
    let for_one = |seconds: f64| Unit::NanosPerEvent.of(seconds * 1e9 / as_float(events));
    [
        for_one(seconds).named(format!("{events} events: time for one")),
        for_one(cpu_seconds).named(format!("{events} events: processor time for one")),
        Unit::Megabytes
            .of(peak)
            .named(format!("{events} events: memory at most")),
    ]
}

/// How long a command takes that does nothing.
pub(super) fn start(scene: &Scene) -> Outcome<Figure> {
    let runs = (0..4 * scene.effort.rounds)
        .map(|_| process::run(&mut scene.segue(&["--version"]), false))
        .collect::<Outcome<Vec<_>>>()?;
    let millis = median(runs.iter().map(|run| run.seconds * 1000.0));
    Ok(Figure::new("segue --version", millis, Unit::Milliseconds).at_most(10.0))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of events are far below 2^52"
)]
pub(super) fn as_float(count: u64) -> f64 {
    count as f64
}
