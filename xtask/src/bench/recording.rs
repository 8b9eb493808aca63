//! What history and trace cost `segue serve`: the same load with them and without, in turns.

use super::figure::{Figure, Section, Unit, median};
use super::serving::{BATCH, EVENTS_OF_BATCH, SINGLE, Serve};
use super::setup::{ClientReport, Setup, remove};
use crate::problem::Outcome;

/// Switches both off.
const OFF: &str = "[history]\nenabled = false\n[trace]\nenabled = false\n";
/// Percent of the throughput that both may cost together.
const AT_MOST: f64 = 5.0;

pub(super) fn measure(setup: &Setup) -> Outcome<Section> {
    let (_sink, sink) = setup.server(&["sink"])?;
    let seconds = setup.effort.load_seconds;
    let mut rounds = Vec::new();
    for round in 0..setup.effort.rounds {
        let one = |more: &str| {
            let data = setup.fresh("serve-data");
            let serve = Serve::start_with(setup, &sink, &data, more)?;
            let reports = [
                serve.load(setup, SINGLE, 1, seconds)?,
                serve.load(setup, BATCH, EVENTS_OF_BATCH, seconds)?,
            ];
            drop(serve);
            remove(&data);
            Outcome::Ok(reports)
        };
        // In turns, so that a machine that slows down does not favour one of them.
        rounds.push(if round % 2 == 0 {
            let with = one("")?;
            (with, one(OFF)?)
        } else {
            let without = one(OFF)?;
            (one("")?, without)
        });
    }
    let percent = |name: &str, of: fn(&ClientReport) -> f64, load: usize| {
        let rounds = rounds.iter().filter_map(|(with, without)| {
            let (with, without) = (of(with.get(load)?), of(without.get(load)?));
            Some((with / without - 1.0) * 100.0)
        });
        Figure::new(name, median(rounds), Unit::Percent)
    };
    let time: fn(&ClientReport) -> f64 = |report| report.seconds / report.events;
    let processor: fn(&ClientReport) -> f64 = |report| report.cpu_seconds / report.events;
    let figures = vec![
        percent("single events: time for an event, more", time, 0).at_most(AT_MOST),
        percent("single events: processor time, more", processor, 0),
        percent("batches of 100 events: time for an event, more", time, 1).at_most(AT_MOST),
        percent("batches of 100 events: processor time, more", processor, 1),
    ];
    let title = "segue serve, with history and trace, compared with neither".to_owned();
    Ok(Section { title, figures })
}
