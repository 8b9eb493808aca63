//! `cargo xtask layers`: which crate may depend on which. The table below is the architecture's diagram; cargo says what
//! the manifests have.
//!
//! A crate of the table that does not exist yet is ignored; a crate that is not in the table is refused. Dependencies of
//! tests go to a lower layer too, but to any crate of it: a test that needs more belongs into `tests/`.

mod circles;
mod command;
mod graph;

use crate::cargo::Cargo;
use crate::problem::{Outcome, Problem};
use graph::{Edge, Graph, Member};

#[derive(clap::Args)]
pub(crate) struct Args {}

/// A crate of ours, its layer, and the crates of ours that it may depend on.
struct Rule {
    name: &'static str,
    layer: u8,
    knows: Knows,
}

enum Knows {
    /// Every crate of a lower layer.
    AllBelow,
    /// These and no others.
    Only(&'static [&'static str]),
}

const fn rule(layer: u8, name: &'static str, knows: Knows) -> Rule {
    Rule { name, layer, knows }
}

use Knows::{AllBelow, Only};

/// The vocabulary of the sender.
const SEGMENT: &str = "segment-spec";
/// The vocabulary of the receiver.
const META: &str = "facebook-conversions";
/// The only library of layers 0 and 1 that knows both.
const BRIDGE: &str = "conversions-mapping";
/// How JSON is read: no vocabulary at all.
const JSON: &str = "skim-json";
const TRANSPORT: &str = "conversions-transport";
const SANDBOX: &str = "graph-sandbox";

const DELIVERY: &str = "conversions-delivery";
const DISK_LOG: &str = "conversions-disk-log";
const NATS_LOG: &str = "conversions-log-nats";
const INPUT: &str = "conversions-input";
/// A connection to NATS, for the log and the input.
const NATS: &str = "conversions-nats";
/// The command.
const COMMAND: &str = "segue";

#[rustfmt::skip]
const DIAGRAM: &[Rule] = &[
    rule(5, COMMAND,                AllBelow),
    rule(4, "segue-app",            AllBelow),
    rule(3, "segue-console",        AllBelow),
    rule(3, "segue-insight",        AllBelow),
    rule(3, "segue-settings",       AllBelow),
    rule(3, DISK_LOG,               Only(&[DELIVERY, TRANSPORT, META])),
    rule(3, NATS_LOG,               Only(&[DELIVERY, TRANSPORT, META, NATS])),
    rule(3, INPUT,                  Only(&[NATS])),
    rule(2, "conversions-ingest",   Only(&[BRIDGE, TRANSPORT, SEGMENT, META])),
    rule(2, NATS,                   Only(&[])),
    rule(2, DELIVERY,               Only(&[TRANSPORT, META])),
    rule(2, "conversions-history",  Only(&[META])),
    rule(2, "conversions-files",    Only(&[BRIDGE, TRANSPORT, SEGMENT, META])),
    rule(2, "match-quality",        Only(&[BRIDGE, SEGMENT, META])),
    rule(2, "match-memory",         Only(&[META])),
    rule(1, BRIDGE,                 Only(&[SEGMENT, META])),
    rule(1, TRANSPORT,              Only(&[META])),
    rule(1, SANDBOX,                Only(&[META])),
    rule(0, SEGMENT,                Only(&[])),
    rule(0, META,                   Only(&[])),
    rule(0, JSON,                   Only(&[])),
];

/// Crates of layer 0 that say nothing about events: every other crate may depend on them, those of layer 0 too.
const FOUNDATIONS: &[&str] = &[JSON];

/// Storage engines and clients of brokers, and the crates that may name them: another one stands behind the same trait.
const ENGINES: [(&str, &[&str]); 4] = [
    ("redb", &[DISK_LOG]),
    ("rusqlite", &[DISK_LOG]),
    ("async-nats", &[NATS, NATS_LOG, INPUT, "bench"]),
    ("rdkafka", &[INPUT, "e2e"]),
];

/// Members that are not part of the product: they may depend on every crate, and no crate may depend on them.
const OUTSIDE: &[&str] = &["bench", "e2e", "reference-pages", "xtask"];

/// What an embedder of layers 0 and 1 must not be made to compile: async runtimes, HTTP clients and servers.
const HEAVY: &[&str] = &[
    "async-std",
    "axum",
    "h2",
    "hyper",
    "isahc",
    "mio",
    "reqwest",
    "smol",
    "tokio",
    "tower-http",
    "ureq",
];

/// Crates of layers 0 and 1 whose job is a server.
const SERVERS: &[&str] = &[SANDBOX];

pub(crate) fn run(_: &Args) -> Outcome {
    check()?;
    println!("every edge goes downwards; files import each other in these circles only:");
    circles::print_allowed();
    Ok(())
}

