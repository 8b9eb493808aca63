//! `segue send` to a sink on the loopback, next to a toy that posts to the same sink.

use super::figure::{Figure, Section, Unit, median};
use super::mapping::as_float;
use super::process;
use super::scene::{Scene, remove};
use crate::problem::Outcome;

pub(super) fn measure(scene: &Scene) -> Outcome<Section> {
    let file = scene.file("events.ndjson", scene.effort.file)?;
    let path = file.display().to_string();
    let (_sink, address) = scene.server(&["sink"])?;
    let settings = scene.settings(&address)?.display().to_string();
    let data = scene.fresh("send-data");
    let data_dir = data.display().to_string();
    let (mut toy, mut memory, mut disk) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..scene.effort.rounds {
        let told = scene.client(&["post", &path, &address])?;
        toy.push(told.events / told.seconds);
        let rate = |arguments: &[&str]| {
            let finished = process::run(&mut scene.segue(arguments), false)?;
            let events = as_float(scene.effort.file);
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
    let stick = Figure::new(
        "stick: toy",
        median(toy.iter().copied()),
        Unit::EventsPerSecond,
    );
    let mut figures = vec![stick];
    for (name, rounds) in [
        ("segue send FILE", memory),
        ("segue send --data-dir DIR FILE", disk),
    ] {
        let ratio = median(rounds.iter().zip(&toy).map(|((ours, _), toy)| ours / toy));
        let rate = median(rounds.iter().map(|(rate, _)| *rate));
        let cpu = median(rounds.iter().map(|(_, cpu)| *cpu));
        figures.push(Figure::new(name, rate, Unit::EventsPerSecond).times(ratio, "the toy"));
        let name = format!("{name}: processor time for an event");
        figures.push(Figure::new(name, cpu, Unit::NanosPerEvent));
    }
    Ok(Section {
        title: "segue send, file to HTTP".to_owned(),
        figures,
    })
}

/// The most memory that sending a large file takes.
pub(super) fn memory(scene: &Scene) -> Outcome<Vec<Figure>> {
    let file = scene.file("large.ndjson", scene.effort.large)?;
    let path = file.display().to_string();
    let (_sink, address) = scene.server(&["sink"])?;
    let settings = scene.settings(&address)?.display().to_string();
    let data = scene.fresh("send-data");
    let data_dir = data.display().to_string();
    let events = scene.effort.large;
    let plain = process::run(
        &mut scene.segue(&["send", "--settings", &settings, &path]),
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
    let durable = process::run(&mut scene.segue(&durable), false);
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
