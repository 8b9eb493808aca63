//! Cargo as a child process, and the path of the workspace.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::LazyLock;

use crate::problem::{Outcome, Problem};
use crate::terminal;

/// The folder of the workspace's `Cargo.toml`.
pub(crate) fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        // Cargo sets the variable for `cargo run` and for tests, so a tree that was moved after it was built works.
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let start = manifest
            .or_else(|| std::env::current_dir().ok())
            .unwrap_or_default();
        let found = start
            .ancestors()
            .find(|folder| folder.join("Cargo.lock").is_file());
        found.map_or_else(|| start.clone(), Path::to_path_buf)
    });
    &ROOT
}

/// The path relative to the workspace, for output.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .display()
        .to_string()
}

/// A cargo command line to be run in the workspace.
pub(crate) struct Cargo {
    command: Command,
    line: String,
}

impl Cargo {
    /// Cargo with these arguments.
    pub(crate) fn new<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Self {
        let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut cargo = Self {
            command: Command::new(program),
            line: "cargo".to_owned(),
        };
        cargo.command.current_dir(root());
        cargo.arguments(arguments)
    }

    /// A program that Cargo has built, run as Cargo runs it.
    pub(crate) fn program(path: impl AsRef<Path>) -> Self {
        let mut command = Command::new(path.as_ref());
        command.current_dir(root());
        Self {
            command,
            line: shown(path.as_ref()),
        }
    }

    /// Adds arguments.
    pub(crate) fn arguments<S: AsRef<OsStr>>(
        mut self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Self {
        for argument in arguments {
            self.line.push(' ');
            self.line.push_str(&argument.as_ref().to_string_lossy());
            self.command.arg(argument);
        }
        self
    }

    /// Sets a variable of the child's environment.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it with our output streams; `next` is the advice when it fails.
    pub(crate) fn run(mut self, next: &str) -> Outcome {
        let status = self.command.status();
        self.check_status(status, next)
    }

    /// Runs it and calls `each` with every line of its standard output; its standard error is ours.
    pub(crate) fn run_by_line(mut self, mut each: impl FnMut(&str), next: &str) -> Outcome {
        self.command.stdout(Stdio::piped());
        let status = self.command.spawn().and_then(|mut child| {
            let output = child.stdout.take().into_iter();
            for line in output.flat_map(|output| BufReader::new(output).split(b'\n')) {
                each(&String::from_utf8_lossy(&line?));
            }
            child.wait()
        });
        self.check_status(status, next)
    }

    /// Runs it and returns what it wrote to standard output. Its standard error is ours.
    pub(crate) fn read(mut self, next: &str) -> Outcome<String> {
        self.command.stderr(Stdio::inherit());
        let output = self.command.output();
        let text = output
            .as_ref()
            .map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        let text = text.unwrap_or_default();
        self.check_status(output.map(|output| output.status), next)
            .map(|()| text)
    }

    fn check_status(&self, status: std::io::Result<ExitStatus>, next: &str) -> Outcome {
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(_) => Err(Problem::new(format!("`{}` failed", self.line), next)),
            Err(error) => Err(Problem::new(
                format!("`{}` could not be started: {error}", self.line),
                "install the Rust toolchain that Cargo.toml names",
            )),
        }
    }
}

/// Whether cargo has a subcommand that is installed by itself.
pub(crate) fn has_subcommand(name: &str) -> bool {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(program).args([name, "--version"]).output();
    output.is_ok_and(|output| output.status.success())
}

/// The time since then, in seconds or minutes.
pub(crate) fn elapsed(since: std::time::Instant) -> String {
    let seconds = since.elapsed().as_secs_f64();
    if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        format!(
            "{} min {:02.0} s",
            since.elapsed().as_secs() / 60,
            seconds % 60.0
        )
    }
}

/// By how much a figure has changed, in percent.
pub(crate) fn change(before: u64, now: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a percentage for people")]
    let percent = (now as f64 / before as f64 - 1.0) * 100.0;
    format!("{percent:+.1} %")
}

/// Prints a heading.
pub(crate) fn heading(text: &str) {
    println!("{}", terminal::strong(format_args!("── {text}")));
}
