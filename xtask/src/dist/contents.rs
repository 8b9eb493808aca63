//! What lies in an archive.

use std::fs;

use super::archive::{Entry, Files};
use super::build::Build;
use super::packages::Packages;
use super::{licences, sbom};
use crate::cargo;
use crate::problem::{Outcome, Problem};

/// Files of the repository that go into an archive, under the same path.
const COPIED: [&str; 8] = [
    "CHANGELOG.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "SECURITY.md",
    "deploy/segue.service",
    "deploy/segue.sysusers",
    "examples/segue.toml",
    "examples/shop.ndjson",
];

/// The files of one target's archive.
pub(super) fn of_archive(
    build: &Build,
    program: &[u8],
    manuals: &Files,
    packages: &Packages,
) -> Outcome<Files> {
    let mut files = manuals.clone();
    for path in COPIED {
        let source = cargo::root().join(path);
        let text = fs::read_to_string(&source).map_err(|error| Problem::file(&source, &error))?;
        files.insert(path.to_owned(), Entry::text(text));
    }
    // The page of the crate: its links need no repository around it.
    let readme = cargo::root().join("crates/segue/README.md");
    let text = fs::read_to_string(&readme).map_err(|error| Problem::file(&readme, &error))?;
    files.insert("README.md".to_owned(), Entry::text(text));
    files.insert("segue".to_owned(), Entry::program(program.to_vec()));
    let list = sbom::render(&build.version, packages);
    files.insert("segue.cdx.json".to_owned(), Entry::text(list));
    let page = licences::render(packages)?;
    files.insert("THIRD-PARTY-LICENSES.md".to_owned(), Entry::text(page));
    Ok(files)
}
