//! The dashboard and the alerting rules in `deploy` ask only for what `/metrics` really offers.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use graph_sandbox::Sandbox;
use serde_json::Value;

use crate::server::{Graph, KEY, Place, eventually, track};

const DASHBOARD: &str = include_str!("../../../../deploy/grafana.json");
const RULES: &str = include_str!("../../../../deploy/alerts.yml");
/// Parts of a histogram, each a name of its own in expressions.
const HISTOGRAM: [&str; 3] = ["_bucket", "_sum", "_count"];

/// The names of the metrics on a page, with the labels that their lines have.
fn offered(page: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut offered: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in page.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let name = rest.split(' ').next().unwrap_or_default();
            offered.entry(name.to_owned()).or_default();
        } else if !line.starts_with('#') {
            let name = line.split(['{', ' ']).next().unwrap_or_default();
            let labels = line
                .split_once('{')
                .and_then(|(_, rest)| rest.split_once('}'));
            let labels = labels.map_or("", |(labels, _)| labels).split("\",");
            let labels = labels.filter_map(|label| Some(label.split_once('=')?.0.to_owned()));
            offered.entry(name.to_owned()).or_default().extend(labels);
        }
    }
    offered
}

/// The names in an expression that begin with `segue_`.
fn names(expression: &str) -> BTreeSet<String> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let words = expression.split(|letter| !is_part(letter));
    words
        .filter(|word| word.starts_with("segue_"))
        .map(str::to_owned)
        .collect()
}

/// The labels that an expression groups by, and those that it selects by.
fn labels(expression: &str) -> BTreeSet<String> {
    let mut labels = BTreeSet::new();
    for part in expression.split("by (").skip(1) {
        let grouped = part.split(')').next().unwrap_or_default();
        labels.extend(grouped.split(',').map(|label| label.trim().to_owned()));
    }
    for part in expression.split('{').skip(1) {
        let selected = part.split('}').next().unwrap_or_default();
        let names = selected
            .split("\",")
            .filter_map(|label| label.split(['=', '!']).next());
        labels.extend(names.map(|label| label.trim().to_owned()));
    }
    labels
}

fn dashboard() -> Vec<String> {
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    panels
        .flat_map(|panel| panel["targets"].as_array().unwrap())
        .map(|target| target["expr"].as_str().unwrap().to_owned())
        .collect()
}

/// The text of each rule.
fn rules() -> Vec<&'static str> {
    RULES.split("- alert: ").skip(1).collect()
}

fn expression(rule: &str) -> &str {
    let after = rule.split_once("expr: ").unwrap().1;
    let end = [" for:", " labels:"]
        .iter()
        .filter_map(|end| after.find(end))
        .min();
    &after[..end.unwrap()]
}

#[test]
fn dashboard_and_rules_ask_for_what_the_page_of_metrics_offers() {
    let place = Place::new();
    let graph = Graph::start(Sandbox::builder());
    place.settings_for(graph.sandbox().url(), "");
    let server = place.serve(&[
        "--settings",
        "segue.toml",
        "--write-key",
        KEY,
        "--data-dir",
        "data",
    ]);
    assert_eq!(server.track(&track(KEY, "m-1")).status, 200);
    server.track(&track("wrong", "m-2"));
    eventually("it is delivered", || {
        server.metric("segue_events_delivered_total", "") > 0.0
    });
    let offered = offered(&server.ops("/metrics").body);
    let expressions = dashboard()
        .into_iter()
        .chain(rules().into_iter().map(|rule| expression(rule).to_owned()));
    // `segue consume` has metrics of its own, and `cargo xtask brokers` compares them.
    let expressions: Vec<_> = expressions
        .filter(|expression| !expression.contains("segue_consume_"))
        .collect();
    assert!(expressions.len() > 20);
    for expression in &expressions {
        let names = names(expression);
        assert!(!names.is_empty(), "{expression}");
        for name in &names {
            assert!(offered.contains_key(name), "{name} of {expression}");
            let known = &offered[name];
            for label in labels(expression) {
                assert!(
                    known.contains(&label),
                    "{name} has no label {label}: {known:?}"
                );
            }
        }
    }
    let used: BTreeSet<_> = expressions
        .iter()
        .flat_map(|expression| names(expression))
        .collect();
    let base = |name: &String| {
        HISTOGRAM
            .iter()
            .find_map(|part| name.strip_suffix(part))
            .unwrap_or(name)
            .to_owned()
    };
    let used: BTreeSet<_> = used.iter().map(base).collect();
    for name in [
        "segue_destination_held",
        "segue_oldest_event_age_seconds",
        "segue_disk_used_ratio",
        "segue_settings_refused",
    ] {
        assert!(used.contains(name), "{name} is not watched");
    }
}

#[test]
fn every_rule_says_how_bad_it_is_and_what_to_do() {
    for rule in rules() {
        for part in ["expr: ", "severity: ", "summary: \"", "runbook: \""] {
            assert_eq!(rule.matches(part).count(), 1, "{part} of {rule}");
        }
    }
    // The real checker, on machines that have it.
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/alerts.yml");
    let promtool = Command::new("promtool")
        .args(["check", "rules", rules])
        .output();
    match promtool {
        Ok(output) => assert!(output.status.success(), "{output:?}"),
        Err(error) => eprintln!(
            "deploy/alerts.yml is not checked by promtool, which cannot be run here ({error}); the Debian package `prometheus` has it"
        ),
    }
}
