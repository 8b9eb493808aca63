//! What was measured, as tables.

use super::cores::Cores;
use super::round::{Kind, Phase, Round};
use crate::bench::figure::{Figure, Section, Unit, median};

/// How much of the raw client's rate is expected.
const AT_LEAST: f64 = 0.7;
const MILLIS_AT_MOST: f64 = 100.0;
const MEGABYTES_AT_MOST: f64 = 150.0;

/// The figures of requests of one kind.
pub(super) fn of_kind(cores: &Cores, kind: Kind, rounds: &[Round]) -> Section {
    let middle = |of: &dyn Fn(&Round) -> f64| median(rounds.iter().map(of));
    let rate = |name: &str, of: fn(&Round) -> &Phase, raw: fn(&Round) -> &Phase| {
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
    let mut figures = vec![
        rate("ingest", |round| &round.ingest, |round| &round.raw_publish),
        half_load,
        full_load,
    ];
    figures.extend(costs(cores, rounds, "ingest", "the load", |round| {
        &round.ingest
    }));
    figures.extend(costs(
        cores,
        rounds,
        "raw publishing",
        "the raw client",
        |round| &round.raw_publish,
    ));
    figures.push(rate(
        "deliver",
        |round| &round.deliver,
        |round| &round.raw_consume,
    ));
    figures.extend(costs(
        cores,
        rounds,
        "delivery",
        "the server that stands for Meta",
        |round| &round.deliver,
    ));
    figures.extend(costs(
        cores,
        rounds,
        "raw consuming",
        "the raw client",
        |round| &round.raw_consume,
    ));
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

/// The processor time of a part for an event, by who took it, and how busy the cores were.
fn costs(
    cores: &Cores,
    rounds: &[Round],
    part: &str,
    other: &str,
    of: fn(&Round) -> &Phase,
) -> Vec<Figure> {
    let middle = |seconds: &dyn Fn(&Phase) -> f64| {
        median(rounds.iter().map(|round| {
            let phase = of(round);
            seconds(phase) * 1e9 / phase.report.events.max(1.0)
        }))
    };
    let cost = |who: &str, seconds: &dyn Fn(&Phase) -> f64| {
        Unit::NanosPerEvent
            .of(middle(seconds))
            .named(format!("{part}: processor time of {who} for an event"))
    };
    let busy = |whose: &str, seconds: &dyn Fn(&Phase) -> f64, count: f64| {
        let share = |round: &Round| seconds(of(round)) / of(round).report.seconds / count;
        Unit::Percent
            .of(median(rounds.iter().map(share)) * 100.0)
            .named(format!("{part}: {whose} busy"))
    };
    let mut figures = vec![cost("the NATS servers", &|phase| phase.brokers)];
    if rounds.iter().any(|round| of(round).node > 0.0) {
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
