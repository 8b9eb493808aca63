//! The lock files of the workspaces beside this one know the crates of this one by their present version.

use std::collections::BTreeSet;

use super::Finding;
use crate::files::File;

/// Finds lock files with another version of a crate of ours.
pub(super) fn versions(files: &[File]) -> Vec<Finding> {
    let Some(root) = files.iter().find(|file| file.path == "Cargo.toml") else {
        return Vec::new();
    };
    let Ok(manifest) = root.text.parse::<toml::Table>() else {
        return Vec::new();
    };
    let workspace = manifest.get("workspace");
    let member = |table| workspace.and_then(|workspace| workspace.get(table));
    let version = member("package").and_then(|package| package.get("version")?.as_str());
    let dependencies = member("dependencies").and_then(toml::Value::as_table);
    let ours: BTreeSet<&str> = dependencies
        .into_iter()
        .flatten()
        .filter(|(_, dependency)| dependency.get("path").is_some())
        .map(|(name, _)| name.as_str())
        .collect();
    let is_other = |file: &&File| file.name() == "Cargo.lock" && file.path != "Cargo.lock";
    let locks = files.iter().filter(is_other);
    locks
        .flat_map(|file| stale(file, &ours, version.unwrap_or_default()))
        .collect()
}

fn stale(file: &File, ours: &BTreeSet<&str>, version: &str) -> Vec<Finding> {
    let lock = match file.text.parse::<toml::Table>() {
        Ok(lock) => lock,
        Err(error) => return vec![Finding::in_file(file, error.message())],
    };
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let of_ours = packages.into_iter().flatten().filter_map(|package| {
        let text = |field| package.get(field).and_then(toml::Value::as_str);
        let name = text("name").filter(|name| ours.contains(name))?;
        let is_local = text("source").is_none();
        (is_local && text("version") != Some(version)).then_some(name)
    });
    of_ours
        .map(|name| Finding::in_file(file, format!("{name} has not the version {version}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::versions;
    use crate::files::File;

    #[test]
    fn a_lock_with_an_earlier_version_of_a_crate_of_ours_is_found() {
        let file = |path: &str, text: &str| File {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        let root = "[workspace.package]\nversion = \"2.0.0\"\n[workspace.dependencies]\n\
                    a = { path = \"a\", version = \"2.0.0\" }\nserde = \"1\"\n";
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\
                    [[package]]\nname = \"serde\"\nversion = \"1.0.0\"\nsource = \"registry\"\n\
                    [[package]]\nname = \"fuzz\"\nversion = \"0.0.0\"\n";
        let of = |lock: &str| versions(&[file("Cargo.toml", root), file("fuzz/Cargo.lock", lock)]);
        let found = of(lock);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].what, "a has not the version 2.0.0");
        assert!(of(&lock.replacen("1.0.0", "2.0.0", 1)).is_empty());
    }
}
