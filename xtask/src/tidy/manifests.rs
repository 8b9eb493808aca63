//! Manifests inherit from the workspace, and the root has the files that a stranger looks for: README, licences, …

use super::Finding;
use crate::files::File;

/// Fields that a member inherits from the workspace.
const INHERITED: [&str; 5] = ["version", "edition", "rust-version", "license", "publish"];
/// Files of the root.
const PAPERS: [&str; 7] = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "LICENSE-MIT",
    "LICENSE-APACHE",
    "Cargo.lock",
];

/// Members inherit the package fields, the lints and every dependency's version, and have a description.
pub(super) fn members(files: &[File]) -> Vec<Finding> {
    let manifests = files
        .iter()
        .filter(|file| file.path != "Cargo.toml" && file.name() == "Cargo.toml");
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
