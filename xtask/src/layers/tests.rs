//! The diagram holds for this workspace, and each of its rules can fail.

use super::{Edge, Graph, Member, check, engines, findings, forbidden};

fn edge(from: &str, to: &str) -> Edge {
    Edge {
        from: from.to_owned(),
        to: to.to_owned(),
        for_tests: false,
    }
}

fn member(name: &str, foreign: &[&str]) -> Member {
    Member {
        name: name.to_owned(),
        foreign: foreign.iter().map(|name| (*name).to_owned()).collect(),
        ..Member::default()
    }
}

fn edge_of_tests(from: &str, to: &str) -> Edge {
    Edge {
        for_tests: true,
        ..edge(from, to)
    }
}

#[test]
fn this_workspace_obeys_the_diagram() {
    assert_eq!(check().map_err(|problem| problem.to_string()), Ok(()));
}

#[test]
fn the_edges_of_the_diagram_are_allowed() {
    for (from, to) in [
        ("segue", "graph-sandbox"),
        ("segue", "segment-spec"),
        ("conversions-delivery", "conversions-transport"),
        ("conversions-mapping", "segment-spec"),
        ("segment-spec", "skim-json"),
        ("e2e", "segue"),
        ("xtask", "conversions-mapping"),
    ] {
        assert_eq!(forbidden(&edge(from, to)), None, "{from} → {to}");
    }
}

#[test]
fn edges_up_and_sideways_are_refused() {
    for (from, to) in [
        ("facebook-conversions", "conversions-mapping"),
        ("conversions-ingest", "conversions-delivery"),
        ("conversions-delivery", "conversions-ingest"),
        ("segment-spec", "facebook-conversions"),
        ("skim-json", "segment-spec"),
        ("conversions-transport", "conversions-mapping"),
        ("conversions-mapping", "graph-sandbox"),
    ] {
        assert!(forbidden(&edge(from, to)).is_some(), "{from} → {to}");
        assert!(
            forbidden(&edge_of_tests(from, to)).is_some(),
            "{from} → {to} for tests"
        );
    }
}

#[test]
fn a_lower_crate_that_the_diagram_does_not_name_is_for_tests_only() {
    assert!(forbidden(&edge("conversions-delivery", "graph-sandbox")).is_some());
    assert_eq!(
        forbidden(&edge_of_tests("conversions-delivery", "graph-sandbox")),
        None
    );
    assert!(forbidden(&edge("conversions-transport", "segment-spec")).is_some());
}

#[test]
fn an_edge_to_a_crate_outside_of_the_product_is_refused() {
    assert!(forbidden(&edge("segue", "xtask")).is_some());
    assert!(forbidden(&edge_of_tests("segue", "e2e")).is_some());
}

#[test]
fn a_crate_without_a_place_is_refused() {
    let graph = Graph {
        members: vec![member("newcomer", &[])],
        edges: Vec::new(),
    };
    assert_eq!(findings(&graph), ["newcomer has no place in the diagram"]);
}

#[test]
fn only_the_bridge_knows_both_vocabularies() {
    let members = [
        "graph-sandbox",
        "conversions-mapping",
        "segment-spec",
        "facebook-conversions",
    ];
    let graph = |from: &str| Graph {
        members: members.map(|name| member(name, &[])).into(),
        edges: vec![
            edge(from, "segment-spec"),
            edge(from, "facebook-conversions"),
        ],
    };
    assert!(findings(&graph("conversions-mapping")).is_empty());
    let sandbox = findings(&graph("graph-sandbox"));
    assert!(
        sandbox
            .iter()
            .any(|finding| finding.contains("both vocabularies")),
        "{sandbox:?}"
    );
}

#[test]
fn a_storage_engine_is_refused_outside_of_its_crate() {
    assert!(engines(&member("conversions-disk-log", &["redb"])).is_empty());
    assert_eq!(engines(&member("segue", &["redb", "clap"])).len(), 1);
}
