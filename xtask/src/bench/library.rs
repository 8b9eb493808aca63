//! The libraries on one core: the steps of mapping, next to the baseline, for every mix.

use std::process::Command;

use serde::Deserialize;

use super::figure::{Figure, Section, Unit};
use super::process;
use super::setup::Setup;
use crate::problem::{Outcome, Problem};

const MIXES: [&str; 5] = ["shop", "tiny", "orders", "escapes", "non-ascii"];
/// The baseline that mapping is compared with.
const NAIVE: &str = "baseline: naive mapper";

/// A line of `loops`.
#[derive(Deserialize)]
pub(super) struct Timed {
    mix: String,
    #[serde(rename = "loop")]
    name: String,
    nanos: f64,
    bytes: f64,
}

pub(super) fn measure(setup: &Setup) -> Outcome<Section> {
    let timed = run(setup, setup.effort.messages, &MIXES)?;
    let mut figures = Vec::new();
    for mix in MIXES {
        let of_mix = || timed.iter().filter(|timed| timed.mix == mix);
        let naive = of_mix()
            .find(|timed| timed.name == NAIVE)
            .map_or(1.0, |naive| naive.nanos);
        for timed in of_mix() {
            let name = format!("{mix} ({:.1} KB): {}", timed.bytes / 1000.0, timed.name);
            let figure = Figure::new(name, timed.nanos, Unit::NanosPerEvent);
            figures.push(if timed.name == NAIVE {
                figure
            } else {
                figure.times(timed.nanos / naive, "the naive mapper")
            });
        }
    }
    Ok(Section {
        title: "Libraries, one core, time for an event".to_owned(),
        figures,
    })
}

/// What mapping an event of a shop costs at this moment, in nanoseconds.
pub(super) fn map_nanos(setup: &Setup) -> Outcome<(f64, f64)> {
    let timed = run(setup, 2000, &["shop"])?;
    let of = |name: &str| {
        timed
            .iter()
            .find(|timed| timed.name == name)
            .map_or(1.0, |timed| timed.nanos)
    };
    Ok((of("map"), of("map with notes")))
}

fn run(setup: &Setup, messages: usize, mixes: &[&str]) -> Outcome<Vec<Timed>> {
    let mut command = Command::new(&setup.loops);
    command
        .args([
            messages.to_string(),
            (2 * setup.effort.rounds + 1).to_string(),
        ])
        .args(mixes);
    let finished = process::run(&mut command, true)?;
    let lines = finished.output.lines().map(serde_json::from_str);
    lines.collect::<Result<_, _>>().map_err(|error| {
        Problem::new(
            format!("loops: {error}"),
            "report this as a defect of the bench package",
        )
    })
}
