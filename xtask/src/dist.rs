//! `cargo xtask dist`: the archives of a release, the same bytes each time for the same sources and the same compiler.
//!
//! An archive holds the command, its manual pages and completions, what a service needs, the list of its parts (`CycloneDX`),
//! and the licences of all parts. Each is unpacked and tried. Beside the archives lies `SHA256SUMS`.

mod archive;
mod build;
mod contents;
mod install;
mod licences;
mod manuals;
mod packages;
mod sbom;
mod target;
mod trial;

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::problem::{Outcome, Problem};
use crate::{cargo, terminal};
use target::Target;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Build for this target; by default for each Linux target that is installed, of two for one processor the static one
    #[arg(long, value_name = "TRIPLE", value_parser = target::names())]
    target: Vec<String>,
    /// Build everything once more in another folder, and compare the bytes
    #[arg(long)]
    verify: bool,
    /// Build without link-time optimization, in a fraction of the time: for a look at the archives, not for a release
    #[arg(long)]
    quick: bool,
    /// Install the target of this machine's processor whose programs are static, and its C compiler, as root on Debian
    #[arg(long)]
    install: bool,
}

/// Where the archives lie, relative to the workspace.
const FOLDER: &str = "target/dist-archives";

pub(crate) fn run(args: &Args) -> Outcome {
    if args.install {
        install::static_target()?;
    }
    let targets = target::choose(&args.target)?;
    let folder = cargo::root().join(FOLDER);
    let archives = make(&targets, "first", args.quick)?;
    write_all(&folder, &archives)?;
    if args.verify {
        let again = make(&targets, "second", args.quick)?;
        compare(&archives, &again)?;
        println!("built twice, in two folders: the same bytes");
    }
    for (name, _) in &archives {
        println!("{}", cargo::shown(&folder.join(name)));
    }
    Ok(())
}

/// The archives and their checksums, by file name. `folder` names the folder of the build.
fn make(targets: &[&Target], folder: &str, is_quick: bool) -> Outcome<Vec<(String, Vec<u8>)>> {
    let build = build::Build::new(folder, is_quick)?;
    let manuals = manuals::write(&build)?;
    let mut archives = Vec::new();
    for target in targets {
        cargo::heading(&format!("{}: {}", target.triple, target.about()));
        let program = build.command(target)?;
        let packages = packages::of_command(target)?;
        let name = format!("segue-{}-{}", build.version, target.triple);
        let files = contents::of_archive(&build, &program, &manuals, &packages)?;
        let archive = archive::pack(&name, &files, build.seconds)?;
        trial::run(target, &name, &archive)?;
        archives.push((format!("{name}.tar.gz"), archive));
    }
    let sums = archives.iter().fold(String::new(), |sums, (name, bytes)| {
        sums + &format!("{}  {name}\n", hex::encode(Sha256::digest(bytes)))
    });
    archives.push(("SHA256SUMS".to_owned(), sums.into_bytes()));
    Ok(archives)
}

/// Writes the files into an empty folder.
fn write_all(folder: &Path, files: &[(String, Vec<u8>)]) -> Outcome {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| Problem::file(folder, &error))?;
    }
    fs::create_dir_all(folder).map_err(|error| Problem::file(folder, &error))?;
    for (name, bytes) in files {
        let path: PathBuf = folder.join(name);
        fs::write(&path, bytes).map_err(|error| Problem::file(&path, &error))?;
    }
    Ok(())
}

/// Fails when two builds differ.
fn compare(first: &[(String, Vec<u8>)], second: &[(String, Vec<u8>)]) -> Outcome {
    let differing: Vec<&str> = first
        .iter()
        .zip(second)
        .filter(|(first, second)| first != second)
        .map(|((name, _), _)| name.as_str())
        .collect();
    if differing.is_empty() && first.len() == second.len() {
        return Ok(());
    }
    println!("{}", terminal::bad("two builds differ"));
    Err(Problem::new(
        format!("built twice, these differ: {}", differing.join(", ")),
        "compare the two programs below target/dist-first and target/dist-second, with `cmp -l` or diffoscope",
    ))
}

#[cfg(test)]
mod tests {
    use super::compare;

    #[test]
    fn builds_of_the_same_bytes_pass_and_others_are_named() {
        let file = |name: &str, bytes: &[u8]| (name.to_owned(), bytes.to_vec());
        let first = [file("a.tar.gz", b"1"), file("SHA256SUMS", b"2")];
        assert!(compare(&first, &first).is_ok());
        let second = [file("a.tar.gz", b"3"), file("SHA256SUMS", b"2")];
        let problem = compare(&first, &second).unwrap_err().to_string();
        assert!(
            problem.contains("a.tar.gz") && !problem.contains("SHA256SUMS"),
            "{problem}"
        );
        assert!(compare(&first, &second[..1]).is_err());
    }
}
