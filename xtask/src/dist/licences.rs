//! The licences of everything that is compiled into the command, each text once.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::packages::Packages;
use super::sbom::spdx;
use crate::problem::{Outcome, Problem};

/// How the names of files with licences begin, in small letters.
const NAMES: [&str; 5] = ["license", "licence", "copying", "notice", "unlicense"];

/// The page: a table of packages, then the texts with the packages that they belong to.
pub(super) fn render(packages: &Packages) -> Outcome<String> {
    let mut table = String::new();
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (id, package) in packages.iter().filter(|(_, package)| package.is_foreign()) {
        let name = format!("{} {}", id.name, id.version);
        let licence = spdx(package.licence.as_deref().unwrap_or_default());
        let found = texts_in(&package.folder)?;
        let remark = if found.is_empty() {
            " (its package has no text of its own)"
        } else {
            ""
        };
        let _ = writeln!(table, "- {name}: {licence}{remark}");
        for text in found {
            texts.entry(text).or_default().push(name.clone());
        }
    }
    let mut page = format!(
        "# Licences of other people's work in this program\n\n\
         segue itself is licensed under MIT or Apache 2.0, at your choice. It is built from the packages below and from \
         the\nstandard library of Rust (MIT OR Apache-2.0, https://github.com/rust-lang/rust).\n\n{table}"
    );
    for (text, owners) in by_first_owner(&texts) {
        let _ = write!(page, "\n## {}\n\n```text\n{text}\n```\n", owners.join(", "));
    }
    Ok(page)
}

/// Texts in the order of the packages that they belong to.
fn by_first_owner(texts: &BTreeMap<String, Vec<String>>) -> Vec<(&str, &[String])> {
    let mut sorted: Vec<(&str, &[String])> = texts
        .iter()
        .map(|(text, owners)| (text.as_str(), owners.as_slice()))
        .collect();
    sorted.sort_by(|first, second| first.1.cmp(second.1).then(first.0.cmp(second.0)));
    sorted
}

/// The texts in a package's folder, in the order of their file names.
fn texts_in(folder: &Path) -> Outcome<Vec<String>> {
    let entries = fs::read_dir(folder).map_err(|error| Problem::file(folder, &error))?;
    let mut paths: Vec<_> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.is_file() && is_licence(path))
        .collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let text = fs::read(path).map_err(|error| Problem::file(path, &error))?;
        let text = String::from_utf8_lossy(&text).replace("\r\n", "\n");
        Ok(text.trim().to_owned())
    };
    paths.iter().map(read).collect()
}

fn is_licence(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.to_lowercase();
    NAMES.iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::super::packages::{Id, Package, Packages};
    use super::render;

    #[test]
    fn a_text_of_several_packages_appears_once_and_ours_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let mut packages = Packages::new();
        for (name, checksum, text) in [
            ("a", Some("1"), Some("Permission is granted.\r\n")),
            ("b", Some("2"), Some("Permission is granted.\n\n")),
            ("c", Some("3"), None),
            ("ours", None, Some("Ours.")),
        ] {
            let folder = folder.path().join(name);
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("lib.rs"), "not a licence").unwrap();
            if let Some(text) = text {
                fs::write(folder.join("LICENSE-MIT"), text).unwrap();
            }
            let id = Id {
                name: name.to_owned(),
                version: "1.0.0".to_owned(),
            };
            let package = Package {
                licence: Some("MIT".to_owned()),
                description: None,
                repository: None,
                checksum: checksum.map(str::to_owned),
                folder,
                dependencies: BTreeSet::new(),
            };
            packages.insert(id, package);
        }
        let page = render(&packages).unwrap();
        assert_eq!(page.matches("Permission is granted.").count(), 1, "{page}");
        assert!(page.contains("\n## a 1.0.0, b 1.0.0\n"), "{page}");
        assert!(page.contains("- c 1.0.0: MIT (its package has no text of its own)\n"));
        assert!(!page.contains("Ours.") && !page.contains("not a licence"));
    }
}
