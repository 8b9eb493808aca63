//! Manifests inherit from the workspace, and the root has the files that a stranger looks for: README, licences, …

use super::Finding;
use crate::files::File;

/// Fields that a member inherits from the workspace.
const INHERITED: [&str; 4] = ["version", "edition", "rust-version", "license"];
/// Where the crates lie that are published; other members say `publish = false`.
const PUBLISHED: &str = "crates/";
/// A workspace of its own whose manifests are what a program outside would have: they inherit nothing.
const OUTSIDE: &str = "examples/embed/";
/// Most keywords and most categories that the registry takes.
const MOST_LABELS: usize = 5;
/// Files of the root.
const PAPERS: [&str; 9] = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "LICENSE-MIT",
    "LICENSE-APACHE",
    "Cargo.lock",
    "deny.toml",
];

/// Members inherit the package fields, the lints and every dependency's version, and have a description.
pub(super) fn members(files: &[File]) -> Vec<Finding> {
    let manifests = files
        .iter()
        .filter(|file| file.path != "Cargo.toml" && file.name() == "Cargo.toml")
        .filter(|file| !file.path.starts_with(OUTSIDE));
    manifests.flat_map(of_member).collect()
}

fn of_member(file: &File) -> Vec<Finding> {
    let manifest = match file.text.parse::<toml::Table>() {
        Ok(manifest) => manifest,
        Err(error) => return vec![Finding::in_file(file, error.message())],
    };
    let mut missing = Vec::new();
    let package = manifest.get("package");
    for field in INHERITED {
        if !package
            .and_then(|package| package.get(field))
            .is_some_and(is_inherited)
        {
            missing.push(format!(
                "`{field}.workspace = true` is missing in [package]"
            ));
        }
    }
    if package
        .and_then(|package| package.get("description"))
        .is_none()
    {
        missing.push("`description` is missing in [package]".to_owned());
    }
    if file.path.starts_with(PUBLISHED) {
        missing.extend(unpublishable(&manifest));
    } else if package.and_then(|package| package.get("publish")) != Some(&false.into()) {
        missing.push("`publish = false` is missing in [package]".to_owned());
    }
    if !manifest.get("lints").is_some_and(is_inherited) {
        missing.push("[lints] lacks `workspace = true`".to_owned());
    }
    for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let dependencies = manifest.get(section).and_then(toml::Value::as_table);
        for (name, dependency) in dependencies.into_iter().flatten() {
            if !is_inherited(dependency) {
                missing.push(format!("{name} in [{section}] has a version of its own"));
            }
        }
    }
    missing
        .into_iter()
        .map(|what| Finding::in_file(file, what))
        .collect()
}

/// What the registry and docs.rs would miss in the manifest of a published crate.
fn unpublishable(manifest: &toml::Table) -> Vec<String> {
    let mut missing = Vec::new();
    let package = manifest.get("package");
    let of_package = |field| package.and_then(|package| package.get(field));
    if !of_package("publish").is_some_and(is_inherited) {
        missing.push("`publish.workspace = true` is missing in [package]".to_owned());
    }
    if of_package("readme").and_then(toml::Value::as_str) != Some("README.md") {
        missing.push("`readme = \"README.md\"` is missing in [package]".to_owned());
    }
    for field in ["keywords", "categories"] {
        let labels = of_package(field).and_then(toml::Value::as_array);
        if !labels.is_some_and(|labels| (1..=MOST_LABELS).contains(&labels.len())) {
            missing.push(format!("`{field}` in [package] needs one to {MOST_LABELS}"));
        }
    }
    let documented = of_package("metadata")
        .and_then(|metadata| metadata.get("docs")?.get("rs"))
        .and_then(|docs| docs.get("all-features"));
    if documented != Some(&true.into()) {
        missing.push("[package.metadata.docs.rs] lacks `all-features = true`".to_owned());
    }
    missing
}

/// Crates of ours are named with their path and the version of the workspace, without which none can be published, and
/// descriptions of HTTP APIs have that version too.
pub(super) fn versions(files: &[File]) -> Vec<Finding> {
    let Some(root) = files.iter().find(|file| file.path == "Cargo.toml") else {
        return Vec::new();
    };
    let manifest = match root.text.parse::<toml::Table>() {
        Ok(manifest) => manifest,
        Err(error) => return vec![Finding::in_file(root, error.message())],
    };
    let workspace = manifest.get("workspace");
    let version = workspace
        .and_then(|workspace| workspace.get("package"))
        .and_then(|package| package.get("version"))
        .and_then(toml::Value::as_str);
    let dependencies = workspace
        .and_then(|workspace| workspace.get("dependencies"))
        .and_then(toml::Value::as_table);
    let crates = dependencies
        .into_iter()
        .flatten()
        .filter(|(_, dependency)| dependency.get("path").is_some())
        .filter(|(_, dependency)| {
            dependency.get("version").and_then(toml::Value::as_str) != version
        })
        .map(|(name, _)| {
            Finding::in_file(root, format!("{name} lacks the version of the workspace"))
        });
    let descriptions = files
        .iter()
        .filter(|file| file.name() == "openapi.json")
        .filter(|file| described_version(&file.text).is_some_and(|found| Some(&*found) != version))
        .map(|file| Finding::in_file(file, "its version is not that of the workspace"));
    crates.chain(descriptions).collect()
}

/// `info.version` of a description of an HTTP API.
fn described_version(text: &str) -> Option<String> {
    let description: serde_json::Value = serde_json::from_str(text).ok()?;
    let version = description.get("info")?.get("version")?;
    Some(version.as_str()?.to_owned())
}

fn is_inherited(value: &toml::Value) -> bool {
    value.get("workspace").and_then(toml::Value::as_bool) == Some(true)
}

/// Reports missing files of the root.
pub(super) fn papers(files: &[File]) -> Vec<Finding> {
    PAPERS
        .iter()
        .filter(|paper| !files.iter().any(|file| file.path == **paper))
        .map(|paper| Finding {
            path: (*paper).to_owned(),
            line: None,
            what: "is missing".to_owned(),
        })
        .collect()
}
