//! The workspace's own dependency graph, out of `cargo metadata`.

use serde::Deserialize;

use crate::problem::{Outcome, Problem};

/// Members of the workspace and the edges between them.
#[derive(Debug, Default)]
pub(super) struct Graph {
    /// Names of packages.
    pub(super) members: Vec<String>,
    /// Edges between members only.
    pub(super) edges: Vec<Edge>,
}

/// One member depends on another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) from: String,
    pub(super) to: String,
    /// A dev-dependency: no user of the crate gets it.
    pub(super) for_tests: bool,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

impl Graph {
    /// Reads the output of `cargo metadata --no-deps`.
    pub(super) fn of_metadata(json: &str) -> Outcome<Self> {
        let metadata: Metadata = serde_json::from_str(json).map_err(|error| {
            Problem::new(
                format!("`cargo metadata` wrote something unexpected: {error}"),
                "run `cargo metadata --no-deps` and look at its output",
            )
        })?;
        let members: Vec<String> = metadata
            .packages
            .iter()
            .map(|package| package.name.clone())
            .collect();
        let mut edges = Vec::new();
        for package in metadata.packages {
            for dependency in package.dependencies {
                if members.contains(&dependency.name) {
                    edges.push(Edge {
                        from: package.name.clone(),
                        to: dependency.name,
                        for_tests: dependency.kind.as_deref() == Some("dev"),
                    });
                }
            }
        }
        Ok(Self { members, edges })
    }

    /// Whether the workspace has such a member.
    pub(super) fn has(&self, name: &str) -> bool {
        self.members.iter().any(|member| member == name)
    }

    /// Whether users of `from` get `to`, directly or through others.
    pub(super) fn reaches(&self, from: &str, to: &str) -> bool {
        self.edges
            .iter()
            .filter(|edge| edge.from == from && !edge.for_tests)
            .any(|edge| edge.to == to || self.reaches(&edge.to, to))
    }
}
