//! The libraries on one core: what mapping is made of, next to the stick, for every mix.

use std::process::Command;

use serde::Deserialize;

use super::figure::{Figure, Section, Unit};
use super::process;
use super::scene::Scene;
use crate::problem::{Outcome, Problem};

const MIXES: [&str; 5] = ["shop", "tiny", "orders", "escapes", "non-ascii"];
/// The stick that mapping is put in relation to.
const TOY: &str = "stick: toy";

/// A line of `loops`.
#[derive(Deserialize)]
pub(super) struct Timed {
    mix: String,
    #[serde(rename = "loop")]
    name: String,
    nanos: f64,
    bytes: f64,
}

pub(super) fn measure(scene: &Scene) -> Outcome<Section> {
    let timed = run(scene, scene.effort.messages, &MIXES)?;
    let mut figures = Vec::new();
    for mix in MIXES {
        let of_mix = || timed.iter().filter(|timed| timed.mix == mix);
        let toy = of_mix()
            .find(|timed| timed.name == TOY)
            .map_or(1.0, |toy| toy.nanos);
        for timed in of_mix() {
            let name = format!("{mix} ({:.1} KB): {}", timed.bytes / 1000.0, timed.name);
            let figure = Figure::new(name, timed.nanos, Unit::NanosPerEvent);
            figures.push(if timed.name == TOY {
                figure
            } else {
                figure.times(timed.nanos / toy, "the toy")
            });
        }
    }
    Ok(Section {
        title: "Libraries, one core, time for an event".to_owned(),
        figures,
    })
}

/// What mapping an event of a shop costs at this moment, in nanoseconds.
pub(super) fn map_nanos(scene: &Scene) -> Outcome<(f64, f64)> {
    let timed = run(scene, 2000, &["shop"])?;
    let of = |name: &str| {
        timed
            .iter()
            .find(|timed| timed.name == name)
            .map_or(1.0, |timed| timed.nanos)
    };
    Ok((of("map"), of("map with notes")))
}

fn run(scene: &Scene, messages: usize, mixes: &[&str]) -> Outcome<Vec<Timed>> {
    let mut command = Command::new(&scene.loops);
    command
        .args([
            messages.to_string(),
            (2 * scene.effort.rounds + 1).to_string(),
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
