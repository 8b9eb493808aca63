//! What the match memory costs `segue serve` when it knows a million people: the same load with it and without, in turns.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use super::figure::{Figure, Section, Unit, median};
use super::process;
use super::serving::{BATCH, EVENTS_OF_BATCH, SINGLE, Serve};
use super::setup::{ClientReport, Setup, Visitors, remove};
use crate::problem::{Outcome, Problem};

const ON: &str = "[memory]\nenabled = true\n";
/// Percent of the throughput that must be left.
const AT_LEAST: f64 = 90.0;
/// Messages that a visitor sends in a row.
const OF_A_VISIT: u64 = 8;

/// How the load is put on: its name, where it goes, the events of a request, and the messages that a person sends in a row.
const LOADS: [(&str, &str, u64, u64); 3] = [
    ("single events, visits of 8", SINGLE, 1, OF_A_VISIT),
    (
        "batches of 100, each place a visit of 8",
        BATCH,
        EVENTS_OF_BATCH,
        OF_A_VISIT,
    ),
    ("single events, never the same person twice", SINGLE, 1, 1),
];

pub(super) fn measure(setup: &Setup) -> Outcome<Section> {
    let people = setup.effort.large;
    let (_sink, sink) = setup.server(&["sink"])?;
    let knowing = setup.fresh("memory-data");
    teach(setup, &sink, &knowing, people)?;
    let mut rounds = Vec::new();
    for round in 0..setup.effort.rounds {
        let with = || loads(setup, &sink, &knowing, ON, people, false);
        let without = |say_all| {
            let data = setup.fresh("serve-data");
            let reports = loads(setup, &sink, &data, "", people, say_all);
            remove(&data);
            reports
        };
        // In turns, so that a machine that slows down does not favour one of them.
        rounds.push(if round % 2 == 0 {
            Round {
                with: with()?,
                without: without(false)?,
                told: without(true)?,
            }
        } else {
            let (told, without) = (without(true)?, without(false)?);
            let with = with()?;
            Round {
                with,
                without,
                told,
            }
        });
    }
    remove(&knowing);
    let figures = LOADS.iter().enumerate();
    let figures = figures.flat_map(|(load, (name, ..))| of_load(name, load, &rounds));
    let figures = figures.collect();
    let title = format!("segue serve, with a match memory that knows {people} people");
    Ok(Section { title, figures })
}

/// The reports of each load.
struct Round {
    with: Vec<ClientReport>,
    without: Vec<ClientReport>,
    /// Without it, when each message says what the memory knows of its sender.
    told: Vec<ClientReport>,
}

fn of_load(name: &str, load: usize, rounds: &[Round]) -> [Figure; 4] {
    let compare = |with: &dyn Fn(&Round) -> Option<f64>| median(rounds.iter().filter_map(with));
    let rate = |reports: &[ClientReport]| reports.get(load).map(|one| one.events / one.seconds);
    let cost = |reports: &[ClientReport]| reports.get(load).map(|one| one.cpu_seconds / one.events);
    let throughput = compare(&|round| Some(rate(&round.with)? / rate(&round.without)? * 100.0));
    let of_told = compare(&|round| Some(rate(&round.with)? / rate(&round.told)? * 100.0));
    let processor = compare(&|round| Some((cost(&round.with)? - cost(&round.without)?) * 1e9));
    [
        Figure::new(
            format!("{name}: with it"),
            compare(&|round| rate(&round.with)),
            Unit::EventsPerSecond,
        ),
        Figure::new(
            format!("{name}: of what it is without"),
            throughput,
            Unit::Percent,
        )
        .at_least(AT_LEAST),
        Figure::new(
            format!(
                "{name}: of what it is without, when messages say most of what the memory fills in"
            ),
            of_told,
            Unit::Percent,
        ),
        Figure::new(
            format!("{name}: processor time for an event, more"),
            processor,
            Unit::NanosPerEvent,
        ),
    ]
}

/// Puts a server under each load, one after the other.
fn loads(
    setup: &Setup,
    sink: &str,
    data: &Path,
    more: &str,
    people: u64,
    say_all: bool,
) -> Outcome<Vec<ClientReport>> {
    let serve = Serve::start_with(setup, sink, data, more)?;
    LOADS
        .iter()
        .map(|(_, path, batch, messages)| {
            serve.load_by(
                setup,
                path,
                *batch,
                setup.effort.load_seconds,
                Visitors {
                    people,
                    messages: *messages,
                    say_all,
                },
            )
        })
        .collect()
}

/// Lets a memory learn of everybody, by a file.
fn teach(setup: &Setup, sink: &str, data: &Path, people: u64) -> Outcome {
    let file = setup.folder.join("people.ndjson");
    let output = File::create(&file).map_err(|error| Problem::file(&file, &error))?;
    let printed = Command::new(&setup.wire)
        .args(["people", &people.to_string()])
        .stdout(Stdio::from(output))
        .status();
    if !printed.is_ok_and(|status| status.success()) {
        return Err(Problem::new(
            format!("{} could not be written", file.display()),
            "make room on the disk and run it again",
        ));
    }
    let settings = setup.settings_with(sink, ON)?;
    let mut send = setup.segue(&["send"]);
    send.arg("--settings").arg(&settings);
    send.arg("--data-dir").arg(data).arg(&file);
    process::run(&mut send, false)?;
    remove(&file);
    Ok(())
}
