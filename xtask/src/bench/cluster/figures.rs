//! What was measured, as tables.

use super::cores::Cores;
use super::round::{Kind, Phase, Raw, Round};
use crate::bench::figure::{Figure, Section, Unit, median};

/// A part of a round.
type Of = fn(&Round) -> &Phase;

/// How much of the raw client's rate is expected.
const AT_LEAST: f64 = 0.7;
const MILLIS_AT_MOST: f64 = 100.0;
const MEGABYTES_AT_MOST: f64 = 150.0;

/// The figures of requests of one kind.
pub(super) fn of_kind(cores: &Cores, kind: Kind, rounds: &[Round]) -> Section {
    let middle = |of: &dyn Fn(&Round) -> f64| median(rounds.iter().map(of));
    let rate = |name: &str, of: Of, raw: Of| {
        Unit::EventsPerSecond
            .of(middle(&|round| of(round).rate()))
            .named(format!("serve --role {name}"))
            .times(
                middle(&|round| of(round).rate() / raw(round).rate()),
                format!("the raw client (at least {AT_LEAST} is expected)"),
            )
    };
    let half_load = Unit::Milliseconds
        .of(middle(&|round| round.half_load.report.micros_p99 / 1000.0))
        .named("99th percentile of the time to the answer, at half of that load")
        .at_most(MILLIS_AT_MOST);
    let full_load = Unit::Milliseconds
        .of(middle(&|round| round.ingest.report.micros_p99 / 1000.0))
        .named("99th percentile of the time to the answer, 64 connections without a pause");
    let ingest: Of = |round| &round.ingest;
    let deliver: Of = |round| &round.deliver;
    let mut figures = vec![
        rate("ingest", ingest, |round| &round.raw.publish),
        half_load,
        full_load,
    ];
    figures.extend(costs(cores, rounds, "ingest", "the load", ingest));
    figures.push(rate("deliver", deliver, |round| &round.raw.consume));
    let meta = "the server that stands for Meta";
    figures.extend(costs(cores, rounds, "delivery", meta, deliver));
    if kind != Kind::Grouped {
        figures.extend(raw(cores, rounds, "raw", |round| round.raw));
    }
    if rounds.iter().all(|round| round.raw_compressed.is_some()) {
        figures.extend(raw(cores, rounds, "compressed raw", |round| {
            round.raw_compressed.unwrap_or(round.raw)
        }));
    }
    let title = format!(
        "segue serve on three NATS servers that sync always, {}: {}",
        match cores {
            Cores::Shared => "which share all cores with it",
            Cores::Apart { .. } => "which have half of the cores for themselves",
        },
        kind.name()
    );
    Section { title, figures }
}

/// The memory of a node.
pub(super) fn memory(megabytes: f64) -> Figure {
    Unit::Megabytes
        .of(megabytes)
        .named("memory of a node, at most")
        .at_most(MEGABYTES_AT_MOST)
}

/// What the raw client did, and in relation to it what segue did.
fn raw(cores: &Cores, rounds: &[Round], name: &str, of: fn(&Round) -> Raw) -> Vec<Figure> {
    let row = |part: &str, segue: Of, phase: fn(&Raw) -> &Phase| {
        let part = format!("{name} {part}");
        let phases: Vec<Phase> = rounds.iter().map(|round| *phase(&of(round))).collect();
        let ratios = rounds.iter().zip(&phases);
        let rate = Unit::EventsPerSecond
            .of(median(phases.iter().map(Phase::rate)))
            .named(part.clone())
            .times(
                median(ratios.map(|(round, phase)| phase.rate() / segue(round).rate())),
                "segue",
            );
        let costs = costs_of(cores, &phases, &part, "the raw client");
        [rate].into_iter().chain(costs)
    };
    let publishing = row("publishing", |round| &round.ingest, |raw| &raw.publish);
    let consuming = row("consuming", |round| &round.deliver, |raw| &raw.consume);
    publishing.chain(consuming).collect()
}

/// The processor time of a part for an event, by who took it, and how busy the cores were.
fn costs(cores: &Cores, rounds: &[Round], part: &str, other: &str, of: Of) -> Vec<Figure> {
    let phases: Vec<Phase> = rounds.iter().map(|round| *of(round)).collect();
    costs_of(cores, &phases, part, other)
}

fn costs_of(cores: &Cores, phases: &[Phase], part: &str, other: &str) -> Vec<Figure> {
    let middle = |seconds: &dyn Fn(&Phase) -> f64| {
        let time = |phase: &Phase| seconds(phase) * 1e9 / phase.report.events.max(1.0);
        median(phases.iter().map(time))
    };
    let cost = |who: &str, seconds: &dyn Fn(&Phase) -> f64| {
        Unit::NanosPerEvent
            .of(middle(seconds))
            .named(format!("{part}: processor time of {who} for an event"))
    };
    let busy = |whose: &str, seconds: &dyn Fn(&Phase) -> f64, count: f64| {
        let share = |phase: &Phase| seconds(phase) / phase.report.seconds / count;
        Unit::Percent
            .of(median(phases.iter().map(share)) * 100.0)
            .named(format!("{part}: {whose} busy"))
    };
    let mut figures = vec![cost("the NATS servers", &|phase| phase.brokers)];
    if phases.iter().any(|phase| phase.node > 0.0) {
        figures.insert(0, cost("the node", &|phase| phase.node));
    }
    figures.push(cost(other, &|phase| phase.other));
    let (of_brokers, of_others) = cores.counts();
    match cores {
        Cores::Shared => figures.push(busy(
            "all cores",
            &|phase| phase.brokers + phase.node + phase.other,
            of_others,
        )),
        Cores::Apart { .. } => figures.extend([
            busy("the servers' cores", &|phase| phase.brokers, of_brokers),
            busy(
                "the other cores",
                &|phase| phase.node + phase.other,
                of_others,
            ),
        ]),
    }
    figures
}
