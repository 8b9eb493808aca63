//! `segue map`: the whole process, next to the library; how that grows; how fast a command starts.

use super::figure::{Figure, Section, Unit, median};
use super::library;
use super::process;
use super::setup::{Setup, remove};
use crate::problem::Outcome;

pub(super) fn measure(setup: &Setup) -> Outcome<Section> {
    let file = setup.file("events.ndjson", setup.effort.file)?;
    let path = file.display().to_string();
    let (mut events_only, mut with_notes) = (Vec::new(), Vec::new());
    for _ in 0..setup.effort.rounds {
        let library = library::map_nanos(setup)?;
        events_only.push(Round::run(
            setup,
            &["map", "--events-only", &path],
            library.0,
        )?);
        with_notes.push(Round::run(setup, &["map", &path], library.1)?);
    }
    remove(&file);
    let mut figures = Vec::new();
    for (name, rounds) in [
        ("segue map --events-only FILE", events_only),
        ("segue map FILE, with notes", with_notes),
    ] {
        let middle = |of: fn(&Round) -> f64| median(rounds.iter().map(of));
        let rate = Unit::EventsPerSecond.of(middle(|round| 1.0 / round.seconds));
        let cpu = Unit::NanosPerEvent.of(middle(|round| round.cpu_seconds * 1e9));
        let ratio = middle(|round| round.cpu_seconds * 1e9 / round.library_nanos);
        figures.push(rate.named(name));
        let name = format!("{name}: processor time for an event");
        figures.push(cpu.named(name).times(ratio, "the library"));
    }
    Ok(Section {
        title: "segue map, whole process".to_owned(),
        figures,
    })
}

/// What an event cost in one run, and what it cost the library at that moment.
struct Round {
    seconds: f64,
    cpu_seconds: f64,
    library_nanos: f64,
}

impl Round {
    fn run(setup: &Setup, arguments: &[&str], library_nanos: f64) -> Outcome<Self> {
        let finished = process::run(&mut setup.segue(arguments), false)?;
        let events = as_float(setup.effort.file);
        Ok(Self {
            seconds: finished.seconds / events,
            cpu_seconds: finished.cpu_seconds / events,
            library_nanos,
        })
    }
}

/// Time and memory from a thousand events on, tenfold at each step; at the last, the largest file is read ten times.
pub(super) fn growth(setup: &Setup) -> Outcome<Section> {
    let mut figures = Vec::new();
    let mut events = 1000;
    while events <= setup.effort.large {
        let file = setup.file("growing.ndjson", events)?;
        let path = file.display().to_string();
        let once = map_times(setup, &path, 1, setup.effort.rounds);
        let is_largest = events * 10 > setup.effort.large;
        let tenfold = is_largest
            .then(|| map_times(setup, &path, 10, 1))
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

/// Seconds and megabytes of mapping a file `times` times in one run.
fn map_times(setup: &Setup, path: &str, times: usize, rounds: usize) -> Outcome<[f64; 3]> {
    let mut runs = Vec::new();
    for _ in 0..rounds {
        let mut command = setup.segue(&["map", "--events-only"]);
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
pub(super) fn start(setup: &Setup) -> Outcome<Figure> {
    let runs = (0..4 * setup.effort.rounds)
        .map(|_| process::run(&mut setup.segue(&["--version"]), false))
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