/// Fails when an edge of the dependency graph is not in the diagram, or the command does what libraries are for.
pub(crate) fn check() -> Outcome {
    let graph = graph()?;
    let mut findings = findings(&graph);
    for rule in DIAGRAM
        .iter()
        .filter(|rule| rule.layer <= 1 && !SERVERS.contains(&rule.name))
    {
        if graph.has(rule.name) {
            findings.extend(heavy_dependencies(rule.name)?);
        }
    }
    for member in &graph.members {
        findings.extend(engines(member));
        if member.name == COMMAND {
            findings.extend(command::findings(member)?);
        }
    }
    findings.extend(circles::findings(&graph.members)?);
    refuse(
        &findings,
        "remove the edge, move the code to the crate that may have it, or, when the architecture changes, change its \
         diagram in ARCHITECTURE.md and the table in xtask/src/layers.rs in the same commit; of a circle of files, move \
         what several of them need into a file of its own",
    )
}

/// Fails when there are findings.
fn refuse(findings: &[String], next: &str) -> Outcome {
    if findings.is_empty() {
        return Ok(());
    }
    Err(Problem::new(findings.join("\n       "), next))
}

/// The packages of the workspace and their dependencies.
fn graph() -> Outcome<Graph> {
    let metadata = Cargo::new([
        "metadata",
        "--format-version",
        "1",
        "--no-deps",
        "--offline",
    ])
    .read("correct the manifest that the message above names")?;
    Graph::of_metadata(&metadata)
}

/// A sentence for each storage engine that the crate must not name.
fn engines(member: &Member) -> Vec<String> {
    let foreign = ENGINES.iter().filter(|(engine, owners)| {
        member.foreign.iter().any(|name| name == engine) && !owners.contains(&member.name.as_str())
    });
    foreign
        .map(|(engine, owners)| {
            format!(
                "{} → {engine}: {engine} is for {}",
                member.name,
                list(owners)
            )
        })
        .collect()
}

/// What the diagram forbids, one sentence each.
fn findings(graph: &Graph) -> Vec<String> {
    let mut findings = Vec::new();
    for member in &graph.members {
        let name = member.name.as_str();
        if rule_of(name).is_none() && !OUTSIDE.contains(&name) {
            findings.push(format!("{name} has no place in the diagram"));
        }
    }
    findings.extend(graph.edges.iter().filter_map(forbidden));
    for rule in DIAGRAM
        .iter()
        .filter(|rule| rule.layer <= 1 && rule.name != BRIDGE)
    {
        if graph.reaches(rule.name, SEGMENT) && graph.reaches(rule.name, META) {
            findings.push(format!(
                "{} knows both vocabularies; only {BRIDGE} may",
                rule.name
            ));
        }
    }
    findings
}

/// What is wrong with an edge, if anything is.
fn forbidden(edge: &Edge) -> Option<String> {
    let Edge {
        from,
        to,
        for_tests,
    } = edge;
    let is_outside = |name: &String| OUTSIDE.contains(&name.as_str());
    if is_outside(to) && !is_outside(from) {
        return Some(format!(
            "{from} → {to}: {to} is not part of the product, no crate may depend on it"
        ));
    }
    let is_foundation = |name: &str| FOUNDATIONS.contains(&name);
    if is_foundation(to) && !is_foundation(from) {
        return None;
    }
    let (lower, upper) = (rule_of(to)?, rule_of(from)?);
    if lower.layer >= upper.layer {
        return Some(format!(
            "{from} (layer {}) → {to} (layer {}): an edge goes to a strictly lower layer",
            upper.layer, lower.layer,
        ));
    }
    match upper.knows {
        Only(known) if !for_tests && !known.contains(&to.as_str()) => Some(format!(
            "{from} → {to}: {from} may depend on {}",
            list(known)
        )),
        Only(_) | AllBelow => None,
    }
}

fn rule_of(name: &str) -> Option<&'static Rule> {
    DIAGRAM.iter().find(|rule| rule.name == name)
}

fn list(names: &[&str]) -> String {
    if names.is_empty() {
        "no crate of ours".to_owned()
    } else {
        format!("{} only", names.join(", "))
    }
}

/// The runtimes and HTTP crates in the normal dependency tree of an embeddable crate, as sentences.
fn heavy_dependencies(name: &str) -> Outcome<Vec<String>> {
    let mut arguments = vec![
        "tree", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{lib}",
    ];
    arguments.extend(["--package", name]);
    // The Graph API over HTTP is a default feature of the transport; without it nothing of HTTP may be left.
    if name == TRANSPORT {
        arguments.push("--no-default-features");
    }
    let tree = Cargo::new(arguments).read(
        "run `cargo fetch`, commit Cargo.lock when it changes, then run `cargo xtask layers` again",
    )?;
    // Crates that were listed already carry a mark behind their name.
    let names = || tree.lines().filter_map(|line| line.split(' ').next());
    let heavy = HEAVY
        .iter()
        .filter(|heavy| names().any(|name| name == heavy.replace('-', "_")));
    Ok(heavy
        .map(|heavy| format!("{name} pulls in {heavy}: an embedder gets no runtime and no HTTP"))
        .collect())
}

#[cfg(test)]
mod tests;
