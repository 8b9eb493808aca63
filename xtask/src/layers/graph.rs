//! The workspace's own dependency graph, out of `cargo metadata`.

use std::path::PathBuf;

use serde::Deserialize;

use crate::problem::{Outcome, Problem};

/// Members of the workspace and the edges between them.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) members: Vec<Member>,
    /// Edges between members only.
    pub(super) edges: Vec<Edge>,
}

/// A package of the workspace.
#[derive(Debug, Default)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) folder: PathBuf,
    /// Packages of others that it names in its manifest, those of tests left out.
    pub(super) foreign: Vec<String>,
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
    manifest_path: PathBuf,
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
        let names: Vec<String> = metadata
            .packages
            .iter()
            .map(|package| package.name.clone())
            .collect();
        let mut graph = Self::default();
        for package in metadata.packages {
            let mut member = Member {
                name: package.name,
                folder: package.manifest_path.with_file_name(""),
                foreign: Vec::new(),
            };
            for Dependency { name, kind } in package.dependencies {
                let for_tests = kind.as_deref() == Some("dev");
                if names.contains(&name) {
                    graph.edges.push(Edge {
                        from: member.name.clone(),
                        to: name,
                        for_tests,
                    });
                } else if !for_tests {
                    member.foreign.push(name);
                }
            }
            graph.members.push(member);
        }
        Ok(graph)
    }

    /// Whether the workspace has such a member.
    pub(super) fn has(&self, name: &str) -> bool {
        self.members.iter().any(|member| member.name == name)
    }

    /// Whether users of `from` get `to`, directly or through others.
    pub(super) fn reaches(&self, from: &str, to: &str) -> bool {
        self.edges
            .iter()
            .filter(|edge| edge.from == from && !edge.for_tests)
            .any(|edge| edge.to == to || self.reaches(&edge.to, to))
    }
}
