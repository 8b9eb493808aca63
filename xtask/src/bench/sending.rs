//! `segue send` to a sink on the loopback, next to the naive mapper posting to the same sink.

use super::figure::{Figure, Section, Unit, median};
use super::mapping::as_float;
use super::process;
use super::setup::{Setup, remove};
use crate::problem::Outcome;

pub(super) fn measure(setup: &Setup) -> Outcome<Section> {
    let file = setup.file("events.ndjson", setup.effort.file)?;
    let path = file.display().to_string();
    let (_sink, address) = setup.server(&["sink"])?;
    let settings = setup.settings(&address)?.display().to_string();
    let data = setup.fresh("send-data");
    let data_dir = data.display().to_string();
    let (mut naive, mut memory, mut disk) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..setup.effort.rounds {
        let report = setup.client(&["post", &path, &address])?;
        naive.push(report.events / report.seconds);
        let rate = |arguments: &[&str]| {
            let finished = process::run(&mut setup.segue(arguments), false)?;
            let events = as_float(setup.effort.file);
            Outcome::Ok((
                events / finished.seconds,
                finished.cpu_seconds * 1e9 / events,
            ))
        };
        memory.push(rate(&["send", "--settings", &settings, &path])?);
        remove(&data);
        disk.push(rate(&[
            "send",
            "--settings",
            &settings,
            "--data-dir",
            &data_dir,
            &path,
        ])?);
    }
    remove(&data);
    remove(&file);
    let baseline = Figure::new(
        "baseline: naive mapper",
        median(naive.iter().copied()),
        Unit::EventsPerSecond,
    );
    let mut figures = vec![baseline];
    for (name, rounds) in [
        ("segue send FILE", memory),
        ("segue send --data-dir DIR FILE", disk),
    ] {
        let ratio = median(
            rounds
                .iter()
                .zip(&naive)
                .map(|((ours, _), naive)| ours / naive),
        );
        let rate = median(rounds.iter().map(|(rate, _)| *rate));
        let cpu = median(rounds.iter().map(|(_, cpu)| *cpu));
        figures
            .push(Figure::new(name, rate, Unit::EventsPerSecond).times(ratio, "the naive mapper"));
        let name = format!("{name}: processor time for an event");
        figures.push(Figure::new(name, cpu, Unit::NanosPerEvent));
    }
    Ok(Section {
        title: "segue send, file to HTTP".to_owned(),
        figures,
    })
}

/// The most memory that sending a large file takes.
pub(super) fn memory(setup: &Setup) -> Outcome<Vec<Figure>> {
    let file = setup.file("large.ndjson", setup.effort.large)?;
    let path = file.display().to_string();
    let (_sink, address) = setup.server(&["sink"])?;
    let settings = setup.settings(&address)?.display().to_string();
    let data = setup.fresh("send-data");
    let data_dir = data.display().to_string();
    let events = setup.effort.large;
    let plain = process::run(
        &mut setup.segue(&["send", "--settings", &settings, &path]),
        false,
    );
    let durable = [
        "send",
        "--settings",
        &settings,
        "--data-dir",
        &data_dir,
        &path,
    ];
    let durable = process::run(&mut setup.segue(&durable), false);
    remove(&data);
    remove(&file);
    let figure = |name: &str, peak| {
        Figure::new(format!("{name}, {events} events"), peak, Unit::Megabytes).at_most(100.0)
    };
    Ok(vec![
        figure("segue send", plain?.peak_megabytes),
        figure("segue send --data-dir", durable?.peak_megabytes),
    ])
}
