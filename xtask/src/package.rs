//! `cargo xtask package`: the crates as the registry would get them, each built from its own archive.

use crate::cargo::{self, Cargo};
use crate::files;
use crate::problem::{Outcome, Problem};

#[derive(clap::Args)]
pub(crate) struct Args {}

/// What every archive holds beside the code.
const PAPERS: [&str; 3] = ["LICENSE-APACHE", "LICENSE-MIT", "README.md"];

/// Where the archives and their builds lie, relative to the workspace. One folder for all: otherwise Cargo builds the
/// dependencies of each crate anew.
const FOLDER: &str = "target/packages";

pub(crate) fn run(_: &Args) -> Outcome {
    make_archives(&[])?;
    println!("the archives are in {FOLDER}/package");
    Ok(())
}

/// Fails when a crate could not be published because a file or a version is missing. Whether each builds outside of the
/// workspace takes many minutes to find out, and is left to [`run`].
pub(crate) fn check() -> Outcome {
    make_archives(&["--no-verify"])
}

fn make_archives(flags: &[&str]) -> Outcome {
    let names = files::crate_names()?;
    let mut missing = Vec::new();
    for name in &names {
        let listing = Cargo::new(["package", "--quiet", "--allow-dirty", "--list", "--package"])
            .arguments([name])
            .read("correct the manifest that the message above names")?;
        missing.extend(missing_papers(name, &listing));
    }
    if !missing.is_empty() {
        return Err(Problem::new(
            missing.join("\n       "),
            "write README.md with `cargo xtask gen`; the licences are links to those of the root: \
             `cd crates/NAME && ln -s ../../LICENSE-MIT ../../LICENSE-APACHE .`",
        ));
    }
    let packages: Vec<_> = names
        .iter()
        .flat_map(|name| ["--package", name.as_str()])
        .collect();
    // Changes that are not committed do not matter to a check.
    Cargo::new(["package", "--quiet", "--locked", "--allow-dirty"])
        .arguments(packages)
        .arguments(flags)
        .env("CARGO_TARGET_DIR", cargo::root().join(FOLDER))
        .run("run `cargo package --workspace` and mend what it says")
}

/// A sentence for each of the papers that the files of a crate's archive lack.
fn missing_papers(name: &str, listing: &str) -> Vec<String> {
    let lacking = PAPERS
        .iter()
        .filter(|paper| !listing.lines().any(|file| file == **paper));
    lacking
        .map(|paper| format!("{name}: no {paper} in its archive"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::missing_papers;

    #[test]
    fn a_crate_without_readme_or_licence_is_found() {
        let listing = "Cargo.toml\nLICENSE-APACHE\nsrc/README.md\nsrc/lib.rs\n";
        assert_eq!(
            missing_papers("a", listing),
            [
                "a: no LICENSE-MIT in its archive",
                "a: no README.md in its archive"
            ]
        );
        assert!(missing_papers("b", "LICENSE-APACHE\nLICENSE-MIT\nREADME.md\n").is_empty());
    }
}
