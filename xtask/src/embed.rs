//! `cargo xtask embed`: builds and runs the programs of `examples/embed`, which use the crates from outside of this workspace.

use std::fs;
use std::path::Path;

use crate::cargo::{self, Cargo};
use crate::problem::{Outcome, Problem};
use crate::terminal;

#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args) -> Outcome {
    check()
}

/// Fails when a program does not build, or prints something else than its `expected.txt`.
pub(crate) fn check() -> Outcome {
    let folder = cargo::root().join("examples").join("embed");
    for name in programs(&folder)? {
        // The same folder for what is built as here: most dependencies are the same. Not locked: as with a program of someone
        // else, what a crate has come to depend on is added to the workspace's own Cargo.lock.
        let printed = Cargo::new(["run", "--quiet", "--package", &name])
            .arguments([
                "--manifest-path".as_ref(),
                folder.join("Cargo.toml").as_os_str(),
            ])
            .env("CARGO_TARGET_DIR", cargo::root().join("target"))
            .read("adapt the program to the crates, or mend the crates")?;
        let path = folder.join(&name).join("expected.txt");
        let expected = fs::read_to_string(&path).map_err(|error| Problem::file(&path, &error))?;
        if printed != expected {
            println!("{}", terminal::difference(&expected, &printed, 1));
            return Err(Problem::new(
                format!("examples/embed/{name} prints something else than its expected.txt"),
                "if what it prints is right, write it to expected.txt",
            ));
        }
        println!("{name}: as expected");
    }
    Ok(())
}

/// The members of the workspace, in alphabetical order.
fn programs(folder: &Path) -> Outcome<Vec<String>> {
    let entries = fs::read_dir(folder).map_err(|error| Problem::file(folder, &error))?;
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().join("Cargo.toml").is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    Ok(names)
}
