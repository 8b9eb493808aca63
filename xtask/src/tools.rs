//! Programs that a single command needs: installed with cargo into `target/tools`, when they are needed for the first time.

use std::path::PathBuf;

use crate::cargo::{self, Cargo};
use crate::problem::Outcome;

/// A program of a crate of the same name.
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
}

impl Tool {
    /// Where the program lies; installs it when it is not there.
    pub(crate) fn installed(&self) -> Outcome<PathBuf> {
        let root = cargo::root().join("target").join("tools");
        let program = root
            .join("bin")
            .join(self.name)
            .with_extension(std::env::consts::EXE_EXTENSION);
        if !program.is_file() {
            println!(
                "{} is not installed yet: this takes a minute or two",
                self.name
            );
            Cargo::new(["install", "--quiet", "--locked", self.name])
                .arguments(["--version", self.version])
                .arguments(["--root".as_ref(), root.as_os_str()])
                .run("connect to the network, or install it yourself into target/tools")?;
        }
        Ok(program)
    }
}
