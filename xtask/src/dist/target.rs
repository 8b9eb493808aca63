//! The targets that are released, and which of them this machine can build for.

use std::env::consts::ARCH;
use std::path::PathBuf;
use std::process::Command;

use crate::problem::{Outcome, Problem};

/// A target: its triple, its processor, and whether its programs need no library of the system.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) triple: &'static str,
    processor: &'static str,
    pub(super) is_static: bool,
    /// The C compiler on a machine with the same processor, and on others, where it links too.
    native_compiler: &'static str,
    cross_compiler: &'static str,
}

/// For each processor the static one first.
#[rustfmt::skip]
const TARGETS: [Target; 4] = [
    Target { triple: "x86_64-unknown-linux-musl",  processor: "x86_64",  is_static: true,  native_compiler: "musl-gcc", cross_compiler: "x86_64-linux-musl-gcc" },
    Target { triple: "x86_64-unknown-linux-gnu",   processor: "x86_64",  is_static: false, native_compiler: "cc",       cross_compiler: "x86_64-linux-gnu-gcc" },
    Target { triple: "aarch64-unknown-linux-musl", processor: "aarch64", is_static: true,  native_compiler: "musl-gcc", cross_compiler: "aarch64-linux-musl-gcc" },
    Target { triple: "aarch64-unknown-linux-gnu",  processor: "aarch64", is_static: false, native_compiler: "cc",       cross_compiler: "aarch64-linux-gnu-gcc" },
];

impl Target {
    /// What its programs need, for people.
    pub(super) fn about(&self) -> &'static str {
        if self.is_static {
            "static, for any Linux"
        } else {
            "for a Linux with glibc, as new as this machine's"
        }
    }

    /// Whether this machine has its processor.
    pub(super) fn is_native(&self) -> bool {
        self.processor == ARCH
    }

    /// The C compiler for it.
    pub(super) fn compiler(&self) -> &'static str {
        if self.is_native() {
            self.native_compiler
        } else {
            self.cross_compiler
        }
    }

    /// What links for it. `musl-gcc` is no linker for it: it knows no `-static-pie`, and makes a program that looks for
    /// musl's library; `cc` links what Rust brings for musl.
    pub(super) fn linker(&self) -> &'static str {
        if self.is_native() {
            "cc"
        } else {
            self.cross_compiler
        }
    }

    /// What is missing to build for it, with advice; nothing when it can be built for.
    fn missing(&self) -> Option<String> {
        if !standard_library(self.triple).is_some_and(|folder| folder.is_dir()) {
            return Some(format!("`rustup target add {}`", self.triple));
        }
        let compiler = self.compiler();
        let answer = Command::new(compiler).arg("--version").output();
        let starts = answer.is_ok_and(|output| output.status.success());
        (!starts).then(|| format!("the C compiler {compiler}"))
    }
}

/// The triples, for the command line.
pub(super) fn names() -> [&'static str; TARGETS.len()] {
    TARGETS.map(|target| target.triple)
}

/// The static target of this machine's processor, for `--install`.
pub(super) fn static_native() -> Option<&'static str> {
    let found = TARGETS
        .iter()
        .find(|target| target.is_static && target.processor == ARCH);
    found.map(|target| target.triple)
}

/// The targets with these triples; without any, those that can be built for. Says which are left out, and why.
pub(super) fn choose(triples: &[String]) -> Outcome<Vec<&'static Target>> {
    let (chosen, left_out) = choose_with(triples, Target::missing);
    if !triples.is_empty() && !left_out.is_empty() {
        return Err(Problem::new(left_out.join("; "), "install what is missing"));
    }
    for sentence in left_out {
        println!("left out: {sentence}");
    }
    if chosen.is_empty() {
        return Err(Problem::new(
            "no target can be built for",
            "run `rustup target add x86_64-unknown-linux-musl` and install musl-gcc (Debian: musl-tools)",
        ));
    }
    Ok(chosen)
}

fn choose_with(
    triples: &[String],
    missing: impl Fn(&Target) -> Option<String>,
) -> (Vec<&'static Target>, Vec<String>) {
    let mut chosen: Vec<&Target> = Vec::new();
    let mut left_out = Vec::new();
    for target in &TARGETS {
        let wanted = if triples.is_empty() {
            // One archive for a processor is enough; the static one runs everywhere.
            !chosen
                .iter()
                .any(|other| other.processor == target.processor)
        } else {
            triples.iter().any(|triple| triple == target.triple)
        };
        if !wanted {
            continue;
        }
        match missing(target) {
            Some(what) => left_out.push(format!("{} (missing: {what})", target.triple)),
            None => chosen.push(target),
        }
    }
    (chosen, left_out)
}

/// The folder of the standard library for a target, whether or not it is there.
fn standard_library(triple: &str) -> Option<PathBuf> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).args(["--print", "sysroot"]).output();
    let sysroot = String::from_utf8(output.ok()?.stdout).ok()?;
    let folder = PathBuf::from(sysroot.trim());
    Some(folder.join("lib").join("rustlib").join(triple).join("lib"))
}

#[cfg(test)]
mod tests {
    use super::{Target, choose_with};

    fn triples(
        missing: impl Fn(&Target) -> Option<String>,
        wanted: &[String],
    ) -> Vec<&'static str> {
        let (chosen, _) = choose_with(wanted, missing);
        chosen.iter().map(|target| target.triple).collect()
    }

    #[test]
    fn one_archive_for_each_processor_the_static_one_where_it_can_be_built() {
        assert_eq!(
            triples(|_| None, &[]),
            ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"]
        );
        let no_musl = |target: &Target| target.is_static.then(|| "musl-gcc".to_owned());
        assert_eq!(
            triples(no_musl, &[]),
            ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"]
        );
    }

    #[test]
    fn a_target_that_is_asked_for_and_cannot_be_built_is_left_out_with_its_reason() {
        let wanted = ["aarch64-unknown-linux-gnu".to_owned()];
        let (chosen, left_out) = choose_with(&wanted, |_| Some("a compiler".to_owned()));
        assert!(chosen.is_empty());
        assert_eq!(
            left_out,
            ["aarch64-unknown-linux-gnu (missing: a compiler)"]
        );
    }
}
