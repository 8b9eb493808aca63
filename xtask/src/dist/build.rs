//! The command, built so that neither the time nor the place of the build is in it.

use std::fs;
use std::path::{Path, PathBuf};

use super::target::Target;
use crate::cargo::{self, Cargo};
use crate::problem::{Outcome, Problem};

/// Separates flags in `CARGO_ENCODED_RUSTFLAGS`, so that paths may have blanks.
const SEPARATOR: &str = "\u{1f}";

/// What is the same for all targets of one build.
pub(super) struct Build {
    /// The version of the workspace.
    pub(super) version: String,
    /// Unix seconds that files are dated with: those of the commit, or of `SOURCE_DATE_EPOCH`.
    pub(super) seconds: u64,
    /// Cargo's folder for it.
    pub(super) folder: PathBuf,
    /// The profile of the command: `dist`, or for a check that has no time `release`.
    profile: &'static str,
}

impl Build {
    /// A build in the folder `target/dist-<name>`.
    pub(super) fn new(name: &str, is_quick: bool) -> Outcome<Self> {
        Ok(Self {
            version: version()?,
            seconds: seconds(),
            folder: cargo::root().join("target").join(format!("dist-{name}")),
            profile: if is_quick { "release" } else { "dist" },
        })
    }

    /// Builds the command for a target and returns its bytes.
    pub(super) fn command(&self, target: &Target) -> Outcome<Vec<u8>> {
        let triple = target.triple;
        let variable = triple.replace('-', "_");
        let prefixes = self.prefixes();
        let flags = prefixes
            .iter()
            .map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()))
            .collect::<Vec<_>>();
        let c_flags = prefixes
            .iter()
            .map(|(from, to)| format!("-ffile-prefix-map={}={to}", from.display()))
            .collect::<Vec<_>>();
        Cargo::new([
            "build",
            "--locked",
            "--profile",
            self.profile,
            "--package",
            "segue",
        ])
        .arguments(["--target", triple, "--target-dir"])
        .arguments([&self.folder])
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join(SEPARATOR))
        .env("CFLAGS", c_flags.join(" "))
        .env(&format!("CC_{variable}"), target.compiler())
        .env(
            &format!("CARGO_TARGET_{}_LINKER", variable.to_uppercase()),
            target.linker(),
        )
        .env("SOURCE_DATE_EPOCH", self.seconds.to_string())
        .run("mend what the compiler says above")?;
        let program = self.folder.join(triple).join(self.profile).join("segue");
        fs::read(&program).map_err(|error| Problem::file(&program, &error))
    }

    /// Folders of this machine, and what is written instead of them. The last that fits counts.
    fn prefixes(&self) -> Vec<(PathBuf, &'static str)> {
        let mut prefixes = vec![(cargo::root().to_path_buf(), "/segue")];
        if let Some(home) = cargo_home() {
            prefixes.push((home, "/cargo"));
        }
        prefixes.push((self.folder.clone(), "/build"));
        prefixes
    }
}

/// Where Cargo keeps the sources of dependencies.
fn cargo_home() -> Option<PathBuf> {
    let named = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    named.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
}

fn version() -> Outcome<String> {
    let path = cargo::root().join("Cargo.toml");
    let text = fs::read_to_string(&path).map_err(|error| Problem::file(&path, &error))?;
    version_of(&text).ok_or_else(|| {
        Problem::new(
            "Cargo.toml has no version in [workspace.package]",
            "write `version = \"…\"` there",
        )
    })
}

fn version_of(manifest: &str) -> Option<String> {
    let manifest: toml::Table = manifest.parse().ok()?;
    let package = manifest.get("workspace")?.get("package")?;
    Some(package.get("version")?.as_str()?.to_owned())
}

/// When the sources are from; the beginning of Unix time where nobody knows.
fn seconds() -> u64 {
    let named = std::env::var("SOURCE_DATE_EPOCH").ok();
    let committed = || git(cargo::root(), &["log", "-1", "--format=%ct"]);
    named
        .or_else(committed)
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(0)
}

fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let mut git = std::process::Command::new("git");
    let output = git.current_dir(folder).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then_some(text)
}

#[cfg(test)]
mod tests {
    use super::{Build, version_of};

    #[test]
    fn paths_of_this_machine_are_written_as_others() {
        let build = Build::new("test", false).unwrap();
        let prefixes = build.prefixes();
        assert_eq!(prefixes[0].0, crate::cargo::root());
        assert_eq!(prefixes.last().unwrap().1, "/build");
    }

    #[test]
    fn the_version_is_that_of_the_workspace() {
        let manifest = "[workspace.package]\nversion = \"1.2.3\"\n";
        assert_eq!(version_of(manifest).as_deref(), Some("1.2.3"));
        assert_eq!(version_of("[package]\nversion = \"1.2.3\"\n"), None);
    }
}
