//! What the command is made of: the packages that cargo compiles into it for a target, with their licences and checksums.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use serde::Deserialize;

use super::target::Target;
use crate::cargo::{self, Cargo};
use crate::problem::{Outcome, Problem};

/// A package by name and version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id {
    pub(super) name: String,
    pub(super) version: String,
}

/// What is known of a package.
#[derive(Debug, Clone)]
pub(super) struct Package {
    /// The SPDX expression of its manifest.
    pub(super) licence: Option<String>,
    pub(super) description: Option<String>,
    pub(super) repository: Option<String>,
    /// SHA-256 of its archive in the registry, hex digits; none for crates of ours.
    pub(super) checksum: Option<String>,
    /// Its sources on this machine.
    pub(super) folder: PathBuf,
    pub(super) dependencies: BTreeSet<Id>,
}

impl Package {
    /// Whether it comes from a registry.
    pub(super) fn is_foreign(&self) -> bool {
        self.checksum.is_some()
    }
}

/// Packages by name and version.
pub(super) type Packages = BTreeMap<Id, Package>;

/// The packages of the command, itself among them. Build scripts and tests are not in it, macros are.
pub(super) fn of_command(target: &Target) -> Outcome<Packages> {
    let next = "run `cargo fetch`, and commit Cargo.lock when it changes";
    let tree = Cargo::new([
        "tree",
        "--locked",
        "--package",
        "segue",
        "--edges",
        "normal",
    ])
    .arguments([
        "--prefix",
        "none",
        "--format",
        "{p}",
        "--target",
        target.triple,
    ])
    .read(next)?;
    let metadata = Cargo::new(["metadata", "--locked", "--format-version", "1"])
        .arguments(["--filter-platform", target.triple])
        .read(next)?;
    let path = cargo::root().join("Cargo.lock");
    let lock = fs::read_to_string(&path).map_err(|error| Problem::file(&path, &error))?;
    let packages = packages(&tree, &metadata, &lock)
        .map_err(|error| Problem::new(format!("what cargo says cannot be read: {error}"), next))?;
    match packages
        .iter()
        .find(|(_, package)| package.licence.is_none())
    {
        Some((id, _)) => Err(Problem::new(
            format!("{} {} declares no licence", id.name, id.version),
            "replace the dependency, or ask its authors",
        )),
        None => Ok(packages),
    }
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Described>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Described {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    description: Option<String>,
    repository: Option<String>,
    manifest_path: PathBuf,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    dependencies: Vec<String>,
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    checksum: Option<String>,
}

fn packages(tree: &str, metadata: &str, lock: &str) -> Result<Packages, String> {
    let metadata: Metadata = serde_json::from_str(metadata).map_err(|error| error.to_string())?;
    let lock: Lock = toml::from_str(lock).map_err(|error| error.message().to_owned())?;
    let wanted: BTreeSet<Id> = tree.lines().filter_map(id_of_line).collect();
    let ids: BTreeMap<&str, Id> = metadata
        .packages
        .iter()
        .map(|package| (package.id.as_str(), id(&package.name, &package.version)))
        .collect();
    let edges: BTreeMap<&str, &[String]> = metadata
        .resolve
        .nodes
        .iter()
        .map(|node| (node.id.as_str(), node.dependencies.as_slice()))
        .collect();
    let mut packages = Packages::new();
    for package in &metadata.packages {
        let id = id(&package.name, &package.version);
        if !wanted.contains(&id) {
            continue;
        }
        let locked = lock
            .package
            .iter()
            .find(|locked| locked.name == id.name && locked.version == id.version);
        let dependencies = edges.get(package.id.as_str()).copied().unwrap_or_default();
        let described = Package {
            licence: package.license.clone(),
            description: package.description.clone(),
            repository: package.repository.clone(),
            checksum: locked.and_then(|locked| locked.checksum.clone()),
            folder: package
                .manifest_path
                .parent()
                .map(PathBuf::from)
                .unwrap_or_default(),
            dependencies: dependencies
                .iter()
                .filter_map(|dependency| ids.get(dependency.as_str()))
                .filter(|dependency| wanted.contains(dependency))
                .cloned()
                .collect(),
        };
        packages.insert(id, described);
    }
    match wanted.iter().find(|id| !packages.contains_key(id)) {
        Some(id) => Err(format!("{} {} is not described", id.name, id.version)),
        None => Ok(packages),
    }
}

fn id(name: &str, version: &str) -> Id {
    Id {
        name: name.to_owned(),
        version: version.to_owned(),
    }
}

/// `serde v1.0.229 (proc-macro)` and the like.
fn id_of_line(line: &str) -> Option<Id> {
    let mut words = line.split(' ');
    let name = words.next()?;
    let version = words.next()?.strip_prefix('v')?;
    Some(id(name, version))
}

#[cfg(test)]
mod tests {
    use super::{id, packages};

    const METADATA: &str = r#"{"packages":[
        {"id":"a","name":"segue","version":"0.2.0","license":"MIT","description":null,"repository":null,"manifest_path":"/w/segue/Cargo.toml"},
        {"id":"b","name":"serde","version":"1.0.1","license":"MIT OR Apache-2.0","description":"d","repository":"https://r","manifest_path":"/c/serde/Cargo.toml"},
        {"id":"c","name":"cc","version":"1.2.0","license":"MIT","description":null,"repository":null,"manifest_path":"/c/cc/Cargo.toml"}],
        "resolve":{"nodes":[{"id":"a","dependencies":["b","c"]},{"id":"b","dependencies":[]},{"id":"c","dependencies":[]}]}}"#;
    const LOCK: &str = "[[package]]\nname = \"segue\"\nversion = \"0.2.0\"\n\n[[package]]\nname = \"serde\"\nversion = \"1.0.1\"\nchecksum = \"ab12\"\n";

    #[test]
    fn what_the_tree_names_is_described_and_the_rest_is_left_out() {
        let tree = "segue v0.2.0 (/w/segue)\nserde v1.0.1 (*)\n\n";
        let found = packages(tree, METADATA, LOCK).unwrap();
        assert_eq!(found.len(), 2);
        let command = &found[&id("segue", "0.2.0")];
        assert!(!command.is_foreign());
        assert_eq!(command.dependencies, [id("serde", "1.0.1")].into());
        let serde = &found[&id("serde", "1.0.1")];
        assert_eq!(serde.checksum.as_deref(), Some("ab12"));
        assert!(packages("tokio v1.0.0\n", METADATA, LOCK).is_err());
    }
}
